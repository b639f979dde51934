/** What this machine and this program give to every child. */
import { readFileSync, readdirSync } from 'node:fs';
import { homedir, userInfo } from 'node:os';
import { isAbsolute } from 'node:path';
import { type Trusted, distrustFolder, trustedBy } from './trust.ts';

/** The surroundings of children. */
export interface Host {
  /** Searched for programs, and given to children. Folders separated by `:`; only absolute ones count. */
  readonly path: string;
  readonly home: string;
  readonly user: string;
  readonly lang: string;
  /** Where `inherit_env` takes its values from. */
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** Folders of the PATH of whoever started this program that are not searched; shown where a program is missing. */
  readonly leftOut: readonly LeftOut[];
  /** Descriptors above 2 that this program was started with and that every child would get too. */
  readonly strayDescriptors: readonly number[];
}

/** A folder in which programs are not looked for: why, in words, and what mends it. */
export interface LeftOut {
  readonly folder: string;
  readonly why: string;
  readonly mend: string;
}

/** The PATH of an installed daemon, and what every other one searches last: nobody's shell decides what it executes. */
export const FIXED_PATH = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin';

/** Set to 1 where a daemon is installed for a machine, and not begun by a person for a project. */
const INSTALLED_VARIABLE = 'ROUSE_REQUIRE_USER';

const CLOSE_ON_EXEC = 0o2000000;
const HIGHEST_DESCRIPTOR = 1023;

/**
 * The PATH of a daemon of that user that is started from these surroundings (ADR 0051).
 *
 * A user's daemon keeps the PATH as it is. One of root keeps those folders of it that nobody else can put a program into,
 * and searches the fixed ones after them. An installed one of root has the fixed ones alone.
 */
export function daemonPath(environment: Host['environment'], uid: number): string {
  const given = environment['PATH'] ?? '';
  if (uid !== 0) return given === '' ? FIXED_PATH : given;
  if (environment[INSTALLED_VARIABLE] === '1') return FIXED_PATH;
  const trusted = trustedBy(environment);
  const kept = given.split(':').filter((folder) => isAbsolute(folder) && distrustFolder(folder, trusted) === null);
  return [...new Set([...kept, ...FIXED_PATH.split(':')])].join(':');
}

/**
 * This machine and its user, with the PATH that the caller has decided on (a person's own daemon keeps the
 * PATH of the shell that started it). Home and user come from the password file, else from the environment.
 */
export function describeHost(path: string, environment: Readonly<Record<string, string | undefined>>): Host {
  return {
    path,
    ...account(environment),
    lang: environment['LANG'] ?? 'C.UTF-8',
    environment,
    leftOut: leftOutOf(path, environment),
    strayDescriptors: strays(),
  };
}

function leftOutOf(path: string, environment: Host['environment']): readonly LeftOut[] {
  const searched = new Set(path.split(':'));
  const trusted = trustedBy(environment);
  const given = new Set((environment['PATH'] ?? '').split(':'));
  return [...given]
    .filter((folder) => isAbsolute(folder) && !searched.has(folder))
    .map((folder) => ({ folder, ...whyLeftOut(folder, trusted) }));
}

function whyLeftOut(folder: string, trusted: Trusted): Omit<LeftOut, 'folder'> {
  const found = distrustFolder(folder, trusted);
  if (found === null)
    return { why: 'an installed daemon searches fixed folders alone', mend: 'write the absolute path of the program' };
  return { why: `"${found.path}" ${found.why}`, mend: found.mend };
}

function account(environment: Host['environment']): Pick<Host, 'home' | 'user'> {
  try {
    const { homedir: home, username: user } = userInfo();
    return { home, user };
  } catch {
    // A user id without an entry in the password file, as containers have them.
    return {
      home: environment['HOME'] ?? homedir(),
      user: environment['USER'] ?? String(process.getuid?.() ?? 'nobody'),
    };
  }
}

/** Node opens nothing that a child would get, and closes low descriptors off at its start; what is left came from outside. */
function strays(): readonly number[] {
  try {
    return readdirSync('/proc/self/fdinfo')
      .map(Number)
      .filter((fd) => fd > 2 && fd <= HIGHEST_DESCRIPTOR && isPassedOn(fd));
  } catch {
    // No /proc: not Linux, or hidden. Then nothing is known, and nothing is covered up.
    return [];
  }
}

function isPassedOn(fd: number): boolean {
  try {
    const flags = /^flags:\s*([0-7]+)/m.exec(readFileSync(`/proc/self/fdinfo/${fd}`, 'utf8'))?.[1];
    return flags !== undefined && (Number.parseInt(flags, 8) & CLOSE_ON_EXEC) === 0;
  } catch {
    // It was the descriptor of the listing itself and is gone.
    return false;
  }
}
