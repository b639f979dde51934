/**
 * What must hold, whatever happens. Each checker says what is broken in a sentence; an empty list is what we want.
 *
 * They look at the world's truth (the fake processes) and at the engine's state, and recompute what core keeps counts
 * of, so that a wrong count cannot hide behind itself.
 */
import { isBlocked, isBroken, isReached } from '../core/edge.ts';
import { holdOf } from '../core/schedule.ts';
import type { System } from '../core/system.ts';
import { at, find, pulls, rebuild } from '../core/system.ts';
import type { Engine } from '../engine/engine.ts';
import type { Service } from '../model/service.ts';
import { desiredOf, isLive, isResting } from '../model/service.ts';
import { isHeldByPin } from './standing.ts';
import type { FakeProcess, FakeProcesses } from './fake-runtime.ts';

const COUNTS = [
  'unmet',
  'broken',
  'demanders',
  'liveDependents',
  'leavingDependents',
  'stoppingDependents',
  'liveConflicts',
] as const;

/** What the checkers look at. `watched` are the services that the prober asks about. */
export interface Sight {
  readonly engine: Engine;
  readonly processes: FakeProcesses;
  readonly watched: readonly string[];
  readonly startsAtOnce: number;
  /** Services that were ever asked for without a look at others. */
  readonly alone: ReadonlySet<string>;
  /** When the present daemon began, monotonic ms. */
  readonly bootedAt: number;
  /** The last run of a service that the store knows of; 0 = none. */
  readonly recordedRun: (service: string) => number;
  /** Services whose definition has changed: what they did before was by other limits. */
  readonly redefined: ReadonlySet<string>;
}

/** Whether the last answer, and none before it, has made it unhealthy: it may have come after its dependent was let start. */
function isJustUnhealthy({ spec, runSpec, health, phase }: Service): boolean {
  const threshold = (runSpec ?? spec).liveness?.probe.failureThreshold;
  return phase === 'ready' && health.verdict === 'unhealthy' && health.failures === threshold;
}

/** Checked when a process is spawned: one run a service, needs met, wanted, room. */
export function checkSpawn(sight: Sight, process: FakeProcess): readonly string[] {
  const { engine, processes } = sight;
  const faults: string[] = [];
  const { service: name, run } = process;
  const service = find(engine.system, name);
  if (service === undefined) return [`${name} was spawned but is not defined`];
  if (processes.living(name).length > 1) faults.push(`${name} run ${run} was spawned while an earlier run lives`);
  if (service.run !== run) faults.push(`${name} run ${run} was spawned while its run is ${service.run}`);
  if (sight.recordedRun(name) < run) faults.push(`${name} run ${run} was spawned before it was recorded`);
  for (const edge of service.demand === 'alone' ? [] : service.spec.dependencies) {
    const dependency = find(engine.system, edge.name);
    if (edge.need !== 'required' || dependency === undefined || isReached(edge.when, dependency)) continue;
    // A dependency may be lost in the very step that started its dependent; it was reached when that was decided.
    if (dependency.since === service.since || isToGiveGround(engine.system, dependency)) continue;
    if (isJustUnhealthy(dependency)) continue;
    faults.push(`${name} was spawned although ${edge.name} (${dependency.phase}) is not ${edge.when}`);
  }
  const spawning = engine.system.services.filter((each) => each.phase === 'starting' && each.spawned === 'no').length;
  if (spawning > sight.startsAtOnce) faults.push(`${spawning} starts at once, ${sight.startsAtOnce} allowed`);
  return faults;
}

