/**
 * All services with their graph and the counts that keep one event cheap.
 *
 * To everyone outside core a System is read-only. `step` changes it in place and hands the same one back: an event then
 * costs what it touches, not what there is. The counts are derived from the services alone; `rebuild` makes them anew.
 */
import assert from 'node:assert/strict';
import type { Service } from '../model/service.ts';
import { desiredOf, isLive, newService } from '../model/service.ts';
import type { ServiceName, Spec } from '../model/spec.ts';
import { isBroken, isMet } from './edge.ts';
import type { Graph } from './graph.ts';
import { compileGraph, conflictsOf } from './graph.ts';

/** The set of services as everyone may see it. Shapes: numbers are places in the declaration. */
export interface System {
  readonly graph: Graph;
  /** By number. */
  readonly services: readonly Service[];
  /** Services that a new definition left out and that still run; they go when they have ended. */
  readonly leaving: ReadonlySet<ServiceName>;
  /** The last run of services that left: should the name come back, its runs go on from there. */
  readonly lastRuns: ReadonlyMap<ServiceName, number>;
  /** Runs that were ordered and are not yet said to exist. */
  readonly spawning: number;
  /** Services that a person has pinned up. */
  readonly pinnedUp: number;
}

/** The counts behind a System; core alone writes them. */
export interface Counts {
  /** Edges that are not met, by dependent. */
  readonly unmet: Int32Array;
  /** Required edges that are broken, by dependent. */
  readonly broken: Int32Array;
  /** Dependents that need it and are wanted up, by dependency. */
  readonly demanders: Int32Array;
  /**
   * Dependents that hold its rest, by dependency: who requires it while it lives or passes on a hold, everybody else
   * only when going as well.
   */
  readonly liveDependents: Int32Array;
  /** Dependents that are going: stopping, let go, or due for a restart. */
  readonly leavingDependents: Int32Array;
  /** Dependents that are stopping, which holds a start: the stop goes first. */
  readonly stoppingDependents: Int32Array;
  /** Services with a live run that may never be up together with it. */
  readonly liveConflicts: Int32Array;
}

/** A System as core works on it. */
export interface WorkingSystem extends System {
  graph: Graph;
  services: Service[];
  leaving: Set<ServiceName>;
  lastRuns: Map<ServiceName, number>;
  /** When all tokens that the damper gave have grown back; monotonic ms (`core/damper.ts`). */
  damperAt: number;
  /** Services whose restart waits for a token. */
  damped: number;
  pinnedUp: number;
  spawning: number;
  counts: Counts;
  /** Numbers that wait for a free start, first come first served. */
  readonly queue: Set<number>;
}

/** A system of stopped services. Errors: none; the graph must be sound (`findGraphFaults` is empty), which is asserted. */
export function createSystem(specs: readonly Spec[], at: number): System {
  return rebuild(
    specs.map((spec) => newService(spec, at)),
    new Set(),
  );
}

/** A system of services as they are, with its counts made anew. Shapes: `services` in declaration order, names unique. */
export function rebuild(services: readonly Service[], leaving: ReadonlySet<ServiceName>): WorkingSystem {
  const compiled = compileGraph(services.map((service) => service.spec));
  assert(compiled.type === 'sound', 'a system needs a sound graph');
  const { graph } = compiled;
  const counts: Counts = {
    unmet: new Int32Array(graph.size),
    broken: new Int32Array(graph.size),
    demanders: new Int32Array(graph.size),
    liveDependents: new Int32Array(graph.size),
    leavingDependents: new Int32Array(graph.size),
    stoppingDependents: new Int32Array(graph.size),
    liveConflicts: new Int32Array(graph.size),
  };
  let spawning = 0;
  // Dependents first: what they hold is known when their dependency is looked at.
  for (const index of graph.order.toReversed()) {
    const service = services[index];
    assert(service !== undefined);
    if (isSpawning(service)) spawning += 1;
    const holding = isHolding(service, counts.leavingDependents[index] ?? 0);
    const leaves = isLeaving(service, counts.leavingDependents[index] ?? 0);
    for (const [place, edge] of service.spec.dependencies.entries()) {
      const to = graph.needs[(graph.needStart[index] ?? 0) + place] ?? 0;
      const dependency = services[to];
      assert(dependency !== undefined);
      if (!isMet(edge, dependency)) add(counts.unmet, index, 1);
      if (isBroken(edge, dependency)) add(counts.broken, index, 1);
      if (pulls(service) && edge.need !== 'order') add(counts.demanders, to, 1);
      if (holding && (leaves || edge.need === 'required')) add(counts.liveDependents, to, 1);
      if (leaves) add(counts.leavingDependents, to, 1);
      if (isStopping(service)) add(counts.stoppingDependents, to, 1);
    }
    if (isLive(service.phase)) for (const other of conflictsOf(graph, index)) add(counts.liveConflicts, other, 1);
  }
  return {
    graph,
    services: [...services],
    leaving: new Set(leaving),
    lastRuns: new Map(),
    damperAt: 0,
    damped: services.filter(isDamped).length,
    pinnedUp: services.filter((service) => service.pin === 'up').length,
    spawning,
    counts,
    queue: new Set(),
  };
}

/** The service of that name, or undefined. */
export function find(system: System, name: ServiceName): Service | undefined {
  const index = system.graph.indexOf.get(name);
  return index === undefined ? undefined : system.services[index];
}

/** The service with that number. Shapes: the number is of this system, which is asserted. */
export function at(system: System, index: number): Service {
  const service = system.services[index];
  assert(service !== undefined, 'a service number must be of its system');
  return service;
}

/** Whether it wants its dependencies up. */
export function pulls(service: Service): boolean {
  return desiredOf(service) === 'up' && service.demand !== 'alone';
}

/**
 * Whether it holds the stop of what it needs: its run does, or it rests while somebody on top of it is still going
 * (`leavers` of its own dependents). One that was started without a look at its needs holds nothing.
 */
export function isHolding(service: Service, leavers: number): boolean {
  return service.demand !== 'alone' && (isLive(service.phase) || leavers > 0);
}

/** Whether it is about to go, or rests and somebody on top of it is about to go (`leavers` of its own dependents). */
export function isLeaving(service: Service, leavers: number): boolean {
  if (!isLive(service.phase)) return leavers > 0;
  return service.phase === 'stopping' || service.due !== 'nothing' || desiredOf(service) === 'down';
}

/** Whether its stop holds the start of what it depends on. One that cannot be ended holds nobody for ever. */
export function isStopping(service: Service): boolean {
  return service.phase === 'stopping' && service.step !== 'stuck' && service.demand !== 'alone';
}

/** Whether it takes one of the places for starts. */
export function isSpawning(service: Service): boolean {
  return service.phase === 'starting' && service.spawned === 'no';
}

/** Whether its restart waits for a token of the damper. */
export function isDamped(service: Service): boolean {
  return service.step === 'damped';
}

/** Adds to a count. */
export function add(counts: Int32Array, index: number, amount: number): void {
  counts[index] = (counts[index] ?? 0) + amount;
}
