/**
 * Everything the prober waits for, on one timer of the clock.
 *
 * Thousands of entries a second would otherwise mean as many timers. After a wake-up the next one is a tick later at the
 * earliest and takes all that became due meanwhile; only what is urgent is not held up.
 */
import type { Clock } from '../ports/clock.ts';
import { type Entry, dueHeap } from './due-heap.ts';

/** The shortest time between two wake-ups for what is not urgent. 100 wake-ups a second cost about 1 % of a core. */
const TICK_MS = 10;

/** Entries with the moments at which they fire, once each. Units: monotonic ms. */
export class Agenda implements Disposable {
  readonly #clock: Clock;
  readonly #heap = dueHeap();
  #timer: Disposable | null = null;
  #timerAt = Infinity;
  #wokenAt = -Infinity;
  #isUrgent = false;
  #isFiring = false;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Fires the entry at `dueAt`, at most a tick later; in place of what it was put down for before. */
  put(entry: Entry, dueAt: number): void {
    this.#heap.put(entry, dueAt);
    this.#arm();
  }

  /** Fires the entry in the next turn, never inside this call; all that are put down in one turn fire together. */
  soon(entry: Entry): void {
    this.#heap.put(entry, this.#clock.monotonic());
    this.#isUrgent = true;
    this.#arm();
  }

  /** Does nothing when it is not put down. */
  remove(entry: Entry): void {
    this.#heap.remove(entry);
  }

  /** Forgets everything. */
  [Symbol.dispose](): void {
    for (let first = this.#heap.first(); first !== undefined; first = this.#heap.first()) this.#heap.remove(first);
    this.#timer?.[Symbol.dispose]();
    this.#timer = null;
    this.#timerAt = Infinity;
  }

  #arm(): void {
    const first = this.#heap.first();
    if (first === undefined || this.#isFiring) return;
    const wakeAt = this.#isUrgent ? first.dueAt : Math.max(first.dueAt, this.#wokenAt + TICK_MS);
    if (wakeAt >= this.#timerAt) return;
    this.#timer?.[Symbol.dispose]();
    this.#timerAt = wakeAt;
    this.#timer = this.#clock.after(Math.max(0, wakeAt - this.#clock.monotonic()), () => this.#wake());
  }

  #wake(): void {
    const now = this.#clock.monotonic();
    this.#timer = null;
    this.#timerAt = Infinity;
    this.#wokenAt = now;
    this.#isUrgent = false;
    this.#isFiring = true;
    for (let first = this.#heap.first(); first !== undefined && first.dueAt <= now; first = this.#heap.first()) {
      this.#heap.remove(first);
      first.fire();
    }
    this.#isFiring = false;
    this.#arm();
  }
}
