/**
 * Spreading work that blocks over turns of the event loop.
 *
 * A spawn holds the whole program up for about a millisecond, on a busy machine for several. The first of a turn are done
 * at once, so that a start that comes alone loses no time; what comes when the turn has had its share of time waits for
 * the next turns, so that starting hundreds of services at once never holds anything else up for long.
 */
import type { Clock } from '../ports/clock.ts';

/** Does a thing now or in one of the next turns, in the order of asking. */
export type InTurn = (act: () => void) => void;

/**
 * Turns in which acts begin for at most `shareMs` of time; the last to begin may end later.
 * Shapes: an act does not throw. The queue is as long as what was asked for.
 */
export function inTurns(clock: Clock, shareMs: number): InTurn {
  const waiting: (() => void)[] = [];
  let usedMs = 0;
  let set: Disposable | null = null;
  const act = (): void => {
    while (usedMs < shareMs) {
      const next = waiting.shift();
      if (next === undefined) return;
      const begun = clock.monotonic();
      next();
      usedMs += clock.monotonic() - begun;
    }
  };
  const turn = (): void => {
    usedMs = 0;
    set = null;
    act();
    if (usedMs > 0) set = clock.after(0, turn);
  };
  return (work) => {
    waiting.push(work);
    if (waiting.length === 1) act();
    set ??= clock.after(0, turn);
  };
}
