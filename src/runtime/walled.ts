/**
 * Who is who behind the wall of a run: the process that watches is known to the shim, the program only to the shell inside,
 * which has noted when it began (`confine-wall.ts`). Numbers inside are others than outside; the moment is the same.
 */
import { readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import type { Ending } from '../model/reason.ts';
import type { Speakers } from './notify-ear.ts';
import { type Identity, isExecuting, statOf } from './process-group.ts';
import { type Noted, type RunRecord, endingOf, readRecord } from './run-record.ts';
import { lookAround } from './tree-scan.ts';
import type { Tree } from './tree.ts';

/** In the folder of the run. */
export const INSIDE_FILE = 'inside';

/** Longer is none of ours: the program may have come to the file by way of the shell. */
const LONGEST = 65_536;

/** The program outside, and the two that stand between it and the shim. */
export interface Walled {
  readonly main: Noted;
  readonly keepers: readonly Identity[];
}

/** What the shell inside has noted; null while that is nothing, or cannot be read. */
export function readInside(folder: string): RunRecord | null {
  const path = join(folder, INSIDE_FILE);
  try {
    const size = statSync(path, { throwIfNoEntry: false })?.size ?? 0;
    return size === 0 || size > LONGEST ? null : readRecord(path);
  } catch {
    // Out of descriptors, for one. It is looked at again.
    return null;
  }
}

/**
 * The program behind the wall that `watcher` watches; null when it is not there (any more). `noted` is what the shell
 * inside said of it; without that, the first process that the shell has.
 */
export function findWalled(watcher: Identity, noted: Noted | null): Walled | null {
  for (const shell of childrenOf(watcher.pid)) {
    const found = childrenOf(shell.pid)
      .filter((one) => noted === null || one.startTime === noted.startTime)
      .find(isExecuting);
    if (found === undefined) continue;
    const { pid, startTime } = found;
    return { main: { pid, startTime, image: noted?.image ?? null }, keepers: [watcher, shell] };
  }
  return null;
}

/** In the order in which they came. Source: proc_pid_task_children(5); a kernel without it is asked for all processes. */
function childrenOf(pid: number): readonly NonNullable<ReturnType<typeof statOf>>[] {
  try {
    const text = readFileSync(`/proc/${pid}/task/${pid}/children`, 'latin1');
    return text
      .split(' ')
      .filter((word) => word !== '')
      .flatMap((word) => statOf(Number(word)) ?? []);
  } catch {
    // It has gone, or the kernel does not list them.
    return [...lookAround().values()].filter(({ parent }) => parent === pid);
  }
}

/** How the program ended, as the shell inside has noted it; null where it has not. `asked`: see `endingOf`. */
export function endingInside(folder: string, asked: string | null): Ending | null {
  const inside = readInside(folder);
  return inside === null ? null : endingOf(inside, asked);
}

/** Who may speak for a run: members of its tree, whose numbers behind a wall are others than outside. */
export function speakersIn(
  tree: Pick<Tree, 'members'>,
  keepers: readonly Identity[],
): Pick<Speakers, 'isMember' | 'meant'> {
  const members = (): readonly number[] => tree.members().map(({ pid }) => pid);
  const isMember = (pid: number): boolean => members().includes(pid);
  return keepers.length === 0 ? { isMember } : { isMember, meant: (inside) => outsideOf(inside, members()) ?? inside };
}

function outsideOf(inside: number, members: readonly number[]): number | null {
  return members.find((pid) => innermost(pid) === inside) ?? null;
}

/** Source: proc_pid_status(5), NSpid: numbers from this namespace down to its own. */
function innermost(pid: number): number | null {
  try {
    const line = /^NSpid:\s*(.*)$/m.exec(readFileSync(`/proc/${pid}/status`, 'latin1'))?.[1];
    return line === undefined ? null : Number(line.split(/\s+/).at(-1));
  } catch {
    // It has gone.
    return null;
  }
}
