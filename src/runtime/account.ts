/** Users of this machine, as its password file knows them. */
import { readFileSync } from 'node:fs';

/** A user. `name` and `home` are `null` where only a number is known. */
export interface Account {
  readonly uid: number;
  /** The user's own group; null where only a number is known. */
  readonly gid: number | null;
  readonly name: string | null;
  readonly home: string | null;
}

const PASSWORD_FILE = '/etc/passwd';
/** The highest that is a user: programs read such numbers as signed (setpriv(1)), and the last stands for none. */
const HIGHEST_UID = 2 ** 31 - 2;

/**
 * The user of a name, or of a number in digits; null when there is none of that name. A number is a user whether or not
 * the password file has it. Source: passwd(5). Users of directories (LDAP and the like) are known by their numbers alone.
 */
export function findAccount(user: string): Account | null {
  const isNumber = /^\d{1,10}$/.test(user);
  for (const line of passwordLines()) {
    const [name = '', , uid = '', gid = '', , home = ''] = line.split(':');
    if (!/^\d+$/.test(uid) || !/^\d+$/.test(gid)) continue;
    if (isNumber ? uid !== String(Number(user)) : name !== user) continue;
    return { uid: Number(uid), gid: Number(gid), name, home: home.startsWith('/') ? home : null };
  }
  return isNumber && Number(user) <= HIGHEST_UID ? { uid: Number(user), gid: null, name: null, home: null } : null;
}

function passwordLines(): readonly string[] {
  try {
    return readFileSync(PASSWORD_FILE, 'utf8').split('\n');
  } catch {
    // An image without one: then there are only numbers.
    return [];
  }
}
