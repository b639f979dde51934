/**
 * How often somebody may ask. A bucket of tickets for each of many: a request takes one, and they come back evenly with
 * time. Nothing here grows with the number of those who ask: what is full again is forgotten, and beyond the limit of
 * entries the one that was there first goes.
 */
import type { Clock } from '../ports/clock.ts';

/** A rule: `burst` at once, and `perSecond` for long. */
export interface RateRule {
  readonly perSecond: number;
  readonly burst: number;
}

/** What a token may do; rulings and reasons in ADR 0043. */
export const RATES = {
  requests: { perSecond: 50, burst: 100 },
  mutations: { perSecond: 10, burst: 10 },
} as const satisfies Record<string, RateRule>;

/** Wrong credentials of one source that are looked at within a minute. */
export const FAILURES_A_MINUTE = 10;
/** Streams that one token holds at a time. */
export const STREAMS_A_TOKEN = 32;

const MINUTE_MS = 60_000;
const ENTRIES = 1024;

/** Tickets by key. */
export class Buckets {
  readonly #rule: RateRule;
  readonly #clock: Clock;
  readonly #entries = new Map<string, { left: number; at: number }>();

  constructor(rule: RateRule, clock: Clock) {
    this.#rule = rule;
    this.#clock = clock;
  }

  /** Takes a ticket; 0, or for how many ms there is none. */
  take(key: string): number {
    const { perSecond, burst } = this.#rule;
    const now = this.#clock.monotonic();
    const known = this.#entries.get(key);
    const left = known === undefined ? burst : Math.min(burst, known.left + ((now - known.at) / 1000) * perSecond);
    if (known === undefined) makeRoom(this.#entries);
    this.#entries.set(key, { left: left >= 1 ? left - 1 : left, at: now });
    return left >= 1 ? 0 : ((1 - left) / perSecond) * 1000;
  }

  /** How many are remembered. */
  get size(): number {
    return this.#entries.size;
  }
}

/** Wrong credentials by where they came from. */
export class Failures {
  readonly #clock: Clock;
  readonly #entries = new Map<string, { count: number; since: number }>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Counts one more; 0, or for how many ms no other is looked at. */
  count(source: string): number {
    const now = this.#clock.monotonic();
    const known = this.#entries.get(source);
    if (known === undefined || now - known.since >= MINUTE_MS) {
      if (known === undefined) makeRoom(this.#entries);
      this.#entries.set(source, { count: 1, since: now });
      return 0;
    }
    if (known.count >= FAILURES_A_MINUTE) return known.since + MINUTE_MS - now;
    known.count += 1;
    return 0;
  }

  /** How many sources are remembered. */
  get size(): number {
    return this.#entries.size;
  }
}

/** Streams by token. */
export class Slots {
  readonly #taken = new Map<string, number>();

  /** Takes one; null when all are taken. Giving it back twice does no harm. */
  take(key: string): Disposable | null {
    const taken = this.#taken.get(key) ?? 0;
    if (taken >= STREAMS_A_TOKEN) return null;
    this.#taken.set(key, taken + 1);
    let state: 'held' | 'given-back' = 'held';
    return {
      [Symbol.dispose]: () => {
        if (state === 'given-back') return;
        state = 'given-back';
        const now = (this.#taken.get(key) ?? 1) - 1;
        if (now === 0) this.#taken.delete(key);
        else this.#taken.set(key, now);
      },
    };
  }
}

function makeRoom(entries: Map<string, unknown>): void {
  if (entries.size < ENTRIES) return;
  const [first] = entries.keys();
  if (first !== undefined) entries.delete(first);
}
