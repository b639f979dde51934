/** Makes the trees of one supervisor, by the best way that this machine has. */
import { join } from 'node:path';
import type { HeldBy, LimitHeld } from '../model/held.ts';
import type { ServiceName } from '../model/spec.ts';
import type { Clock } from '../ports/clock.ts';
import { type Resource, RESOURCES } from './cgroup-find.ts';
import { type Ground, clearGround, findGround, projectOf } from './cgroup-ground.ts';
import { type LimitPlace, setLimits } from './cgroup-limits.ts';
import {
  groupsIn,
  isPopulated,
  isWritable,
  killGroup,
  makeGroup,
  makeLeaf,
  read,
  removeEmptyIn,
  removeGroup,
  removeLeaf,
} from './cgroup.ts';
import { createChores } from './chores.ts';
import { identify } from './process-group.ts';
import { commandTree } from './tree-command.ts';
import { RunTree } from './tree-run.ts';
import { createLooks } from './tree-scan.ts';
import type { Tree, TreeOrder, Trees } from './tree.ts';

/** Begins the names of reserved groups; no service's name does. */
const RESERVED = '_spare.';
/** A group is busy for some milliseconds after its last process. Units: ms; 8 tries are about a second. */
const REMOVE_AGAIN = { first: 5, tries: 8 };

/** What trees need. `runDirectory` tells the groups of one project from those of another. */
export interface TreesParts {
  readonly clock: Clock;
  readonly runDirectory: string;
  /** Where control groups are made; looked for at the first use when it is left out. */
  readonly ground?: Ground;
}

/** The trees of the runs below that folder. */
export function createTrees(parts: TreesParts): Trees {
  const looks = createLooks(parts.clock);
  const chores = createChores(parts.clock);
  const trees = new Map<string, Tree>();
  // No two commands ever have the same, not those of another boot or another container either.
  const { startTime } = identify(process.pid);
  const commands = `command:${projectOf(parts.runDirectory)}:${process.pid}-${startTime ?? ''}:`;
  let count = 0;
  let reserved = 0;
  let found = parts.ground ?? null;
  const ground = (): Ground => (found ??= findGround(parts.runDirectory));
  const keep = (order: TreeOrder, planted: Planted): Tree => {
    const key = `${order.service} ${order.run}`;
    const removed = (): void => {
      if (trees.get(key) === tree) trees.delete(key);
      if (trees.size === 0) clear(ground());
    };
    const tree = new RunTree(order, { clock: parts.clock, looks, chores, removed, ...planted });
    trees.set(key, tree);
    return tree;
  };
  return {
    plant: (order, reserved) => keep(order, reserved === undefined ? plant(order, ground()) : inhabit(order, reserved)),
    adopt: (order, place) => keep(order, adopt(order, place ?? placesOf(order, ground()))),
    reserve(name) {
      const { unified } = ground();
      if ('why' in unified) return null;
      if (reserved === 0) removeLeft(unified.folder);
      const group = join(unified.folder, `${RESERVED}${name}`);
      if (makeGroup(group) !== null) return null;
      reserved += 1;
      return group;
    },
    dismiss(group) {
      const remove = (againMs: number, left: number): void => {
        // Who was about to enter it may have done so since the last time.
        killGroup(group);
        if (removeGroup(group) === 'busy' && left > 0)
          return void parts.clock.after(againMs, () => remove(againMs * 2, left - 1));
        if (trees.size === 0) clear(ground());
      };
      remove(REMOVE_AGAIN.first, REMOVE_AGAIN.tries);
    },
    ofCommand: (service, run) =>
      commandTree({ clock: parts.clock, looks }, `${commands}${service}.${run}:${(count += 1)}`, 'later'),
    tidy: () => chores.finish(),
    heldBy: (service, run) => trees.get(`${service} ${run}`)?.held() ?? null,
  };
}

interface Planted {
  readonly group: string | null;
  readonly separate: readonly string[];
  readonly held: HeldBy;
  readonly began: 'later' | 'earlier';
}

