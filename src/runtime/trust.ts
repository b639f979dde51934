/**
 * Whether root may execute a file: nobody but those who are trusted can have put something else there.
 *
 * The way to the file is walked as the kernel walks it, link by link, and everything that is stepped on is looked at: each
 * folder, each link, and the file. All must belong to somebody trusted; none may be writable by its group or by others. A
 * folder with the sticky bit above the file's own is let pass: what lies in it belongs to somebody trusted, as was looked
 * at, and only its owner can move it away. In the file's own folder the bit does not help.
 *
 * Source: path_resolution(7); for the check itself, sshd(8) on the path of `AuthorizedKeysCommand`.
 */
import { type Stats, lstatSync, readlinkSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { findAccount } from './account.ts';

/** Who is trusted. `groups` are those whose members are trusted as their users are. */
export interface Trusted {
  readonly users: ReadonlySet<number>;
  readonly groups: ReadonlySet<number>;
}

/** What is wrong with a way: the place, why in words, and what mends it. */
export interface Distrust {
  readonly path: string;
  readonly why: string;
  readonly mend: string;
}

/** Users besides root that a daemon of root believes, as numbers with commas between them. */
const TRUSTED_VARIABLE = 'ROUSE_TRUSTED_UIDS';

const GROUP_WRITES = 0o020;
const OTHERS_WRITE = 0o002;
const STICKY = 0o1000;
/** Source: path_resolution(7), MAXSYMLINKS. */
const MOST_LINKS = 40;

/** Root, the users that its environment names with their groups, and `also`, e.g. the user that the file will run as. */
export function trustedBy(
  environment: Readonly<Record<string, string | undefined>>,
  also: readonly number[] = [],
): Trusted {
  const named = (environment[TRUSTED_VARIABLE] ?? '')
    .split(',')
    .map((word) => word.trim())
    .filter((word) => /^\d{1,10}$/.test(word));
  const accounts = named.map(findAccount).filter((account) => account !== null);
  return {
    users: new Set([0, ...also, ...accounts.map(({ uid }) => uid)]),
    groups: new Set(accounts.map(({ uid, gid }) => gid ?? uid)),
  };
}

/** What is wrong with the way to a file; null when nothing is, or when there is no such file. Shapes: `file` is absolute. */
export function distrust(file: string, trusted: Trusted): Distrust | null {
  let links = 0;
  let at = '/';
  let left = file.split('/').filter((part) => part !== '');
  const root = faultOf('/', look('/'), { trusted, isHolder: left.length === 1 });
  if (root !== null) return root;
  for (let part = left.shift(); part !== undefined; part = left.shift()) {
    if (part === '.' || part === '..') {
      at = part === '.' ? at : dirname(at);
      continue;
    }
    const path = join(at, part);
    const stats = look(path);
    if (stats === null) return null;
    const fault = faultOf(path, stats, { trusted, isHolder: left.length === 1 });
    if (fault !== null) return fault;
    if (!stats.isSymbolicLink()) {
      at = path;
      continue;
    }
    links += 1;
    const target = links > MOST_LINKS ? null : targetOf(path);
    if (target === null) return null;
    if (target.startsWith('/')) at = '/';
    left = [...target.split('/').filter((word) => word !== ''), ...left];
  }
  return null;
}

/** What is wrong with a folder that programs are looked for in; null when nothing is. Shapes: absolute. */
export function distrustFolder(folder: string, trusted: Trusted): Distrust | null {
  return distrust(`${folder}/.`, trusted);
}

function faultOf(
  path: string,
  stats: Stats | null,
  { trusted, isHolder }: { readonly trusted: Trusted; readonly isHolder: boolean },
): Distrust | null {
  if (stats === null) return null;
  const { uid, gid, mode } = stats;
  if (!trusted.users.has(uid)) {
    const trusting = `start the daemon with ${TRUSTED_VARIABLE}=${uid} if that user may do whatever root may`;
    return { path, why: `belongs to user ${nameOf(uid)}`, mend: `chown root ${path}, or ${trusting}` };
  }
  // The mode of a link means nothing; symlink(7).
  if (stats.isSymbolicLink()) return null;
  const isPassed = stats.isDirectory() && !isHolder && (mode & STICKY) !== 0;
  if (isPassed) return null;
  if ((mode & OTHERS_WRITE) !== 0) return { path, why: 'can be written by everybody', mend: `chmod o-w ${path}` };
  if ((mode & GROUP_WRITES) !== 0 && !trusted.groups.has(gid))
    return { path, why: 'can be written by its group', mend: `chmod g-w ${path}` };
  return null;
}

function nameOf(uid: number): string {
  const name = findAccount(String(uid))?.name ?? null;
  return name === null ? String(uid) : `${name} (${uid})`;
}

function look(path: string): Stats | null {
  try {
    return lstatSync(path, { throwIfNoEntry: false }) ?? null;
  } catch {
    // A way through a file, or through a folder that may not be entered: nothing is executed by it.
    return null;
  }
}

function targetOf(link: string): string | null {
  try {
    return readlinkSync(link);
  } catch {
    // It was taken away this moment.
    return null;
  }
}
