/**
 * Where this program stands in the control groups of the machine.
 *
 * Version 2 is one hierarchy; version 1 has one for each controller, and on a hybrid machine both are there: version 2
 * holds processes together, version 1 holds them to limits. New groups are always made below the group that this program
 * is in itself, because that is the part that may have been handed to it. Source: cgroups(7), proc_pid_mountinfo(5),
 * kernel documentation, admin-guide/cgroup-v2 (delegation).
 */
import { posix } from 'node:path';

/** What Rouse can limit. */
export type Resource = 'memory' | 'cpu' | 'pids';

/** Folders of the groups that a process is in, as they are seen here. `unified` null: there is no version 2. */
export interface Hierarchies {
  readonly unified: string | null;
  readonly separate: ReadonlyMap<Resource, string>;
}

/** Every one. */
export const RESOURCES: readonly Resource[] = ['memory', 'cpu', 'pids'];

/** What the text of `/proc/self/mountinfo` and `/proc/self/cgroup` say together. */
export function findHierarchies(mountinfo: string, self: string): Hierarchies {
  const mounts = mountinfo
    .split('\n')
    .map(mountOf)
    .filter((mount) => mount !== null);
  const memberships = self
    .split('\n')
    .map(membershipOf)
    .filter((one) => one !== null);
  const unified = mounts.find(({ type }) => type === 'cgroup2');
  const own = memberships.find(({ names }) => names.length === 0);
  const separate = new Map<Resource, string>();
  for (const resource of RESOURCES) {
    const mount = mounts.find(({ type, options }) => type === 'cgroup' && options.includes(resource));
    const member = memberships.find((one) => one.names.includes(resource));
    if (mount !== undefined && member !== undefined) separate.set(resource, folderOf(mount, member.path));
  }
  return {
    unified: unified === undefined || own === undefined ? null : folderOf(unified, own.path),
    separate,
  };
}

interface Mount {
  readonly type: string;
  /** The folder of the hierarchy that is shown at `at`. */
  readonly root: string;
  readonly at: string;
  readonly options: readonly string[];
}

function mountOf(line: string): Mount | null {
  const [place = '', rest = ''] = line.split(' - ', 2);
  const fields = place.split(' ');
  const [type, , options] = rest.split(' ');
  const [root, at] = [fields[3], fields[4]];
  if (type === undefined || root === undefined || at === undefined) return null;
  return { type, root: unescaped(root), at: unescaped(at), options: (options ?? '').split(',') };
}

/** The kernel writes a space as `\040`, and so on. */
const unescaped = (path: string): string =>
  path.replaceAll(/\\([0-7]{3})/g, (_, code: string) => String.fromCharCode(Number.parseInt(code, 8)));

function membershipOf(line: string): { readonly names: readonly string[]; readonly path: string } | null {
  const [, list, path] = /^\d+:([^:]*):(\/.*)$/.exec(line) ?? [];
  if (list === undefined || path === undefined) return null;
  return { names: list === '' ? [] : list.split(','), path };
}

function folderOf({ root, at }: Mount, path: string): string {
  const below = posix.relative(root, path);
  // Outside of what is mounted here, as in a container without a namespace of its own: the mount itself is all there is.
  return below.startsWith('..') ? at : posix.join(at, below);
}
