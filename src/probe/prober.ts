/**
 * The one scheduler of all checks: what is asked when, and what becomes of the answers.
 *
 * A check (service, run, question) lies on the agenda with the moment at which it is due; then it joins an asking of its
 * source, which is the question itself, shared by equal checks. The answer is kept with the check, told, and decides
 * with `pace.ts` when the check is due again. How often an answer must come before it means something is the core's.
 */
import type { Check, CheckResult } from '../model/check.ts';
import type { Question } from '../model/event.ts';
import type { ServiceName } from '../model/spec.ts';
import type { Clock } from '../ports/clock.ts';
import type { ProbeSubject, Prober, Tell } from '../ports/prober.ts';
import type { Random } from '../ports/random.ts';
import { Agenda } from './agenda.ts';
import { Askings, type Timing } from './asking.ts';
import { describeTarget } from './describe-target.ts';
import { entry } from './due-heap.ts';
import { type Answer, type ProbeKinds, fail } from './kind.ts';
import { type PaceFacts, intervalOf, nextDueAt } from './pace.ts';
import { type SharedSource, type Watched, answerWaiters, keepResult } from './watched.ts';

/** What a prober is made of. */
export interface ProberOptions {
  readonly clock: Clock;
  readonly random: Random;
  /** Called for every answer, never inside a call of the prober. */
  readonly tell: Tell;
  readonly kinds: ProbeKinds;
  /** How many questions may be under way at once; default 64: enough for 10,000 a second that take 6 ms. */
  readonly concurrency?: number;
}

const CONCURRENCY = 64;
/** Services whose last results are kept although nobody asks any more. */
const FORGOTTEN_KEPT = 10_000;
/** Origins are drawn from an hour, so that a cadence of up to an hour spreads evenly. */
const ORIGIN_MS = 3_600_000;

/**
 * Makes a prober that asks nothing yet. Disposing it ends every question and resolves when none is under way.
 * Errors: none for faults of the world.
 */
export function createProber(options: ProberOptions): Prober & AsyncDisposable {
  return new ScheduledProber(options);
}

class ScheduledProber implements Prober, AsyncDisposable {
  readonly #options: ProberOptions;
  readonly #agenda: Agenda;
  readonly #askings: Askings;
  readonly #sources = new Map<string, SharedSource>();
  readonly #services = new Map<ServiceName, Map<Question, Watched>>();
  readonly #forgotten = new Set<ServiceName>();
  #isDisposed = false;

  constructor(options: ProberOptions) {
    this.#options = options;
    this.#agenda = new Agenda(options.clock);
    this.#askings = new Askings(options.clock, this.#agenda, options.concurrency ?? CONCURRENCY);
  }

  watch(subject: ProbeSubject): void {
    // What still happens while everything ends may want to be asked about; nobody would hear the answer.
    if (this.#isDisposed) return;
    const checks = this.#checksOf(subject);
    const known = checks.get(subject.question);
    if (known !== undefined && known.state === 'watching' && this.#isSame(known, subject)) {
      const { cadence } = known.subject;
      known.subject = subject;
      if (cadence === subject.cadence) return;
      known.answers = 0;
      known.streak = 0;
      this.#askSoon(known);
      return;
    }
    if (known !== undefined) this.#close(known);
    const check = this.#makeCheck(subject, 'watching');
    checks.set(subject.question, check);
    if (subject.first === 'spread') this.#askWithin(check, intervalOf(subject.probe, subject.cadence));
    else this.#askSoon(check);
  }

  forget(service: ServiceName): void {
    const checks = this.#services.get(service);
    if (checks === undefined) return;
    for (const check of checks.values()) this.#close(check);
    this.#forgotten.delete(service);
    this.#forgotten.add(service);
    const [oldest] = this.#forgotten;
    if (oldest === undefined || this.#forgotten.size <= FORGOTTEN_KEPT) return;
    this.#forgotten.delete(oldest);
    this.#services.delete(oldest);
  }

  ask(subject: ProbeSubject, signal: AbortSignal): Promise<CheckResult> {
    return new Promise((resolve, reject) => {
      signal.throwIfAborted();
      if (this.#isDisposed) return resolve(this.#notAsked());
      const known = this.#services.get(subject.service)?.get(subject.question);
      const isKnown = known?.state === 'watching' && known.subject.run === subject.run && this.#isSame(known, subject);
      const check = isKnown ? known : this.#makeCheck(subject, 'once');
      const abort = (): void => {
        check.waiters.delete(answer);
        if (check.state === 'once') this.#close(check);
        reject(signal.reason);
      };
      const answer = (result: CheckResult): void => {
        signal.removeEventListener('abort', abort);
        resolve(result);
      };
      signal.addEventListener('abort', abort, { once: true });
      check.waiters.add(answer);
      // What is under way answers this call too.
      if (check.asking === null || check.asking.state === 'answered') this.#agenda.soon(check.entry);
    });
  }

  checks(service: ServiceName): readonly Check[] {
    return [...(this.#services.get(service)?.values() ?? [])].map(({ subject, results }) => ({
      service,
      run: subject.run,
      question: subject.question,
      target: describeTarget(subject.probe.target),
      intervalMs: intervalOf(subject.probe, subject.cadence),
      results: [...results],
    }));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#isDisposed = true;
    for (const source of this.#sources.values()) for (const check of source.checks) this.#close(check);
    this.#agenda[Symbol.dispose]();
    await this.#askings[Symbol.asyncDispose]();
  }

  /** The checks of the subject's run; those of an earlier run are over and their results go. */
  #checksOf({ service, run }: ProbeSubject): Map<Question, Watched> {
    const known = this.#services.get(service);
    this.#forgotten.delete(service);
    if (known !== undefined && [...known.values()].every(({ subject }) => subject.run === run)) return known;
    for (const check of known?.values() ?? []) this.#close(check);
    const fresh = new Map<Question, Watched>();
    this.#services.set(service, fresh);
    return fresh;
  }

  #makeCheck(subject: ProbeSubject, state: 'watching' | 'once'): Watched {
    const source = this.#sourceOf(subject);
    const check: Watched = {
      subject,
      source,
      entry: entry(() => this.#begin(check)),
      member: {
        // Whoever asks once, beside any run, takes what is under way.
        since: state === 'once' ? -Infinity : this.#options.clock.monotonic(),
        answered: (answer, timing) => this.#record(check, answer, timing),
        settled: () => this.#settle(check),
      },
      state,
      asking: null,
      again: 'no',
      answers: 0,
      streak: 0,
      results: [],
      waiters: new Set(),
    };
    source.checks.add(check);
    return check;
  }

  #sourceOf(subject: ProbeSubject): SharedSource {
    const key = this.#keyOf(subject);
    const known = this.#sources.get(key);
    if (known !== undefined) return known;
    const checks = new Set<Watched>();
    const kind = this.#options.kinds[subject.probe.target.type];
    const source: SharedSource = {
      key,
      checks,
      asker: kind.open(subject, () => {
        for (const check of checks) this.#askSoon(check);
      }),
      timeoutMs: subject.probe.timeoutMs,
      originMs: this.#options.random.draw() * ORIGIN_MS,
      open: null,
      underWay: 0,
    };
    this.#sources.set(key, source);
    return source;
  }

  #isSame(check: Watched, subject: ProbeSubject): boolean {
    return check.source.key === this.#keyOf(subject);
  }

