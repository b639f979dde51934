/**
 * What may be executed at all, asked right before it is: the rules of the project, and whether root may trust the program.
 *
 * Looked at is the program itself, the interpreter that its first line names, and a script that is Nushell's. Not looked at
 * are files that a program is given as words (`sh script.sh`, `node server.js`) and what it loads by itself: that is the
 * definition's business, as it is with every service manager.
 */
import { allowsCommand } from '../model/command-rules.ts';
import type { Policy } from '../model/policy.ts';
import type { StartFault } from '../model/reason.ts';
import type { Command, Spec } from '../model/spec.ts';
import { findAccount } from './account.ts';
import { realOf } from './program.ts';
import { type Trusted, distrust, trustedBy } from './trust.ts';

/** What is about to be executed. Shapes: `files` are absolute, the program first; `argv` begins with it. */
export interface Executed {
  readonly files: readonly string[];
  readonly argv: readonly string[];
  readonly via: Command['via'];
}

/** Says why something may not be executed; null when it may. Never throws. */
export type Guard = (executed: Executed) => StartFault | null;

/** The guard of a service: what runs as its user may belong to that user too. */
export type GuardOf = (spec: Pick<Spec, 'name' | 'confinement'>) => Guard;

/** What guards are made from. `uid` is that of this program. */
export interface GuardParts {
  readonly uid: number;
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** Asked at every use, so that a new rule counts at once. */
  readonly policy: () => Pick<Policy, 'commands'>;
}

/** The guards of a supervisor. */
export function createGuards({ uid, environment, policy }: GuardParts): GuardOf {
  const everybody = trustedBy(environment);
  return ({ confinement: { user } }) =>
    (executed) => {
      const unlisted = unlistedFault(executed, policy());
      if (unlisted !== null || uid !== 0) return unlisted;
      const own = user === null ? null : findAccount(user);
      const trusted = own === null ? everybody : { ...everybody, users: new Set([...everybody.users, own.uid]) };
      return untrustedFault(executed.files, trusted);
    };
}

function unlistedFault({ argv }: Executed, { commands }: Pick<Policy, 'commands'>): StartFault | null {
  const [program = ''] = argv;
  if (commands === null || allowsCommand(commands, { argv, real: realOf(program) })) return null;
  return {
    code: 'refused',
    message: `"${program}" with these words is not on the list of commands that may run`,
    program,
    hint: 'use a command of the list, or add it: security.commands.allow',
  };
}

function untrustedFault(files: readonly string[], trusted: Trusted): StartFault | null {
  for (const file of files) {
    const found = distrust(file, trusted);
    if (found === null) continue;
    const where = found.path === file ? 'it' : `"${found.path}" on the way to it`;
    return {
      code: 'not-trusted',
      message: `root does not execute "${file}": ${where} ${found.why}`,
      program: file,
      hint: found.mend,
    };
  }
  return null;
}