function plant(order: TreeOrder, { unified, separate }: Ground): Planted {
  const name = nameOf(order.service, order.run);
  const made = 'why' in unified ? unified : makeFresh(join(unified.folder, name));
  const group = 'why' in made ? null : made.group;
  const place: LimitPlace = {
    tree: group,
    base: 'why' in unified ? null : unified.base,
    separate: new Map([...separate].map(([resource, folder]) => [resource, join(folder, name)] as const)),
  };
  const { held, folders } = setLimits(order.limits, place);
  const tree = group === null ? 'session' : 'cgroup';
  return {
    group,
    separate: folders,
    held: { tree, why: 'why' in made ? made.why : null, limits: held },
    began: 'later',
  };
}

/**
 * The tree of a run whose process stands in a reserved group. That has a name of its own, so the run's is given to an empty
 * group below it: who looks at the groups sees whose it is, and a daemon that has lost the run's folder finds it.
 */
function inhabit(order: TreeOrder, group: string): Planted {
  makeLeaf(join(group, nameOf(order.service, order.run)));
  const limits = { memoryBytes: 'none', cpus: 'none', processes: 'none' } as const;
  return { group, separate: [], held: { tree: 'cgroup', why: null, limits }, began: 'later' };
}

/** Removes reserved groups that an earlier daemon made and never used. */
function removeLeft(folder: string): void {
  for (const name of groupsIn(folder)) {
    const group = join(folder, name);
    if (name.startsWith(RESERVED) && isPopulated(group) === false) removeLeaf(group);
  }
}

/** A group with nobody in it and nothing counted yet. */
function makeFresh(group: string): { readonly group: string } | { readonly why: string } {
  if (makeLeaf(group) === 'made') return { group };
  if (isPopulated(group) === true) return { why: `the control group ${group} is still in use` };
  removeGroup(group);
  const why = makeGroup(group);
  return why === null ? { group } : { why: `the control group ${group} cannot be made: ${why}` };
}

/** What an earlier daemon planted, as far as it is still there. */
function adopt(order: TreeOrder, place: readonly string[]): Planted {
  const group = place.find((folder) => isWritable(join(folder, 'cgroup.kill'))) ?? null;
  const separate = place.filter((folder) => folder !== group && read(join(folder, 'cgroup.procs')) !== null);
  const of = (resource: Resource, limit: number | null): LimitHeld => {
    if (limit === null) return 'none';
    const isThere = [group, ...separate].some((folder) => folder !== null && isLimiting(folder, resource));
    return isThere ? 'enforced' : { unavailable: 'the run was started without it' };
  };
  const limits: HeldBy['limits'] = {
    memoryBytes: of('memory', order.limits.memoryBytes),
    cpus: of('cpu', order.limits.cpus),
    processes: of('pids', order.limits.processes),
  };
  const why = group === null ? 'its control group is not there' : null;
  return { group, separate, held: { tree: group === null ? 'session' : 'cgroup', why, limits }, began: 'earlier' };
}

const LIMIT_FILES: Readonly<Record<Resource, readonly string[]>> = {
  memory: ['memory.max', 'memory.limit_in_bytes'],
  cpu: ['cpu.max', 'cpu.cfs_quota_us'],
  pids: ['pids.max'],
};

function isLimiting(folder: string, resource: Resource): boolean {
  return LIMIT_FILES[resource].some((file) => read(join(folder, file)) !== null);
}

/** Where the run's groups would be, if this program had made them. */
function placesOf({ service, run }: TreeOrder, { unified, separate }: Ground): readonly string[] {
  const name = nameOf(service, run);
  const folders = [...('why' in unified ? [] : [unified.folder]), ...separate.values()];
  return [
    ...folders.map((folder) => join(folder, name)),
    ...('why' in unified ? [] : reservedFor(name, unified.folder)),
  ];
}

/** The reserved group that was given to the run of that name; at most one. */
function reservedFor(name: string, folder: string): readonly string[] {
  return groupsIn(folder)
    .filter((group) => group.startsWith(RESERVED))
    .map((group) => join(folder, group))
    .filter((group) => groupsIn(group).includes(name));
}

const nameOf = (service: ServiceName, run: number): string => `${service}.${run}`;

function clear({ unified, separate }: Ground): void {
  if (!('why' in unified)) {
    removeEmptyIn(unified.folder);
    clearGround(unified.folder);
  }
  for (const resource of RESOURCES) {
    const folder = separate.get(resource);
    if (folder !== undefined) clearGround(folder);
  }
}
