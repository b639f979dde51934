/**
 * What a shim has noted of its run: one file, one line a fact, appended by the shim and by the process that becomes the
 * service. A line without its newline is not complete and counts as not written.
 *
 * | line            | says |
 * |-----------------|------|
 * | `shim <stat>`   | who the shim is; the making of the file is the claim, and this its first line |
 * | `proc <stat>`   | who is about to become the service |
 * | `failed <step>` | a step before that which could not be done |
 * | `exit <status>` | the end, as a shell counts it: 128 and the number for a signal |
 * | anything else   | what the shell said: why something failed, or the name of the signal that ended the service |
 *
 * One file and not one for each fact, because its first line already takes the space that the last one needs: an end is
 * noted even when the disk has become full. Source: proc_pid_stat(5), fields 1, 22, 28 and 48.
 */
import { readFileSync } from 'node:fs';
import { constants } from 'node:os';
import type { Ending } from '../model/reason.ts';
import type { Identity } from './process-group.ts';

/** A process as it noted itself. `image` tells whether it has become another program since; null where nothing says so. */
export interface Noted extends Identity {
  readonly image: string | null;
}

/** What is noted of a run. Shapes: `words` holds what the shell said, oldest first. */
export interface RunRecord {
  readonly shim: Noted | null;
  readonly main: Noted | null;
  readonly failed: string | null;
  readonly status: number | null;
  readonly words: readonly string[];
}

/** The record of a claim that nothing has been noted with yet. */
export const EMPTY_RECORD: RunRecord = { shim: null, main: null, failed: null, status: null, words: [] };

const SIGNAL_BASE = 128;
/** Shells say nothing of these two signals; of every other they do. */
const SILENT: readonly string[] = ['SIGINT', 'SIGPIPE'];

/** The record in that file; null when there is none, which means that nobody has claimed the run. Throws what the file system says. */
export function readRecord(path: string): RunRecord | null {
  try {
    return parseRecord(readFileSync(path, 'latin1'));
  } catch (cause) {
    if (cause instanceof Error && 'code' in cause && (cause.code === 'ENOENT' || cause.code === 'ENOTDIR')) return null;
    throw cause;
  }
}

/** What the text of a record says. */
export function parseRecord(text: string): RunRecord {
  const lines = text.split('\n').slice(0, -1);
  const after = (word: string): string | null =>
    lines.find((line) => line.startsWith(`${word} `))?.slice(word.length + 1) ?? null;
  const status = after('exit');
  return {
    shim: notedIn(after('shim')),
    main: notedIn(after('proc')),
    failed: after('failed'),
    status: status === null || !/^\d{1,3}$/.test(status) ? null : Number(status),
    words: lines.filter((line) => line.trim() !== '' && !/^(shim|proc|failed|exit) /.test(line)),
  };
}

/**
 * How the run ended, as its shim noted it; null while nothing is noted. A status above 128 is a signal when the shell said
 * its name. `asked` is the signal that the run was asked to end with: shells say nothing of SIGINT and SIGPIPE, so those
 * two are believed only of a run that was asked so; else they stay the codes 130 and 141.
 */
export function endingOf({ status, words }: RunRecord, asked: string | null): Ending | null {
  if (status === null) return null;
  const signal = status > SIGNAL_BASE ? signalName(status - SIGNAL_BASE) : null;
  const isSignal = signal !== null && (words.length > 0 || (SILENT.includes(signal) && signal === asked));
  return isSignal ? { exitCode: null, signal } : { exitCode: status, signal: null };
}

/** The line of /proc about that process, as its own note would be now; null when there is none. */
export function noteOf(pid: number): (Noted & { readonly name: string }) | null {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, 'latin1');
    const noted = notedIn(text.trim());
    return noted === null ? null : { ...noted, name: text.slice(text.indexOf('(') + 1, text.lastIndexOf(')')) };
  } catch {
    // It ended meanwhile, or there is no /proc.
    return null;
  }
}

function notedIn(line: string | null): Noted | null {
  if (line === null) return null;
  // Where there is no /proc, a process can note its number alone. 0 and 1 are nobody's who runs below a daemon.
  const [, pid, rest] = /^([1-9]\d{0,9})( \(.*)?$/s.exec(line) ?? [];
  if (pid === undefined || pid === '1') return null;
  if (rest === undefined) return { pid: Number(pid), startTime: null, image: null };
  const fields = line.slice(line.lastIndexOf(')') + 2).split(' ');
  const startTime = fields[19];
  if (startTime === undefined || !/^\d+$/.test(startTime)) return null;
  // The addresses of stack and arguments are drawn anew with every program.
  const name = line.slice(line.indexOf('('), line.lastIndexOf(')'));
  return { pid: Number(pid), startTime, image: `${name} ${fields[25] ?? ''} ${fields[45] ?? ''}` };
}

/** Real-time signals have no names of their own here; they count from the first. */
function signalName(number: number): string | null {
  const named = Object.entries(constants.signals).find(([, value]) => value === number)?.[0];
  if (named !== undefined) return named;
  return number >= 34 && number <= 64 ? (number === 34 ? 'SIGRTMIN' : `SIGRTMIN+${number - 34}`) : null;
}
