/** Probes of the simulator: each service's answers have a mood that changes; answers may still arrive after the end. */
import type { Rates } from './scenario.ts';
import type { CheckResult } from '../model/check.ts';
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
  readonly #watched = new Map<ServiceName, Watched>();

  constructor(parts: { readonly clock: Clock; readonly random: Random; readonly rates: Rates; readonly tell: Tell }) {
    this.#clock = parts.clock;
    this.#random = parts.random;
    this.rates = parts.rates;
    this.#tell = parts.tell;
  }

  /** The services that are being asked about. */
  get watched(): readonly ServiceName[] {
    return [...this.#watched.keys()];
  }

  watch(subject: ProbeSubject): void {
    this.forget(subject.service);
    const watched: Watched = { subject, timer: { [Symbol.dispose]: () => {} }, mood: 'pass' };
    this.#watched.set(subject.service, watched);
    this.#schedule(watched, 1);
  }

  forget(service: ServiceName): void {
    this.#watched.get(service)?.timer[Symbol.dispose]();
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
    if (this.#random.draw() < this.rates.probeFails) watched.mood = watched.mood === 'pass' ? 'fail' : 'pass';
    if (this.rates.probeFails === 0) watched.mood = 'pass';
    const answer = watched.mood;
    const message = answer === 'pass' ? '200 OK' : 'connection refused';
    const report = { service, run, question, answer, message, at: this.#clock.now(), latencyMs: 1 };
    // An answer on its way is not called back when the question is dropped.
    if (this.#random.draw() < this.rates.reportLate)
      this.#clock.after(5 + this.#random.draw() * 400, () => this.#tell(report));
    else if (this.#random.draw() >= this.rates.reportLost) this.#tell(report);
    if (this.#watched.get(service) !== watched) return;
    this.#schedule(watched, cadence === 'starting' ? probe.startIntervalMs : probe.intervalMs);
  }
}
