/**
 * The part of the control groups that one supervisor works in: `<own group>/rouse/<project>/<service>.<run>`.
 *
 * `<project>` is the folder's name with a hash of its path, so that two supervisors never share a group, and the next
 * daemon of the same project finds what the last one left. The daemon and the shims stay where they are.
 */
import { createHash } from 'node:crypto';
import { basename, dirname, join } from 'node:path';
import { type Resource, type Hierarchies, findHierarchies } from './cgroup-find.ts';
import { isWritable, makeGroup, read, removeLeaf } from './cgroup.ts';

/** Where the groups of a supervisor are made. */
export interface Ground {
  /** Its group of version 2, or why there is none. `base` is the group that this program is in. */
  readonly unified: { readonly base: string; readonly folder: string } | { readonly why: string };
  /** Its groups of version 1 by resource. Not there before they are needed. */
  readonly separate: ReadonlyMap<Resource, string>;
}

/** Ground of a machine without control groups, or of a supervisor that is not to use them. */
export const NO_GROUND: Ground = { unified: { why: 'control groups are not used' }, separate: new Map() };

/** Looks for it. Never fails. */
export function findGround(runDirectory: string): Ground {
  const found = findHierarchies(read('/proc/self/mountinfo') ?? '', read('/proc/self/cgroup') ?? '');
  return groundOf(found, join('rouse', projectOf(runDirectory)));
}

/** The ground below what was found. */
export function groundOf(found: Hierarchies, name: string): Ground {
  const separate = new Map([...found.separate].map(([resource, own]) => [resource, join(own, name)] as const));
  return { unified: unifiedOf(found.unified, name), separate };
}

/** The name of the supervisor's groups: readable, and its own. */
export function projectOf(runDirectory: string): string {
  const readable = basename(dirname(runDirectory))
    .replaceAll(/[^A-Za-z0-9._-]/g, '-')
    .slice(0, 64);
  return `${readable}-${createHash('sha256').update(runDirectory).digest('hex').slice(0, 10)}`;
}

function unifiedOf(base: string | null, name: string): Ground['unified'] {
  if (base === null) return { why: 'no control groups of version 2 are mounted' };
  const folder = join(base, name);
  const why = whyNot(base, folder);
  return why === null ? { base, folder } : { why };
}

function whyNot(base: string, folder: string): string | null {
  // Moving a process needs the right to write this file of the group above both places.
  if (!isWritable(join(base, 'cgroup.procs'))) return `the control group ${base} may not be written`;
  const why = makeGroup(folder);
  if (why !== null) return `no control group can be made in ${base}: ${why}`;
  try {
    if (!isWritable(join(folder, 'cgroup.kill'))) return 'this kernel cannot end a control group (Linux 5.14 can)';
    const type = read(join(folder, 'cgroup.type'))?.trim();
    return type === 'domain' ? null : `control groups below ${base} hold no processes (${type ?? 'unknown'})`;
  } finally {
    clearGround(folder);
  }
}

/** Removes the supervisor's group and the one above it, where nothing is in them and below them. */
export function clearGround(folder: string): void {
  // A group that is in use says so, and stays.
  if (removeLeaf(folder) !== 'busy') removeLeaf(dirname(folder));
}
