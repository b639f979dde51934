/**
 * Limits of a run, by the controllers that can be had: those of version 2 in the run's own group where they can be
 * switched on for it, else those of version 1 in a group of their own.
 *
 * A controller of version 2 is on in a group when every group above it hands it down, which the kernel refuses while
 * processes are in that group themselves (all but the root of the machine). Where a limit cannot be had, the run starts
 * without it and says so. Memory counts without swap: a run that may swap has no limit that ends it.
 * Source: kernel documentation, admin-guide/cgroup-v2 and cgroup-v1 (memory, cpu, pids).
 */
import { dirname, join } from 'node:path';
import type { HeldBy, LimitHeld } from '../model/held.ts';
import type { Ending } from '../model/reason.ts';
import type { ResourceLimits } from '../model/spec.ts';
import type { Resource } from './cgroup-find.ts';
import { makeGroup, read, write } from './cgroup.ts';

/** Where limits could be had for a run. */
export interface LimitPlace {
  /** The run's group of version 2, or null. It is there already. */
  readonly tree: string | null;
  /** The group below which all of Rouse's groups are, above `tree`. */
  readonly base: string | null;
  /** The run's groups of version 1, by controller; not there yet. */
  readonly separate: ReadonlyMap<Resource, string>;
}

/** What came of it. `folders` are the groups of version 1 that were made for it. */
export interface LimitsSet {
  readonly held: HeldBy['limits'];
  readonly folders: readonly string[];
}

type Writes = readonly (readonly [file: string, text: string, need: 'must' | 'may'])[];

/** Units: microseconds; the kernel's own default. */
const CPU_PERIOD = 100_000;

/** Sets what the limits ask for. Never throws. */
export function setLimits(limits: ResourceLimits, place: LimitPlace): LimitsSet {
  const folders: string[] = [];
  const hold = (resource: Resource, limit: number | null): LimitHeld => {
    if (limit === null) return 'none';
    const whyNotUnified = inUnified(resource, limit, place);
    if (whyNotUnified === null) return 'enforced';
    const separate = place.separate.get(resource);
    if (separate === undefined) return { unavailable: whyNotUnified };
    const why = makeGroup(separate) ?? writeAll(separate, separately(resource, limit));
    if (why !== null) return { unavailable: why };
    folders.push(separate);
    return 'enforced';
  };
  return {
    held: {
      memoryBytes: hold('memory', limits.memoryBytes),
      cpus: hold('cpu', limits.cpus),
      processes: hold('pids', limits.processes),
    },
    folders,
  };
}

/** The ending with `memory` as its cause, where the kernel ended a process of these groups for want of memory. */
export function withCause(ending: Ending, folders: readonly string[]): Ending {
  const isKilled = ending.signal === 'SIGKILL' || ending.exitCode === 137;
  return isKilled && folders.some((folder) => memoryKills(folder) > 0) ? { ...ending, cause: 'memory' } : ending;
}

/** How many processes of the group the kernel has ended for want of memory; 0 where nothing counts them. */
function memoryKills(folder: string): number {
  const text = read(join(folder, 'memory.events')) ?? read(join(folder, 'memory.oom_control')) ?? '';
  return Number(/^oom_kill (\d+)$/m.exec(text)?.[1] ?? 0);
}

/** Sets a limit in the group of version 2; why not, or null. */
function inUnified(resource: Resource, limit: number, { tree, base }: LimitPlace): string | null {
  if (tree === null || base === null) return 'there is no control group to hold it to';
  const offered = (read(join(base, 'cgroup.controllers')) ?? '').trim().split(' ');
  if (!offered.includes(resource)) return `the controller "${resource}" is not there`;
  for (const folder of above(tree, base)) {
    const why = write(join(folder, 'cgroup.subtree_control'), `+${resource}`);
    if (why !== null) return `the controller "${resource}" cannot be switched on in ${folder}: ${why}`;
  }
  return writeAll(tree, unified(resource, limit));
}

/** The groups from `base` down to the one above `tree`. */
function above(tree: string, base: string): readonly string[] {
  const folders: string[] = [];
  for (let folder = dirname(tree); folder.length > base.length; folder = dirname(folder)) folders.unshift(folder);
  return [base, ...folders];
}

function unified(resource: Resource, limit: number): Writes {
  switch (resource) {
    case 'memory':
      return [
        ['memory.max', String(limit), 'must'],
        ['memory.swap.max', '0', 'may'],
      ];
    case 'cpu':
      return [['cpu.max', `${quota(limit)} ${CPU_PERIOD}`, 'must']];
    case 'pids':
      return [['pids.max', String(limit), 'must']];
    default:
      return resource satisfies never;
  }
}

function separately(resource: Resource, limit: number): Writes {
  switch (resource) {
    case 'memory':
      return [
        ['memory.limit_in_bytes', String(limit), 'must'],
        ['memory.memsw.limit_in_bytes', String(limit), 'may'],
      ];
    case 'cpu':
      return [
        ['cpu.cfs_period_us', String(CPU_PERIOD), 'must'],
        ['cpu.cfs_quota_us', String(quota(limit)), 'must'],
      ];
    case 'pids':
      return [['pids.max', String(limit), 'must']];
    default:
      return resource satisfies never;
  }
}

/** The kernel takes no share below one hundredth of a processor. */
const quota = (cpus: number): number => Math.max(1000, Math.round(cpus * CPU_PERIOD));

function writeAll(folder: string, writes: Writes): string | null {
  for (const [file, text, need] of writes) {
    const why = write(join(folder, file), text);
    if (why !== null && need === 'must') return `${file}: ${why}`;
  }
  return null;
}
