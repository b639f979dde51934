/** As whom a run is to run: the definition's words to the kernel's numbers. */
import { readFileSync } from 'node:fs';
import type { Confinement } from '../model/confinement.ts';
import type { StartFault } from '../model/reason.ts';
import { findAccount } from './account.ts';
import type { ConfineWorld } from './confine-tools.ts';

/**
 * Whoever a run is to be. `groups`: the other groups that the group file gives to the user, or none at all where the
 * password file does not know the number. `home` null where it is not known.
 */
export interface As {
  readonly uid: number;
  readonly gid: number;
  readonly groups: 'own' | 'none';
  readonly name: string | null;
  readonly home: string | null;
}

const GROUP_FILE = '/etc/group';
const HIGHEST_GID = 2 ** 31 - 2;

/**
 * Whom the run is to become; null when it stays who the daemon is. A number without a user of its own gets the group of
 * the same number, never that of the daemon. Faults are `isolation`: somebody who is not there, or not ours to become.
 */
export function asWhom(
  { user, group }: Pick<Confinement, 'user' | 'group'>,
  world: Pick<ConfineWorld, 'uid' | 'gid'>,
): As | null | StartFault {
  if (user === null && group === null) return null;
  const account = user === null ? ownAccount(world) : findAccount(user);
  if (account === null) return unknown('user', user ?? '', 'useradd --system');
  const gid = group === null ? (account.gid ?? account.uid) : gidOf(group);
  if (gid === null) return unknown('group', group ?? '', 'groupadd --system');
  const { uid, name, home } = account;
  const isSame = uid === world.uid && gid === world.gid;
  if (isSame) return null;
  if (world.uid !== 0) return notRoot(uid === world.uid ? `group "${group ?? gid}"` : `user "${user ?? uid}"`);
  return { uid, gid, groups: name === null || user === null ? 'none' : 'own', name, home };
}

/** Whether it is somebody, or why not. */
export function isFault(one: object): one is StartFault {
  return 'code' in one && 'message' in one;
}

function ownAccount({ uid, gid }: Pick<ConfineWorld, 'uid' | 'gid'>): ReturnType<typeof findAccount> {
  return findAccount(String(uid)) ?? { uid, gid, name: null, home: null };
}

/** The number of a group by name or number; null when there is none. Source: group(5). */
export function gidOf(group: string): number | null {
  if (/^\d{1,10}$/.test(group)) return Number(group) <= HIGHEST_GID ? Number(group) : null;
  try {
    const lines = readFileSync(GROUP_FILE, 'utf8').split('\n');
    const gid = lines.map((line) => line.split(':')).find(([name]) => name === group)?.[2];
    return gid === undefined || !/^\d+$/.test(gid) ? null : Number(gid);
  } catch {
    // An image without one: then there are only numbers.
    return null;
  }
}

function unknown(what: 'user' | 'group', name: string, make: string): StartFault {
  const message = `there is no ${what} "${name}" on this machine`;
  return { code: 'isolation', message, program: null, hint: `make it: ${make} ${name}; or name another one` };
}

function notRoot(whom: string): StartFault {
  return {
    code: 'isolation',
    message: `only a daemon of root can begin it as ${whom}`,
    program: null,
    hint: 'leave user and group away, or start the daemon as root',
  };
}
