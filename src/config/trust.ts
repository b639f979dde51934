/** Whether a file may be believed by a daemon that runs as root. */
import { lstatSync, realpathSync } from 'node:fs';
import { dirname } from 'node:path';

/** What the file system says of a file or folder. */
export interface Ownership {
  readonly uid: number;
  readonly mode: number;
}

const GROUP_WRITES = 0o020;
const OTHERS_WRITE = 0o002;

/**
 * Why root should not believe a file, in words; null when it may. The file and the folder that holds it, after
 * resolving links, must belong to root and be writable by nobody else: whoever can write the folder can put another
 * file in its place, a sticky bit or not. `uid` is the reader's; for anybody but root there is nothing to check.
 */
export function distrust(path: string, uid: number, file: Ownership): string | null {
  if (uid !== 0) return null;
  const own = fault(file);
  if (own !== null) return `it ${own}`;
  for (const folder of new Set([dirname(path), dirname(realpathSync(path))])) {
    const bad = fault(lstatSync(realpathSync(folder)));
    if (bad !== null) return `its folder "${folder}" ${bad}`;
  }
  return null;
}

function fault({ uid, mode }: Ownership): string | null {
  if (uid !== 0) return `belongs to user ${uid} and not to root`;
  if ((mode & OTHERS_WRITE) !== 0) return 'can be written by everybody';
  return (mode & GROUP_WRITES) !== 0 ? 'can be written by its group' : null;
}