/** Checked when a run is asked to stop: no dependent lives, unless a loss or a person who said so is the reason. */
export function checkStop(sight: Sight, name: string, alone: ReadonlySet<string>): readonly string[] {
  const { system } = sight.engine;
  const service = find(system, name);
  if (service === undefined || service.phase !== 'stopping' || alone.has(name)) return [];
  // A stop that was begun is finished, whoever comes or goes while it drains or while its hook runs.
  if (service.since !== sight.engine.world.clock.monotonic()) return [];
  const { code } = service.reason;
  if (code !== 'asked' && code !== 'unneeded' && code !== 'restart') return [];
  const living = livingAbove(system, name).filter(() => !system.leaving.has(name));
  const holding = living.filter((each) => code !== 'restart' || each.due !== 'nothing' || desiredOf(each) === 'down');
  return (
    holding
      .filter((each) => each.demand !== 'alone' && !sight.redefined.has(each.spec.name))
      // Who goes because of this very stop, or of what it takes along, went after it.
      .filter(({ reason, since }) => reason.code !== 'dependency-lost' || since !== service.since)
      .map((each) => `${name} was asked to stop while ${each.spec.name} needs it`)
  );
}

/** Checked after every turn: each service by itself, and the counts against a recount. */
export function checkSystem(sight: Sight): readonly string[] {
  const { system } = sight.engine;
  const timers = sight.engine.timers();
  const faults: string[] = [];
  for (const service of system.services)
    faults.push(...checkService(sight, service, timers.get(service.spec.name) ?? []));
  const fresh = rebuild(system.services, system.leaving);
  for (const key of COUNTS) {
    const kept = countsOf(system)?.[key];
    const wrong = fresh.counts[key].findIndex((count, index) => count !== kept?.[index]);
    if (wrong !== -1)
      faults.push(
        `${key} of ${at(system, wrong).spec.name} is ${kept?.[wrong]}, recounted ${fresh.counts[key][wrong]}`,
      );
  }
  if (fresh.spawning !== system.spawning) faults.push(`spawning is ${system.spawning}, recounted ${fresh.spawning}`);
  return faults;
}

/** Checked when nothing is going on any more and nothing goes wrong: every desire is met, or its reason says why not. */
export function checkRest(sight: Sight): readonly string[] {
  const { system, changes } = sight.engine;
  const faults: string[] = [];
  for (const service of system.services) {
    const { name } = service.spec;
    const { phase } = service;
    const living = sight.processes.living(name).length;
    if (phase === 'ready' && living === 0) faults.push(`${name} is called ready but nothing runs`);
    if (isHeldByPin(system, service)) continue;
    if (desiredOf(service) === 'down' && !isResting(phase))
      faults.push(`${name} is wanted down and ${phase}: ${stateOf(system, name)}`);
    if (desiredOf(service) === 'up' && phase === 'stopped')
      faults.push(`${name} is wanted up and rests without being asked to`);
    if (phase === 'waiting' && !isBlocked(service)) faults.push(`${name} waits for ever: ${stateOf(system, name)}`);
    if (['starting', 'stopping', 'backoff', 'unknown'].includes(phase)) faults.push(`${name} never left ${phase}`);
  }
  if (changes.openCount > 0) faults.push(`${changes.openCount} tasks never got a verdict: ${openOf(sight.engine)}`);
  return faults;
}

/** Checked after everything was put to rest: nothing is left. */
export function checkDown(sight: Sight): readonly string[] {
  const faults: string[] = [];
  for (const process of sight.processes.all) {
    if (process.state !== 'gone') faults.push(`${process.service} run ${process.run} is left running`);
  }
  for (const [name, timers] of sight.engine.timers()) faults.push(`${name} still has timers: ${timers.join(', ')}`);
  for (const name of sight.watched) faults.push(`${name} is still being probed`);
  for (const { spec, phase } of sight.engine.system.services)
    if (!isResting(phase)) faults.push(`${spec.name} is ${phase} after everything was stopped`);
  return faults;
}

