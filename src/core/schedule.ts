/** Who may start or stop now, and why the others may not. */
import type { Hold } from '../model/hold.ts';
import type { Service } from '../model/service.ts';
import { desiredOf, isLive } from '../model/service.ts';
import type { ServiceName } from '../model/spec.ts';
import type { RestartBudget } from './damper.ts';
import type { Draft } from './draft.ts';
import { isBroken, isMet } from './edge.ts';
import { dependentsOf, needsOf } from './graph.ts';
import type { System, WorkingSystem } from './system.ts';
import { at, isHolding, isLeaving } from './system.ts';
import { onBlock, onStartOrder, onStopOrder } from './transition.ts';

/** The bounds of the scheduler. `startsAtOnce`: runs ordered and not yet said to exist; 0 = nothing may start. */
export interface Limits {
  readonly startsAtOnce: number;
  /** Automatic restarts of all services together; left out = no limit. */
  readonly restarts?: RestartBudget;
}

/** Asks everyone on the agenda again, and those who queue for a free start, until nothing changes. */
export function settle(draft: Draft, limits: Limits): void {
  const { system } = draft;
  do {
    for (const index of draft.agenda()) {
      const { phase } = at(system, index);
      if (phase === 'waiting') considerStart(draft, index, limits);
      else if (phase === 'starting' || phase === 'ready') considerStop(draft, index);
    }
  } while (system.spawning < limits.startsAtOnce && callNext(draft));
}

/**
 * Why the service may not start, or not stop, now; null when nothing holds it.
 * Shapes: computed from the present state, O(its edges).
 */
export function holdOf(system: System, index: number): Hold | null {
  const service = at(system, index);
  if (service.phase === 'waiting') {
    const on = service.demand === 'alone' ? [] : unmetNeeds(system, index);
    return on.length > 0 ? { reason: 'dependency', on } : { reason: 'capacity', on: [] };
  }
  if (service.step === 'damped') return { reason: 'damper', on: [] };
  const wantsToStop = desiredOf(service) === 'down' || service.due !== 'nothing';
  if ((service.phase === 'starting' || service.phase === 'ready') && wantsToStop) {
    return { reason: 'dependent', on: holdersOf(system, index) };
  }
  return null;
}

/** The names of dependencies that are not met, in the order of the list. */
function unmetNeeds(system: System, index: number): ServiceName[] {
  const { spec } = at(system, index);
  const needs = needsOf(system.graph, index);
  return spec.dependencies
    .filter((edge, place) => !isMet(edge, at(system, needs[place] ?? 0)))
    .map((edge) => edge.name);
}

/** The names of those who run and hold the service; through whoever rests in between, those who are still going. */
function holdersOf(system: System, index: number): ServiceName[] {
  const { graph } = system;
  const resting = desiredOf(at(system, index)) === 'down';
  const names = new Set<ServiceName>();
  const seen = new Set<number>();
  const queue = [...dependentsOf(graph, index)].map((from) => ({ from, direct: true }));
  for (let next = queue.shift(); next !== undefined; next = queue.shift()) {
    const dependent = at(system, next.from);
    const holds = next.direct && resting ? isHolding(dependent, 0) : isLeaving(dependent, 0);
    if (isLive(dependent.phase) && holds) names.add(dependent.spec.name);
    if (isLive(dependent.phase) || seen.has(next.from)) continue;
    seen.add(next.from);
    queue.push(...[...dependentsOf(graph, next.from)].map((from) => ({ from, direct: false })));
  }
  return [...names];
}

function considerStart(draft: Draft, index: number, limits: Limits): void {
  const { system } = draft;
  const service = at(system, index);
  const free = service.demand === 'alone';
  const broken = !free && (system.counts.broken[index] ?? 0) > 0;
  if (broken !== (service.reason.code === 'dependency')) {
    draft.apply(index, onBlock(service, broken ? firstBroken(system, index, service) : null));
  }
  if (broken || (!free && (system.counts.unmet[index] ?? 0) > 0)) return;
  if (system.spawning >= limits.startsAtOnce) {
    system.queue.add(index);
    return;
  }
  draft.apply(index, onStartOrder(at(system, index), draft.now));
}

/** Puts the first of the queue on the agenda; false when nobody queues. */
function callNext(draft: Draft): boolean {
  const [first] = draft.system.queue;
  if (first === undefined) return false;
  draft.system.queue.delete(first);
  draft.consider(first);
  return true;
}

/**
 * A service that is to rest waits for every dependent that lives; one that is to be replaced waits only for those that
 * go as well: the others stay up and see it come back.
 */
function considerStop(draft: Draft, index: number): void {
  const service = at(draft.system, index);
  const { counts } = draft.system;
  const resting = desiredOf(service) === 'down';
  if (!resting && service.due === 'nothing') return;
  const holders = resting ? counts.liveDependents : counts.leavingDependents;
  if ((holders[index] ?? 0) > 0) return;
  draft.apply(index, onStopOrder(service, draft.now));
}

function firstBroken(system: WorkingSystem, index: number, service: Service): ServiceName {
  const needs = needsOf(system.graph, index);
  const edge = service.spec.dependencies.find((each, place) => isBroken(each, at(system, needs[place] ?? 0)));
  return edge?.name ?? service.spec.name;
}
