/** What the process table says of runs, where their folders say nothing, or not enough. */
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import type { ServiceName } from '../model/spec.ts';
import { type Identity, identify, isExecuting, readStat } from './process-group.ts';
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
  const stat = readStat(identity.pid);
  if (typeof stat === 'string') return stat === 'gone';
  return (identity.startTime !== null && stat.startTime !== identity.startTime) || !isExecuting(stat);
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

/** What it was executed with, each variable between zero bytes; empty for one of another user, who cannot be a run of ours. */
function variablesOf(pid: number): string {
  try {
    return `\0${readFileSync(`/proc/${pid}/environ`, 'latin1')}\0`;
  } catch {
    // It ended meanwhile, or belongs to somebody else.
    return '';
  }
}