function checkService(sight: Sight, service: Service, timers: readonly string[]): readonly string[] {
  const { name, restart } = service.spec;
  const { phase } = service;
  const faults: string[] = [];
  if (isResting(phase) || phase === 'waiting') {
    if (timers.length > 0) faults.push(`${name} is ${phase} with timers: ${timers.join(', ')}`);
    if (sight.watched.includes(name)) faults.push(`${name} is ${phase} and being probed`);
    if (sight.processes.living(name).length > 0) faults.push(`${name} is ${phase} and a process of it lives`);
  }
  if (phase === 'backoff' && sight.processes.living(name).length > 0)
    faults.push(`${name} backs off and a process of it lives`);
  if (phase === 'backoff' && !timers.includes('backoff')) faults.push(`${name} backs off without a timer`);
  if (phase === 'stopping' && !timers.includes('kill') && !timers.includes('drain'))
    faults.push(`${name} is stopping without a limit`);
  if (phase === 'waiting' && (service.reason.code === 'dependency') !== isKept(sight.engine.system, service))
    faults.push(`${name} waits because of ${service.reason.code}, which is not so`);
  if (service.demand === 'needed' && !isNeeded(sight.engine.system, name))
    faults.push(`${name} is kept up although nobody needs it`);
  if (phase === 'waiting' && desiredOf(service) === 'down') faults.push(`${name} waits although it is wanted down`);
  if (!sight.redefined.has(name) && service.recentRestarts.length > restart.limit)
    faults.push(`${name} was restarted more often than its limit`);
  if (phase === 'ready' && service.readyAt === null) faults.push(`${name} is ready since never`);
  return faults;
}

/** Whether it runs only until nobody holds it, because what it requires is pinned down. */
function isToGiveGround(system: System, { phase, due, spec }: Service): boolean {
  const isDown = ({ name }: { readonly name: string }): boolean => find(system, name)?.pin === 'down';
  return phase === 'ready' && due === 'restart' && spec.dependencies.some(isDown);
}

/** A service and what it waits for, with their phases, for whoever reads a failing seed. */
function stateOf(system: System, name: string): string {
  const hold = holdOf(system, system.graph.indexOf.get(name) ?? 0);
  const on = (hold?.on ?? []).map((each) => {
    const service = find(system, each);
    return `${each} is ${service?.phase} (${service?.demand}, ${service?.reason.code}, due ${service?.due})`;
  });
  return `held by ${hold?.reason ?? 'nothing'} ${on.join(', ')}`;
}

function openOf(engine: Engine): string {
  const open = engine.changes.list().flatMap((change) => change.tasks.filter((task) => task.endedAt === null));
  return open
    .map(({ id, kind, service }) => `${id} ${kind} ${service} (${find(engine.system, service)?.phase})`)
    .join(', ');
}

/** Whether a required dependency cannot be reached: asked of every edge anew. */
function isKept(system: System, service: Service): boolean {
  if (service.demand === 'alone') return false;
  return service.spec.dependencies.some((edge) => {
    const dependency = find(system, edge.name);
    return dependency !== undefined && isBroken(edge, dependency);
  });
}

/** Who runs and depends on the service: directly, or through services that rest and then only while it is going itself. */
function livingAbove(system: System, name: string): readonly Service[] {
  return system.services.flatMap((each) => {
    const edge = each.spec.dependencies.find((one) => one.name === name);
    if (edge === undefined) return [];
    // Who can do without it, or only comes after it, holds it up only when going as well.
    if (isLive(each.phase)) return edge.need === 'required' || isGoing(each) ? [each] : [];
    return each.demand === 'alone' ? [] : livingAbove(system, each.spec.name).filter(isGoing);
  });
}

function isGoing(service: Service): boolean {
  return service.phase === 'stopping' || service.due !== 'nothing' || desiredOf(service) === 'down';
}

function isNeeded(system: System, name: string): boolean {
  return system.services.some(
    (each) => pulls(each) && each.spec.dependencies.some((edge) => edge.name === name && edge.need !== 'order'),
  );
}

function countsOf(system: System): Readonly<Record<(typeof COUNTS)[number], Int32Array>> | null {
  return hasCounts(system) ? system.counts : null;
}

function hasCounts(system: System): system is System & { counts: Record<(typeof COUNTS)[number], Int32Array> } {
  return 'counts' in system;
}
