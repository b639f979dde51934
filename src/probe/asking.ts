/**
 * Asking: at most so many questions at once, equal ones together, each with its deadline.
 *
 *     join ──► queued ──► asked ──► answered ──► settled
 *                           │  deadline            ▲
 *                           └──► answered (no answer in …), aborted, but not settled until nothing of it is left
 *
 * A deadline that comes much too late says that this machine was halted or overloaded, and the answer may be there already:
 * the time begins anew, once.
 *
 * A member may join what is queued, and what was asked no earlier than the member's run began: an answer about an
 * earlier run would be a lie about this one.
 */
import { formatDuration } from '../model/duration.ts';
import type { Clock } from '../ports/clock.ts';
import type { Agenda } from './agenda.ts';
import { causeOf } from './causes.ts';
import { type Entry, entry } from './due-heap.ts';
import { type Answer, type Asker, fail } from './kind.ts';

/** A distinct question, shared by all checks that ask it. */
export interface Source {
  readonly asker: Asker;
  /** Units: ms. */
  readonly timeoutMs: number;
  /** The asking that may still be joined or is under way; null when nobody asks. */
  open: Asking | null;
  /** Askings that are queued or not yet settled. */
  underWay: number;
}

/** Who waits for an answer. */
export interface Member {
  /** Monotonic ms from which on an asking is about the member's run. */
  readonly since: number;
  /** Called once with the answer. Units: `latencyMs` and `askedAt` ms. */
  answered(answer: Answer, timing: Timing): void;
  /** Called once after `answered`: the next asking may begin. */
  settled(): void;
}

/** When an answer was asked for (monotonic ms) and how long it took. */
export interface Timing {
  readonly askedAt: number;
  readonly latencyMs: number;
}

/** One asking. Belongs to `Askings`. */
export interface Asking {
  readonly source: Source;
  readonly members: Set<Member>;
  readonly abort: AbortController;
  readonly deadline: Entry;
  state: 'queued' | 'asked' | 'answered' | 'settled';
  askedAt: number;
  /** When it is to be given up; monotonic ms. */
  dueAt: number;
  /** Whether its time has begun anew. */
  extension: 'unused' | 'used';
}

/** One under way and one about a newer run; a third means that questions do not end. */
const UNDER_WAY_PER_SOURCE = 2;
/** A deadline this late, and by this share of its time, is the machine's fault and not the service's; ms. */
const LATE_MS = 250;
const LATE_SHARE = 0.25;
/** A child of a probe that sleeps in the kernel cannot be waited for for ever. */
const END_LIMIT_MS = 5000;

/** All askings of a prober. */
export class Askings implements AsyncDisposable {
  readonly #clock: Clock;
  readonly #agenda: Agenda;
  readonly #concurrency: number;
  #queue: Asking[] = [];
  #queueHead = 0;
  #running = 0;
  #unsettled = 0;
  #allSettled: () => void = () => undefined;

  constructor(clock: Clock, agenda: Agenda, concurrency: number) {
    this.#clock = clock;
    this.#agenda = agenda;
    this.#concurrency = concurrency;
  }

  /** Takes part in an asking of the source, a new one where needed; null when too many of it have not ended. */
  join(source: Source, member: Member): Asking | null {
    const { open } = source;
    if (open !== null && (open.state === 'queued' || open.askedAt >= member.since)) {
      open.members.add(member);
      return open;
    }
    if (source.underWay >= UNDER_WAY_PER_SOURCE) return null;
    const asking: Asking = {
      source,
      members: new Set([member]),
      abort: new AbortController(),
      deadline: entry(() => this.#expire(asking)),
      state: 'queued',
      askedAt: 0,
      dueAt: Infinity,
      extension: 'unused',
    };
    source.open = asking;
    source.underWay += 1;
    this.#queue.push(asking);
    this.#pump();
    return asking;
  }

  /** Waits no longer. Without members a question is not asked, and one under way is aborted. */
  leave(asking: Asking, member: Member): void {
    asking.members.delete(member);
    if (asking.members.size > 0) return;
    if (asking.source.open === asking) asking.source.open = null;
    asking.abort.abort();
  }

  /** Resolves when nothing is under way, after 5 s at the latest; all members have left by then. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#queue = [];
    this.#queueHead = 0;
    if (this.#unsettled === 0) return;
    const { promise: end, resolve } = Promise.withResolvers<void>();
    this.#allSettled = resolve;
    using _ = this.#clock.after(END_LIMIT_MS, resolve);
    await end;
  }

  #pump(): void {
    while (this.#running < this.#concurrency && this.#queueHead < this.#queue.length) {
      const asking = this.#queue[this.#queueHead];
      this.#queueHead += 1;
      if (asking !== undefined) this.#begin(asking);
    }
    // The head moves on instead of shifting the array each time; now and then what is behind it goes.
    if (this.#queueHead > 1000 || this.#queueHead === this.#queue.length) {
      this.#queue = this.#queue.slice(this.#queueHead);
      this.#queueHead = 0;
    }
  }

  #begin(asking: Asking): void {
    if (asking.members.size === 0) {
      this.#settle(asking);
      return;
    }
    this.#running += 1;
    asking.state = 'asked';
    asking.askedAt = this.#clock.monotonic();
    asking.dueAt = asking.askedAt + asking.source.timeoutMs;
    this.#agenda.put(asking.deadline, asking.dueAt);
    this.#unsettled += 1;
    void this.#ask(asking);
  }

  async #ask(asking: Asking): Promise<void> {
    let answer: Answer;
    try {
      answer = await asking.source.asker.ask(asking.abort.signal);
    } catch (cause) {
      answer = fail(causeOf(cause));
    }
    this.#answer(asking, answer);
    this.#settle(asking);
    this.#unsettled -= 1;
    if (this.#unsettled === 0) this.#allSettled();
    this.#pump();
  }

  #expire(asking: Asking): void {
    const now = this.#clock.monotonic();
    const { timeoutMs } = asking.source;
    if (asking.extension === 'unused' && now - asking.dueAt > Math.max(LATE_MS, timeoutMs * LATE_SHARE)) {
      asking.extension = 'used';
      asking.dueAt = now + timeoutMs;
      return this.#agenda.put(asking.deadline, asking.dueAt);
    }
    this.#answer(asking, fail(`no answer in ${formatDuration(asking.source.timeoutMs)}`));
    asking.abort.abort();
    this.#pump();
  }

  /** Tells the members, once; what comes after the deadline is ignored. */
  #answer(asking: Asking, answer: Answer): void {
    if (asking.state !== 'asked') return;
    asking.state = 'answered';
    this.#running -= 1;
    this.#agenda.remove(asking.deadline);
    if (asking.source.open === asking) asking.source.open = null;
    const timing = { askedAt: asking.askedAt, latencyMs: this.#clock.monotonic() - asking.askedAt };
    for (const member of asking.members) member.answered(answer, timing);
  }

  #settle(asking: Asking): void {
    asking.state = 'settled';
    asking.source.underWay -= 1;
    if (asking.source.open === asking) asking.source.open = null;
    for (const member of asking.members) member.settled();
  }
}
