/** What the process table says of runs, where their folders say nothing, or not enough. */
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import type { ServiceName } from '../model/spec.ts';
import { type Identity, identify } from './process-group.ts';
import { codeOf } from './run-folder.ts';
import { INSTANCE_VARIABLE, lookAround } from './tree-scan.ts';

/** What was found of a run without a folder. `none` is evidence: the process table could be read, and nobody is there. */
export type Evidence =
  | { readonly type: 'none' | 'unknown' }
  | { readonly type: 'alive'; readonly main: Identity; readonly instance: string };

/** Begins the name of every run of that directory, so that projects with services of one name are told apart. */
export function instanceTag(runDirectory: string): string {
  return createHash('sha256').update(runDirectory).digest('hex').slice(0, 8);
}

/** Whether that very process has certainly ended. What cannot be read, for want of descriptors, is not certain. */
export function isGone(identity: Identity): boolean {
  try {
    const text = readFileSync(`/proc/${identity.pid}/stat`, 'latin1');
    const [state = '', ...fields] = text.slice(text.lastIndexOf(')') + 2).split(' ');
    const isAnother = identity.startTime !== null && fields[18] !== identity.startTime;
    return isAnother || ((state === 'Z' || state === 'X') && !hasThreads(fields));
  } catch (cause) {
    const code = codeOf(cause);
    if (code === 'ESRCH') return true;
    return code === 'ENOENT' && isNotThere(identity.pid);
  }
}

/** Looks through all processes for those that carry the name of a run of this directory, service and number. */
export function findRun(runDirectory: string, service: ServiceName, run: number): Evidence {
  const processes = lookAround();
  // Not even this program is seen: nothing can be said.
  if (!processes.has(process.pid)) return { type: 'unknown' };
  const cookie = `\0${INSTANCE_VARIABLE}=${instanceTag(runDirectory)}.`;
  const words = [`\0ROUSE_SERVICE=${service}\0`, `\0ROUSE_RUN=${run}\0`];
  const found = [...processes.values()]
    .map((stat) => ({ stat, environment: variablesOf(stat.pid) }))
    .filter(({ environment }) => environment.includes(cookie) && words.every((word) => environment.includes(word)))
    .filter(({ stat }) => !isGone(stat));
  if (found.length === 0) return { type: 'none' };
  // The process of the run leads its session; a descendant that leads one of its own began later.
  const [first] = found
    .filter(({ stat }) => stat.pid === stat.session)
    .toSorted((a, b) => Number(a.stat.startTime) - Number(b.stat.startTime));
  if (first === undefined) return { type: 'unknown' };
  const { environment, stat } = first;
  const from = environment.indexOf(cookie) + INSTANCE_VARIABLE.length + 2;
  return {
    type: 'alive',
    main: identify(stat.pid),
    instance: environment.slice(from, environment.indexOf('\0', from)),
  };
}

/** A process whose first thread has ended is shown as a zombie while others go on. */
function hasThreads(fields: readonly string[]): boolean {
  return Number(fields[16]) > 1;
}

function isNotThere(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return false;
  } catch (cause) {
    return codeOf(cause) === 'ESRCH';
  }
}

/** What it was executed with, each variable between zero bytes; empty for one of another user, who cannot be a run of ours. */
function variablesOf(pid: number): string {
  try {
    return `\0${readFileSync(`/proc/${pid}/environ`, 'latin1')}\0`;
  } catch {
    // It ended meanwhile, or belongs to somebody else.
    return '';
  }
}
