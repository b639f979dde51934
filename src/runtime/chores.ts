/**
 * Work that nobody waits for, such as removing what an ended run leaves: done a moment later and a little in each turn.
 *
 * The end of a run is the beginning of the next, so what can wait is not to stand between them; and the end of hundreds
 * at once is not to hold the loop up. What is lost when the program ends before its time is empty, and is found by the
 * next one.
 */
import type { Clock } from '../ports/clock.ts';

/** Chores that wait. */
export interface Chores {
  /** Adds one; it does not throw. */
  add(chore: () => void): void;
  /** Does all that wait at once. */
  finish(): void;
}

/** From the first chore until they are begun; ms. Longer than it takes from the end of a run to the next. */
const DELAY_MS = 30;
/** Time for chores in one turn; ms. */
const SHARE_MS = 4;
/** From one turn with chores to the next; ms. What is urgent comes between. */
const PAUSE_MS = 4;

/** An empty list. */
export function createChores(clock: Clock): Chores {
  let waiting: (() => void)[] = [];
  let timer: Disposable | null = null;
  const turn = (): void => {
    timer = null;
    const begun = clock.monotonic();
    let done = 0;
    for (const chore of waiting) {
      chore();
      done += 1;
      if (clock.monotonic() - begun >= SHARE_MS) break;
    }
    waiting = waiting.slice(done);
    if (waiting.length > 0) timer ??= clock.after(PAUSE_MS, turn);
  };
  return {
    add(chore) {
      waiting.push(chore);
      timer ??= clock.after(DELAY_MS, turn);
    },
    finish() {
      timer?.[Symbol.dispose]();
      timer = null;
      for (const chore of waiting.splice(0)) chore();
    },
  };
}
