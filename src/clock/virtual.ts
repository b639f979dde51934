/**
 * Time that passes only when it is told to, for tests and the simulator.
 *
 * Timers lie in a binary heap ordered by the moment they are due and, for equal moments, by the order in which they
 * were set. Disposing one only marks it; it is thrown away when it comes to the top, or when the dead outnumber the living.
 */
import assert from 'node:assert/strict';
import type { Clock } from '../ports/clock.ts';

interface Timer {
  readonly dueAt: number;
  readonly order: number;
  /** Null once it fired or was disposed. */
  fire: (() => void) | null;
}

/** How many timers may fire at one moment before it is taken for a timer that sets itself again for ever. */
const FIRINGS_AT_ONCE = 1_000_000;

/**
 * A clock that stands still until `advance` or `runNext`. Deterministic: equal moments fire in order of setting.
 *
 *     const clock = new VirtualClock();
 *     clock.after(50, () => console.log(clock.monotonic()));
 *     clock.advance(100); // prints 50; now it is 100
 */
export class VirtualClock implements Clock {
  #monotonicMs = 0;
  #wallMs: number;
  #order = 0;
  #living = 0;
  #heap: Timer[] = [];

  /** Units: epoch ms of the first moment; 2025-01-01T00:00:00Z unless given. `monotonic()` begins at 0. */
  constructor(startsAt = Date.UTC(2025, 0, 1)) {
    this.#wallMs = startsAt;
  }

  /** Epoch ms: follows `monotonic()` but for the jumps of `jumpWall`. */
  now(): number {
    return Math.floor(this.#wallMs + this.#monotonicMs);
  }

  /** Ms since this clock was made. */
  monotonic(): number {
    return this.#monotonicMs;
  }

  /** Fires once when time has come that far; a delay of 0 fires on the next `advance` or `runNext`, never inside this call. */
  after(delayMs: number, fire: () => void): Disposable {
    assert(!Number.isNaN(delayMs), 'a timer needs a delay');
    if (delayMs === Infinity) return { [Symbol.dispose]: () => undefined };
    const timer: Timer = { dueAt: this.#monotonicMs + Math.max(0, delayMs), order: this.#order++, fire };
    this.#living += 1;
    this.#push(timer);
    return { [Symbol.dispose]: () => this.#drop(timer) };
  }

  /** Lets `ms` pass, firing on the way everything that is due, also what is set meanwhile. Units: ms, at least 0. */
  advance(ms: number): void {
    assert(ms >= 0, 'time does not go back');
    const until = this.#monotonicMs + ms;
    let firings = 0;
    let lastAt = -1;
    for (let timer = this.#first(); timer !== undefined && timer.dueAt <= until; timer = this.#first()) {
      firings = timer.dueAt === lastAt ? firings + 1 : 0;
      lastAt = timer.dueAt;
      assert(firings < FIRINGS_AT_ONCE, `a timer sets itself again without end at ${lastAt} ms`);
      this.#fire(timer);
    }
    this.#monotonicMs = until;
  }

  /** Goes to the next timer and fires that one alone; false, and nothing happens, when there is none. */
  runNext(): boolean {
    const timer = this.#first();
    if (timer === undefined) return false;
    this.#fire(timer);
    return true;
  }

  /** The moment of the next timer in monotonic ms; null when there is none. */
  nextAt(): number | null {
    return this.#first()?.dueAt ?? null;
  }

  /** How many timers are set and neither fired nor disposed. */
  pending(): number {
    return this.#living;
  }

  /** Moves the wall clock by `ms` (may be negative), as an administrator or NTP does; no timer notices. */
  jumpWall(ms: number): void {
    this.#wallMs += ms;
  }

  #fire(timer: Timer): void {
    this.#monotonicMs = Math.max(this.#monotonicMs, timer.dueAt);
    const { fire } = timer;
    this.#drop(timer);
    fire?.();
  }

  #drop(timer: Timer): void {
    if (timer.fire === null) return;
    timer.fire = null;
    this.#living -= 1;
    if (this.#heap.length > 64 && this.#heap.length > this.#living * 2) this.#rebuild();
  }

  #first(): Timer | undefined {
    while (this.#heap[0]?.fire === null) this.#pop();
    return this.#heap[0];
  }

  /** A sorted array is a heap. */
  #rebuild(): void {
    this.#heap = this.#heap.filter(({ fire }) => fire !== null).toSorted((a, b) => (isBefore(a, b) ? -1 : 1));
  }

  #push(timer: Timer): void {
    const heap = this.#heap;
    let at = heap.length;
    while (at > 0) {
      const above = heap[(at - 1) >> 1];
      if (above === undefined || isBefore(above, timer)) break;
      heap[at] = above;
      at = (at - 1) >> 1;
    }
    heap[at] = timer;
  }

  #pop(): void {
    const heap = this.#heap;
    const last = heap.pop();
    if (last === undefined || heap.length === 0) return;
    let at = 0;
    for (;;) {
      const [left, right] = [heap[at * 2 + 1], heap[at * 2 + 2]];
      if (left === undefined) break;
      const useRight = right !== undefined && isBefore(right, left);
      const child = useRight ? right : left;
      if (isBefore(last, child)) break;
      heap[at] = child;
      at = at * 2 + (useRight ? 2 : 1);
    }
    heap[at] = last;
  }
}

function isBefore(a: Timer, b: Timer): boolean {
  return a.dueAt < b.dueAt || (a.dueAt === b.dueAt && a.order < b.order);
}
