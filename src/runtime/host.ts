/** What this machine and this program give to every child. */
import { readFileSync, readdirSync } from 'node:fs';
import { homedir, userInfo } from 'node:os';

/** The surroundings of children. */
export interface Host {
  /** Searched for programs, and given to children. Folders separated by `:`; only absolute ones count. */
  readonly path: string;
  readonly home: string;
  readonly user: string;
  readonly lang: string;
  /** Where `inherit_env` takes its values from. */
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** Descriptors above 2 that this program was started with and that every child would get too. */
  readonly strayDescriptors: readonly number[];
}

/** The PATH of a daemon that runs as root or was installed (security.md §4): nobody's shell decides what it executes. */
export const FIXED_PATH = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin';

const CLOSE_ON_EXEC = 0o2000000;
const HIGHEST_DESCRIPTOR = 1023;

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
    strayDescriptors: strays(),
  };
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
