/**
 * Which process is meant, and sending it signals.
 *
 * A process id alone names nobody for long: the kernel gives it away again. Together with the start time it is unique
 * until the machine restarts, so both are noted right after the spawn and compared before every signal. A process group
 * keeps its leader's number reserved as long as one member lives; if the number belongs to a process with another
 * start time, the group is gone. Source: proc_pid_stat(5), fields 3, 5 and 22; kill(2); setsid(2).
 */
import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { constants } from 'node:os';

/** A process that leads its own session and group. `startTime` in clock ticks since boot; null where /proc is not there. */
export interface Identity {
  readonly pid: number;
  readonly startTime: string | null;
}

/** What became of a signal: `gone` = there was nobody left, which is no fault; `refused` = not permitted. */
export type Delivery = 'sent' | 'gone' | 'refused';

/** What the kernel says of a process. `startTime` in clock ticks since boot; `threads` counts those that execute. */
export interface ProcessStat {
  readonly pid: number;
  readonly name: string;
  /** One letter, as ps(1) shows it: R, S, D, T, Z … */
  readonly state: string;
  readonly parent: number;
  readonly group: number;
  readonly session: number;
  readonly threads: number;
  readonly startTime: string;
}

/** Notes who the process is now. One that has gone already is nobody: its start time is that of no process. */
export function identify(pid: number): Identity {
  return { pid, startTime: statOf(pid)?.startTime ?? (isSeen() ? '' : null) };
}

/** Whether this machine shows its processes at all. */
function isSeen(): boolean {
  return existsSync('/proc/self/stat');
}

/**
 * Whether that very process still executes; an ended one that nobody has reaped does not. Where it cannot be read, one of
 * that number counts: an end is not said that was not seen.
 */
export function isAlive(identity: Identity): boolean {
  const stat = readStat(identity.pid);
  if (stat === 'gone') return false;
  if (typeof stat === 'string') return exists(identity.pid);
  return stat.startTime === identity.startTime && isExecuting(stat);
}

/** Whether a signal of that name exists here. */
export function isSignal(name: string): name is NodeJS.Signals {
  return name in constants.signals;
}

/** Signals, one after the other. */
export type Signals = readonly [NodeJS.Signals, ...NodeJS.Signals[]];

/**
 * Signals the process alone, after making sure that it is the one that was meant; `refused` when that cannot be made
 * sure. Tells what became of the first.
 */
export function signalProcess(identity: Identity, ...names: Signals): Delivery {
  // Without a start time nothing can be compared, ever: there is no /proc here.
  if (identity.startTime === null) return isAlive(identity) ? deliverAll(identity.pid, names) : 'gone';
  const stat = readStat(identity.pid);
  if (stat === 'hidden' || stat === 'unknown') return 'refused';
  if (stat === 'gone' || stat.startTime !== identity.startTime || !isExecuting(stat)) return 'gone';
  return deliverAll(identity.pid, names);
}

/** Signals every member of the group that the process leads or led. Tells what became of the first. */
export function signalGroup(identity: Identity, ...names: Signals): Delivery {
  return isTakenOver(identity) ? 'gone' : deliverAll(-identity.pid, names);
}

/** Whether no member of the group executes any more. Costs one system call when empty, a look through /proc when not. */
export function isGroupEmpty(identity: Identity): boolean {
  if (isTakenOver(identity) || !exists(-identity.pid)) return true;
  // Ended members that nobody reaps (pid 1 of many containers does not) still count for kill(2), but they are over.
  return !liveMembers(identity.pid);
}

function liveMembers(group: number): boolean {
  // Without /proc nobody can say which members have only not been reaped; they count.
  if (!isSeen()) return true;
  return readdirSync('/proc').some((name) => {
    const stat = /^\d+$/.test(name) ? statOf(Number(name)) : null;
    return stat !== null && stat.group === group && isExecuting(stat);
  });
}

function isTakenOver(identity: Identity): boolean {
  if (identity.startTime === null) return false;
  const stat = statOf(identity.pid);
  return stat !== null && stat.startTime !== identity.startTime;
}

/** What the kernel says of the process; null when there is none, or it cannot be read. Costs about 20 microseconds. */
export function statOf(pid: number): ProcessStat | null {
  const stat = readStat(pid);
  return typeof stat === 'string' ? null : stat;
}

/**
 * The same, but tells why there is nothing: `hidden` = it belongs to somebody else, and may not be seen (hidepid);
 * `unknown` = it could not be read, for want of descriptors or of `/proc`.
 */
export function readStat(pid: number): ProcessStat | 'gone' | 'hidden' | 'unknown' {
  let text: string;
  try {
    text = readFileSync(`/proc/${pid}/stat`, 'latin1');
  } catch (cause) {
    const code = cause instanceof Error && 'code' in cause ? cause.code : '';
    if (code === 'EACCES' || code === 'EPERM') return 'hidden';
    return code === 'ESRCH' || (code === 'ENOENT' && !exists(pid)) ? 'gone' : 'unknown';
  }
  // The name stands in parentheses and may hold anything, parentheses too.
  const end = text.lastIndexOf(')');
  const fields = text.slice(end + 2).split(' ');
  return {
    pid,
    name: text.slice(text.indexOf('(') + 1, end),
    state: fields[0] ?? '',
    parent: Number(fields[1]),
    group: Number(fields[2]),
    session: Number(fields[3]),
    threads: Number(fields[17]),
    startTime: fields[19] ?? '',
  };
}

/** Whether it executes: an ended one that nobody reaps does not, unless its other threads go on. */
export function isExecuting({ state, threads }: ProcessStat): boolean {
  return state === 'X' ? false : state !== 'Z' || threads > 1;
}

function exists(target: number): boolean {
  return deliver(target, 0) !== 'gone';
}

function deliverAll(target: number, [first, ...more]: Signals): Delivery {
  const delivery = deliver(target, first);
  for (const name of more) deliver(target, name);
  return delivery;
}

function deliver(target: number, signal: NodeJS.Signals | 0): Delivery {
  // To kill(2) 0 is the caller's own group and -1 is everybody; no record of a run, however wrong, may come to mean those.
  if (!Number.isSafeInteger(target) || target === 0 || target === -1) return 'gone';
  try {
    process.kill(target, signal);
    return 'sent';
  } catch (cause) {
    // ESRCH: it ended first, which is what most signals are for. EPERM: it changed its user.
    return cause instanceof Error && 'code' in cause && cause.code === 'ESRCH' ? 'gone' : 'refused';
  }
}
