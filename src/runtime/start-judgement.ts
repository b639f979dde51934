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
import type { Identity } from './process-group.ts';
import { type Noted, type RunRecord, noteOf } from './run-record.ts';
import { saidFault } from './spawn-fault.ts';
import { findWalled } from './walled.ts';

/** What is judged besides the record. Units: `waitedMs` since the process was first seen noted. */
export interface StartFacts {
  readonly launch: Launch;
  readonly directory: string;
  readonly waitedMs: number;
  /** As whom the program is executed, as the definition says it; null = as the daemon. */
  readonly user: string | null;
  /** The newest line of the run's output; asked only where it matters. */
  readonly lastLine: () => string;
  /** What the shell behind the wall has noted; null for a run without a wall. */
  readonly inside: (() => RunRecord | null) | null;
}

/** The verdict. */
export type StartVerdict =
  | { readonly type: 'waits'; readonly for: 'shim' | 'program' }
  | {
      readonly type: 'begun';
      readonly main: Noted;
      readonly shim: Noted | null;
      /** Those between the shim and `main`, where there is a wall. */
      readonly keepers: readonly Identity[];
    }
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
const ON_THE_WAY: readonly string[] = ['setsid', 'env', 'setpriv', 'nice'];
/** The longest that a wall is built; ms. Some mounts take their time on a busy machine. */
const LONGEST_WALL_MS = 10_000;
const NOT_EXECUTED: readonly number[] = [126, 127];

/** Judges a start. Never throws. */
export function judgeStart(record: RunRecord, facts: StartFacts): StartVerdict {
  const { main, shim, status, failed } = record;
  if (main === null) {
    const isOver = failed !== null || status !== null;
    if (!isOver && (shim === null || !isGone(shim))) return { type: 'waits', for: 'shim' };
    return { type: isOver ? 'failed' : 'abandoned', fault: stepFault(record, facts) };
  }
  if (failed !== null) return { type: 'failed', fault: stepFault(record, facts) };
  if (facts.inside !== null) return judgeWalled(record, main, { ...facts, inside: facts.inside });
  if (status !== null) return judgeEnd(status, facts) ?? { type: 'begun', main, shim, keepers: [] };
  const isOnItsWay = facts.waitedMs < LONGEST_MS && !hasBecomeProgram(main) && (shim === null || !isGone(shim));
  return isOnItsWay ? { type: 'waits', for: 'program' } : { type: 'begun', main, shim, keepers: [] };
}

function judgeEnd(status: number, facts: StartFacts): StartVerdict | null {
  const words = NOT_EXECUTED.includes(status) ? wordsOfLast(facts.lastLine()) : null;
  return words === null ? null : { type: 'failed', fault: endFault(words, facts) };
}

/** Behind a wall only the shell inside knows what has become of the program; where it says nothing, there is no wall. */
function judgeWalled(
  { shim, status }: RunRecord,
  watcher: Noted,
  facts: StartFacts & { readonly inside: () => RunRecord | null },
): StartVerdict {
  const inside = facts.inside();
  const noted = inside?.main ?? null;
  const alone = { type: 'begun', main: watcher, shim, keepers: [] } as const;
  const isOver = status !== null || (isGone(watcher) && (shim === null || isGone(shim)));
  if (noted === null) {
    if (status !== null) return { type: 'failed', fault: endFault(facts.lastLine(), facts) };
    return isOver || facts.waitedMs >= LONGEST_WALL_MS ? alone : { type: 'waits', for: 'program' };
  }
  const end = inside?.status ?? null;
  const failed = end === null ? null : judgeEnd(end, facts);
  if (failed !== null) return failed;
  const walled = isOver ? null : findWalled(watcher, noted);
  if (walled === null) return alone;
  if (facts.waitedMs < LONGEST_MS && !hasBecomeProgram(walled.main)) return { type: 'waits', for: 'program' };
  return { type: 'begun', shim, ...walled };
}

function hasBecomeProgram(main: Noted): boolean {
  const now = noteOf(main.pid);
  // One that has ended so soon is judged by its end, which its shim is about to note.
  if (now === null || now.startTime !== main.startTime) return false;
  return main.image === null || (now.image !== main.image && !ON_THE_WAY.includes(now.name));
}

function stepFault({ failed, words }: RunRecord, { launch, directory }: StartFacts): StartFault {
  if (failed === FENCED) return NEVER_BEGUN;
  if (failed === 'limit') return limitFault(words.join(' '));
  const gone = failed === 'directory' ? directoryFault(directory) : null;
  return gone ?? saidFault(words.join(' '), launch, directory);
}

function limitFault(said: string): StartFault {
  const message = `a limit of its processes cannot be set: ${said}`;
  return { code: 'isolation', message, program: null, hint: 'ask for less in limits, or leave it away' };
}

/** Why what wraps the program did not come to executing it: it could not be, or what it wraps it with cannot be had. */
function endFault(words: string, { launch, directory, user }: StartFacts): StartFault {
  const { file } = launch;
  if (user !== null && /Permission denied/.test(words) && words.includes(file))
    return {
      code: 'not-executable',
      message: `"${file}" may not be executed by user "${user}"`,
      program: file,
      hint: `see the modes on the way to it: namei -l ${file}`,
    };
  if (!/^(setpriv|bwrap|nice): /.test(words)) return saidFault(words, launch, directory);
  if (/failed to execute|execvp|nice: .*: (No such|Exec format)/.test(words))
    return saidFault(words, launch, directory);
  const hint = 'see what can be had here: rouse doctor; or ask for less: sandbox = "default"';
  return { code: 'isolation', message: `it cannot be confined: ${words}`, program: null, hint };
}

/** What a tool on the way or the shim's own `exec` say when they cannot execute a program; null when the line is the service's. */
function wordsOfLast(line: string): string | null {
  return /^setsid: (failed to|can't) execute|^\S*env: ['‘]|^(setpriv|nice|bwrap): |^rouse: .*exec: |\/\.shim: .*exec: /.test(
    line,
  )
    ? line
    : null;
}
