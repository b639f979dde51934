/**
 * Which process is meant, and sending it signals.
 *
 * A process id alone names nobody for long: the kernel gives it away again. Together with the start time it is unique
 * until the machine restarts, so both are noted right after the spawn and compared before every signal. A process group
 * keeps its leader's number reserved as long as one member lives; if the number belongs to a process with another
 * start time, the group is gone. Source: proc_pid_stat(5), fields 3, 5 and 22; kill(2); setsid(2).
 */
import { readFileSync, readdirSync } from 'node:fs';
import { constants } from 'node:os';

/** A process that leads its own session and group. `startTime` in clock ticks since boot; null where /proc is not there. */
export interface Identity {
  readonly pid: number;
  readonly startTime: string | null;
}

/** What became of a signal: `gone` = there was nobody left, which is no fault; `refused` = not permitted. */
export type Delivery = 'sent' | 'gone' | 'refused';

interface Stat {
  readonly state: string;
  readonly group: number;
  readonly startTime: string;
}

/** Notes who the process is now. */
export function identify(pid: number): Identity {
  return { pid, startTime: statOf(pid)?.startTime ?? null };
}

/** Whether that very process still executes; an ended one that nobody has reaped does not. */
export function isAlive(identity: Identity): boolean {
  const stat = statOf(identity.pid);
  if (stat === null) return identity.startTime === null && exists(identity.pid);
  return stat.startTime === identity.startTime && stat.state !== 'Z' && stat.state !== 'X';
}

/** Whether a signal of that name exists here. */
export function isSignal(name: string): name is NodeJS.Signals {
  return name in constants.signals;
}

/** Signals the process alone, after making sure that it is the one that was meant. */
export function signalProcess(identity: Identity, name: NodeJS.Signals): Delivery {
  return isAlive(identity) ? deliver(identity.pid, name) : 'gone';
}

/** Signals every member of the group that the process leads or led. */
export function signalGroup(identity: Identity, name: NodeJS.Signals): Delivery {
  return isTakenOver(identity) ? 'gone' : deliver(-identity.pid, name);
}

/** Whether no member of the group executes any more. Costs one system call when empty, a look through /proc when not. */
export function isGroupEmpty(identity: Identity): boolean {
  if (isTakenOver(identity) || !exists(-identity.pid)) return true;
  // Ended members that nobody reaps (pid 1 of many containers does not) still count for kill(2), but they are over.
  return !liveMembers(identity.pid);
}

function liveMembers(group: number): boolean {
  return readdirSync('/proc').some((name) => {
    const stat = /^\d+$/.test(name) ? statOf(Number(name)) : null;
    return stat !== null && stat.group === group && stat.state !== 'Z' && stat.state !== 'X';
  });
}

function isTakenOver(identity: Identity): boolean {
  if (identity.startTime === null) return false;
  const stat = statOf(identity.pid);
  return stat !== null && stat.startTime !== identity.startTime;
}

function statOf(pid: number): Stat | null {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, 'latin1');
    // The name stands in parentheses and may hold anything, parentheses too.
    const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
    return { state: fields[0] ?? '', group: Number(fields[2]), startTime: fields[19] ?? '' };
  } catch {
    // No such process, or no /proc.
    return null;
  }
}

function exists(target: number): boolean {
  return deliver(target, 0) !== 'gone';
}

function deliver(target: number, signal: NodeJS.Signals | 0): Delivery {
  try {
    process.kill(target, signal);
    return 'sent';
  } catch (cause) {
    // ESRCH: it ended first, which is what most signals are for. EPERM: it changed its user.
    return cause instanceof Error && 'code' in cause && cause.code === 'ESRCH' ? 'gone' : 'refused';
  }
}
