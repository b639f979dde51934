/**
 * Whether a run that was ordered has begun, from what its shim has noted.
 *
 * | noted                                  | and                                              | verdict |
 * |----------------------------------------|--------------------------------------------------|---------|
 * | nothing, or the shim alone             | the shim lives, or has not noted itself yet      | waits |
 * | the shim alone                         | it is gone; the process that it made, if any, may be about to note itself | abandoned |
 * | no process, but a step or an end       |                                                  | failed |
 * | the process                            | it still is the shell, or `setsid` or `env`      | waits, for half a second |
 * | the process and its end (126, 127)     | its last words are of `setsid`, `env` or the shim | failed |
 * | the process                            | else                                             | begun |
 *
 * A process has become another program when its stack is elsewhere: the kernel draws that anew at every execve(2).
 */
import type { StartFault } from '../model/reason.ts';
import type { Launch } from './launch.ts';
import { directoryFault } from './program.ts';
import { isGone } from './run-evidence.ts';
import { FENCED } from './run-folder.ts';
import { type Noted, type RunRecord, noteOf } from './run-record.ts';
import { saidFault } from './spawn-fault.ts';

/** What is judged besides the record. Units: `waitedMs` since the process was first seen noted. */
export interface StartFacts {
  readonly launch: Launch;
  readonly directory: string;
  readonly waitedMs: number;
  /** The newest line of the run's output; asked only where it matters. */
  readonly lastLine: () => string;
}

/** The verdict. */
export type StartVerdict =
  | { readonly type: 'waits'; readonly for: 'shim' | 'program' }
  | { readonly type: 'begun'; readonly main: Noted; readonly shim: Noted | null }
  | { readonly type: 'failed'; readonly fault: StartFault }
  | { readonly type: 'abandoned'; readonly fault: StartFault };

/** The fault of a run that was ordered and is kept from being begun. */
export const NEVER_BEGUN: StartFault = {
  code: 'never-begun',
  message: 'the daemon ended before it was started',
  program: null,
  hint: null,
};

/** The longest that a process may seem to be on its way to its program; ms. A service may itself be called `env`. */
const LONGEST_MS = 500;
const ON_THE_WAY: readonly string[] = ['setsid', 'env'];
const NOT_EXECUTED: readonly number[] = [126, 127];

/** Judges a start. Never throws. */
export function judgeStart(record: RunRecord, facts: StartFacts): StartVerdict {
  const { main, shim, status, failed } = record;
  if (main === null) {
    const isOver = failed !== null || status !== null;
    if (!isOver && (shim === null || !isGone(shim))) return { type: 'waits', for: 'shim' };
    return { type: isOver ? 'failed' : 'abandoned', fault: stepFault(record, facts) };
  }
  if (status !== null) {
    const words = NOT_EXECUTED.includes(status) ? wordsOfLast(facts.lastLine()) : null;
    if (words === null) return { type: 'begun', main, shim };
    return { type: 'failed', fault: saidFault(words, facts.launch, facts.directory) };
  }
  const isOnItsWay = facts.waitedMs < LONGEST_MS && !hasBecomeProgram(main) && (shim === null || !isGone(shim));
  return isOnItsWay ? { type: 'waits', for: 'program' } : { type: 'begun', main, shim };
}

function hasBecomeProgram(main: Noted): boolean {
  const now = noteOf(main.pid);
  // One that has ended so soon is judged by its end, which its shim is about to note.
  if (now === null || now.startTime !== main.startTime) return false;
  return main.image === null || (now.image !== main.image && !ON_THE_WAY.includes(now.name));
}

function stepFault({ failed, words }: RunRecord, { launch, directory }: StartFacts): StartFault {
  if (failed === FENCED) return NEVER_BEGUN;
  const gone = failed === 'directory' ? directoryFault(directory) : null;
  return gone ?? saidFault(words.join(' '), launch, directory);
}

/** What `setsid`, `env` or the shim's own `exec` say when they cannot execute a program; null when the line is the service's. */
function wordsOfLast(line: string): string | null {
  return /^setsid: (failed to|can't) execute|^\S*env: ['‘]|\/\.shim: .*exec: /.test(line) ? line : null;
}
