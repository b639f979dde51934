/** Time, as a port: whoever may tell it may also wait for it. */

/** Real or virtual time. */
export interface Clock {
  /** Epoch ms, for people and records; may jump. */
  now(): number;
  /** Monotonic ms, for every decision; never goes back. */
  monotonic(): number;
  /** Calls `fire` once after `delayMs` (0 = next turn), unless disposed before. Disposing twice does no harm. */
  after(delayMs: number, fire: () => void): Disposable;
}
