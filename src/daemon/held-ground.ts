/**
 * Whether the folder that a daemon is reached in is still there.
 *
 * A runtime folder may be cleared under a daemon: by whoever tidies up /tmp, or by the system when its user logs out. Then
 * nobody can reach the daemon any more, and its lock there is one that nobody else will look for. So a second lock lies in the
 * state folder, which keeps another daemon from the project, and this one leaves as soon as it notices.
 */
import { statSync } from 'node:fs';
import type { ApiParts } from '../api/parts.ts';

/** Pauses between two looks; ms. Whoever starts a daemon meanwhile waits for this one to leave. */
const LOOK_MS = 1000;

/** Looks after the file at the path, which is there; `lost` is called once, when it is gone or another. Disposing ends that. */
export function watchHeld(path: string, clock: Pick<ApiParts['clock'], 'after'>, lost: () => void): Disposable {
  const own = inodeOf(path);
  let timer: Disposable | null = null;
  const lookLater = (): void => {
    timer = clock.after(LOOK_MS, () => {
      const now = inodeOf(path);
      if (now === own || now === 'unknown') lookLater();
      else lost();
    });
  };
  lookLater();
  return { [Symbol.dispose]: () => timer?.[Symbol.dispose]() };
}

function inodeOf(path: string): number | 'gone' | 'unknown' {
  try {
    return statSync(path).ino;
  } catch (cause) {
    // Whatever else keeps it from being looked at (no descriptor is free, for one) has not taken it away.
    const isGone = cause instanceof Error && 'code' in cause && (cause.code === 'ENOENT' || cause.code === 'ENOTDIR');
    return isGone ? 'gone' : 'unknown';
  }
}