  #keyOf(subject: ProbeSubject): string {
    const { target, timeoutMs } = subject.probe;
    return `${target.type} ${timeoutMs} ${this.#options.kinds[target.type].key(subject)}`;
  }

  #askSoon(check: Watched): void {
    if (check.state === 'closed') return;
    if (check.asking === null) this.#agenda.soon(check.entry);
    else check.again = 'yes';
  }

  #askWithin(check: Watched, intervalMs: number): void {
    const { clock, random } = this.#options;
    this.#agenda.put(check.entry, clock.monotonic() + random.draw() * intervalMs);
  }

  #begin(check: Watched): void {
    const now = this.#options.clock.monotonic();
    check.again = 'no';
    if (check.asking === null) check.asking = this.#askings.join(check.source, check.member);
    else if (check.asking.state === 'answered') this.#recordStuck(check, now);
    if (check.asking === null) this.#recordStuck(check, now);
  }

  /** The last question had its deadline and still has not ended: a child that cannot be killed, for one. */
  #recordStuck(check: Watched, now: number): void {
    this.#record(check, fail('the question before has not ended yet'), { askedAt: now, latencyMs: 0 });
  }

  #record(check: Watched, answer: Answer, { askedAt, latencyMs }: Timing): void {
    if (check.state === 'closed') return;
    const { clock, tell, kinds } = this.#options;
    const { subject } = check;
    const at = clock.now();
    const result: CheckResult = { at, ...answer, latencyMs: Math.round(latencyMs * 100) / 100 };
    keepResult(check, result);
    const { service, run, question, probe, cadence } = subject;
    if (check.state === 'watching') {
      const facts: PaceFacts = {
        probe,
        cadence,
        price: kinds[probe.target.type].price,
        isWatching: check.source.asker.isWatching(),
        answer: answer.answer,
        streak: check.streak,
        answers: check.answers,
        originMs: check.source.originMs,
        askedAt,
        nowMs: clock.monotonic(),
      };
      this.#agenda.put(check.entry, nextDueAt(facts));
    }
    tell({ service, run, question, ...result });
    answerWaiters(check, result);
    if (check.state === 'once') this.#close(check);
  }

  #settle(check: Watched): void {
    check.asking = null;
    if (check.again === 'yes') this.#askSoon(check);
  }

  #close(check: Watched): void {
    if (check.state === 'closed') return;
    check.state = 'closed';
    this.#agenda.remove(check.entry);
    if (check.asking !== null) this.#askings.leave(check.asking, check.member);
    const { source } = check;
    source.checks.delete(check);
    if (source.checks.size === 0) {
      this.#sources.delete(source.key);
      source.asker[Symbol.dispose]();
    }
    answerWaiters(check, this.#notAsked());
  }

  #notAsked(): CheckResult {
    return { at: this.#options.clock.now(), ...fail('it is not asked any more'), latencyMs: 0 };
  }
}
