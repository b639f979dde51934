/**
 * Killing a tree until it is verified empty.
 *
 * Kill, look, wait a little longer, kill again: what was forked in the middle of a kill, or joined after it, is found by
 * the next. After some seconds what is left is said (`lingering`): a process in an uninterruptible sleep dies when the
 * kernel lets it, and one of another user perhaps never. The looks go on for ever, seldom, so that it is noticed when
 * the last has gone after all.
 */
import type { Clock } from '../ports/clock.ts';
import type { Lingering, Member, Tree } from './tree.ts';

/** How a kill is watched. */
export interface KillingParts {
  readonly clock: Clock;
  /** Whether the rest of the run is over too, e.g. its shim has noted the end; until then the killing goes on. */
  readonly isRestOver: () => boolean;
  /** Called when it is still there after `LINGERS_AFTER_MS`, and again when others are left. */
  readonly lingering: (left: Lingering) => void;
  /** Called once, when tree and rest are over; never before `killTree` has returned. */
  readonly over: () => void;
}

/** From the first kill to the first `lingering`; ms. A killed process that can die does so in milliseconds. */
export const LINGERS_AFTER_MS = 5000;
/** Pauses between two kills; ms. */
const AGAIN_MS = { first: 16, longest: 500, lingering: 5000 };
/** A pause is at least so many times as long as the look before it took. */
const LOOKS_SHARE = 4;
/** Processes that words name; there may be thousands. */
const MOST_NAMED = 5;

/** Begins to kill. Disposing ends the watch, and says nothing any more; what was killed stays killed. */
export function killTree(tree: Tree, parts: KillingParts): Disposable {
  const { clock } = parts;
  const begun = clock.monotonic();
  let said = '';
  let timer: Disposable | null = null;
  let watch: Disposable | null = null;
  const stop = (): void => {
    timer?.[Symbol.dispose]();
    watch?.[Symbol.dispose]();
  };
  const isOver = (): boolean => tree.isEmpty() && parts.isRestOver();
  const say = (): void => {
    const members = tree.members();
    const key = members.map(({ pid }) => pid).join(' ');
    if (key === '' || key === said) return;
    said = key;
    parts.lingering({ pids: members.map(({ pid }) => pid), text: describeLeft(members) });
  };
  const look = (delayMs: number): void => {
    const lookedAt = clock.monotonic();
    if (isOver()) {
      stop();
      return parts.over();
    }
    tree.kill();
    const isLingering = clock.monotonic() - begun >= LINGERS_AFTER_MS;
    if (isLingering) say();
    const longest = isLingering ? AGAIN_MS.lingering : AGAIN_MS.longest;
    // Where there is no group a look takes a while, and may not become all that this program does.
    const restMs = LOOKS_SHARE * (clock.monotonic() - lookedAt);
    timer = clock.after(Math.max(delayMs, restMs), () => look(Math.min(delayMs * 2, longest)));
  };
  tree.kill();
  watch = tree.watch(() => {
    timer?.[Symbol.dispose]();
    look(AGAIN_MS.first);
  });
  timer = clock.after(0, () => look(AGAIN_MS.first));
  return { [Symbol.dispose]: stop };
}

/** What is left, in words: `4711 postgres (state D, waits in nfs_wait), 4712 sh (state Z)`. */
export function describeLeft(members: readonly Member[]): string {
  const named = members.slice(0, MOST_NAMED).map(({ pid, name, state, waits }) => {
    const where = waits === null ? '' : `, waits in ${waits}`;
    return `${pid} ${name} (state ${state}${where})`;
  });
  const more = members.length - named.length;
  return more > 0 ? `${named.join(', ')} and ${more} more` : named.join(', ');
}
