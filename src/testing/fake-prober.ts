/** Probes of the simulator: each service's answers have a mood that changes; answers may still arrive after the end. */
import type { Rates } from './scenario.ts';
import type { CheckResult } from '../model/check.ts';
import type { SeededRandom } from '../clock/random.ts';
import type { Question } from '../model/event.ts';
import type { ServiceName } from '../model/spec.ts';
import type { Clock } from '../ports/clock.ts';
import type { ProbeSubject, Prober, Tell } from '../ports/prober.ts';
import type { Random } from '../ports/random.ts';

interface Watched {
  subject: ProbeSubject;
  timer: Disposable;
  mood: 'pass' | 'fail';
}

/** The prober of one daemon. */
export class FakeProber implements Prober, Disposable {
  rates: Rates;
  readonly #clock: Clock;
  readonly #random: Random;
  readonly #tell: Tell;
  readonly #beats: Random;
  readonly #watched = new Map<ServiceName, Map<Question, Watched>>();

  constructor(parts: {
    readonly clock: Clock;
    readonly random: SeededRandom;
    readonly rates: Rates;
    readonly tell: Tell;
  }) {
    this.#clock = parts.clock;
    this.#random = parts.random;
    this.#beats = parts.random.fork('beats');
    this.rates = parts.rates;
    this.#tell = parts.tell;
  }

  /** The services that are being asked about. */
  get watched(): readonly ServiceName[] {
    return [...this.#watched.keys()];
  }

  watch(subject: ProbeSubject): void {
    const { service, question, probe } = subject;
    const questions = this.#watched.get(service) ?? new Map<Question, Watched>();
    this.#watched.set(service, questions);
    // Readiness gives way to liveness; signs of life are waited for beside them.
    for (const [other, asked] of questions)
      if (other === question || (other !== 'watchdog' && question !== 'watchdog')) asked.timer[Symbol.dispose]();
    if (question !== 'watchdog')
      for (const other of questions.keys()) if (other !== 'watchdog') questions.delete(other);
    const watched: Watched = { subject, timer: { [Symbol.dispose]: () => {} }, mood: 'pass' };
    questions.set(question, watched);
    this.#schedule(watched, question === 'watchdog' ? probe.intervalMs : 1);
  }

  forget(service: ServiceName): void {
    for (const watched of this.#watched.get(service)?.values() ?? []) watched.timer[Symbol.dispose]();
    this.#watched.delete(service);
  }

  ask(): Promise<CheckResult> {
    return Promise.resolve({ at: this.#clock.now(), answer: 'pass', latencyMs: 1, message: 'fine' });
  }

  checks(): readonly [] {
    return [];
  }

  [Symbol.dispose](): void {
    for (const service of this.#watched.keys()) this.forget(service);
  }

  #schedule(watched: Watched, delayMs: number): void {
    watched.timer = this.#clock.after(delayMs, () => this.#answer(watched));
  }

  #answer(watched: Watched): void {
    const { service, run, question, cadence, probe } = watched.subject;
    if (question === 'watchdog') return this.#listen(watched);
    if (this.#random.draw() < this.rates.probeFails) watched.mood = watched.mood === 'pass' ? 'fail' : 'pass';
    if (this.rates.probeFails === 0) watched.mood = 'pass';
    const answer = watched.mood;
    const message = answer === 'pass' ? '200 OK' : 'connection refused';
    const report = { service, run, question, answer, message, at: this.#clock.now(), latencyMs: 1 };
    // An answer on its way is not called back when the question is dropped.
    if (this.#random.draw() < this.rates.reportLate)
      this.#clock.after(5 + this.#random.draw() * 400, () => this.#tell(report));
    else if (this.#random.draw() >= this.rates.reportLost) this.#tell(report);
    if (this.#watched.get(service)?.get(question) !== watched) return;
    this.#schedule(watched, cadence === 'starting' ? probe.startIntervalMs : probe.intervalMs);
  }

  #listen(watched: Watched): void {
    const { service, run, question, probe } = watched.subject;
    const answer = this.#beats.draw() < this.rates.beatMissed ? 'fail' : 'pass';
    const message = answer === 'pass' ? 'a sign of life' : 'no sign of life';
    const report = { service, run, question, answer, message, at: this.#clock.now(), latencyMs: 0 } as const;
    if (this.#beats.draw() < this.rates.reportLate)
      this.#clock.after(5 + this.#beats.draw() * 400, () => this.#tell(report));
    else this.#tell(report);
    if (this.#watched.get(service)?.get(question) === watched) this.#schedule(watched, probe.intervalMs);
  }
}
