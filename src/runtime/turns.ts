/**
 * Spreading work that blocks over turns of the event loop.
 *
 * A spawn holds the whole program up for about a millisecond. The first few of a turn are done at once, so that a start
 * that comes alone loses no time; what comes beyond them waits for the next turns, so that starting hundreds of services
 * at once never holds anything else up for long.
 */
import type { Clock } from '../ports/clock.ts';

/** Does a thing now or in one of the next turns, in the order of asking. */
export type InTurn = (act: () => void) => void;

/** Turns of at most `perTurn` acts each. Shapes: an act does not throw. The queue is as long as what was asked for. */
export function inTurns(clock: Clock, perTurn: number): InTurn {
  const waiting: (() => void)[] = [];
  let left = perTurn;
  let set: Disposable | null = null;
  const act = (): void => {
    while (left > 0) {
      const next = waiting.shift();
      if (next === undefined) return;
      left -= 1;
      next();
    }
  };
  const turn = (): void => {
    left = perTurn;
    set = waiting.length > 0 ? clock.after(0, turn) : null;
    act();
  };
  return (work) => {
    waiting.push(work);
    set ??= clock.after(0, turn);
    if (waiting.length === 1) act();
  };
}
