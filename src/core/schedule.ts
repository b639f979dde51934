/** Who may start or stop now, and why the others may not. */
import type { Hold } from '../model/hold.ts';
import type { Service } from '../model/service.ts';
import { desiredOf, isLive } from '../model/service.ts';
import type { ServiceName } from '../model/spec.ts';
import { type RestartBudget, takeToken } from './damper.ts';
import type { Draft } from './draft.ts';
import { isBroken, isMet } from './edge.ts';
import { STRENGTH, dependentsOf, needsOf } from './graph.ts';
import { firmRival, liveRivals, wayMaker } from './rival.ts';
import { type Move, holdBack } from './move.ts';
import type { System, WorkingSystem } from './system.ts';
import { at, isHolding, isLeaving, isStopping } from './system.ts';
import { lostNeed, onHeldBack, onStandOff } from './held.ts';
import { onBlock, onReplace, onStartOrder, onStopOrder } from './transition.ts';

/** The bounds of the scheduler. `startsAtOnce`: runs ordered and not yet said to exist; 0 = nothing may start. */
export interface Limits {
  readonly startsAtOnce: number;
  /** Automatic restarts of all services together; left out = no limit. */
  readonly restarts?: RestartBudget;
}

/** Asks everyone on the agenda again, and those who queue for a free start, until nothing changes. */
export function settle(draft: Draft, limits: Limits): void {
  settleAgenda(draft, limits);
  // What a pin keeps from making way depends on whoever stands in between, however far away.
  if (draft.system.pinnedUp === 0) return;
  draft.considerRivals();
  settleAgenda(draft, limits);
}

function settleAgenda(draft: Draft, limits: Limits): void {
  const { system } = draft;
  do {
    for (const index of draft.agenda()) {
      const { phase } = at(system, index);
      if (phase === 'waiting') considerStart(draft, index, limits);
      else if (phase === 'starting' || phase === 'ready') considerStop(draft, index);
      else if (phase === 'backoff') considerRetry(draft, index);
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
    const free = service.demand === 'alone';
    const on = free ? [] : unmetNeeds(system, index);
    if (on.length > 0) return { reason: 'dependency', on };
    const rivals = liveRivals(system, index);
    if (rivals.length > 0) return { reason: 'conflict', on: rivals };
    const stopping = free ? [] : stoppingDependents(system, index);
    return stopping.length > 0 ? { reason: 'dependent', on: stopping } : { reason: 'capacity', on: [] };
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

/** The names of dependents whose stop goes first, in declaration order. */
function stoppingDependents(system: System, index: number): ServiceName[] {
  return Array.from(dependentsOf(system.graph, index), (from) => at(system, from))
    .filter(isStopping)
    .map((dependent) => dependent.spec.name);
}

/** The names of those who run and hold the service; through whoever rests in between, those who are still going. */
function holdersOf(system: System, index: number): ServiceName[] {
  const { graph } = system;
  const resting = desiredOf(at(system, index)) === 'down';
  const names = new Set<ServiceName>();
  const seen = new Set<number>([index]);
  for (const each of seen) {
    for (let place = graph.dependentStart[each] ?? 0; place < (graph.dependentStart[each + 1] ?? 0); place += 1) {
      const from = graph.dependents[place] ?? 0;
      const dependent = at(system, from);
      const firm = each === index && resting && graph.dependentStrength[place] === STRENGTH.required;
      if (!isLive(dependent.phase)) seen.add(from);
      else if (firm ? isHolding(dependent, 0) : isLeaving(dependent, 0)) names.add(dependent.spec.name);
    }
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
  if (standsOff(draft, index) || (system.counts.liveConflicts[index] ?? 0) > 0) return;
  if (!free && (system.counts.stoppingDependents[index] ?? 0) > 0) return;
  if (system.spawning >= limits.startsAtOnce) {
    system.queue.add(index);
    return;
  }
  draft.apply(index, startOrHold(draft, at(system, index), limits));
}

/** What starts again because what it had lost is back is a restart as any other: many at once wait for their tokens. */
function startOrHold(draft: Draft, service: Service, { restarts: budget }: Limits): Move {
  const isRestart = service.reason.code === 'dependency-lost';
  const again = isRestart ? takeToken(draft.system, draft.now, { budget, place: 'new' }) : null;
  return again === null ? onStartOrder(service, draft.now) : holdBack(service, draft.now, again);
}

/** What runs on something that is pinned down goes, whatever had it run: it waits until the pin is taken away. */
function considerGround(draft: Draft, index: number): void {
  const { system } = draft;
  const service = at(system, index);
  if (service.demand === 'alone' || (system.counts.unmet[index] ?? 0) === 0) return;
  const needs = needsOf(system.graph, index);
  const edge = service.spec.dependencies.find((each, place) => {
    const ground = at(system, needs[place] ?? 0);
    return each.need === 'required' && ground.pin === 'down' && !isMet(each, ground);
  });
  if (edge === undefined || service.pin === 'up') return;
  const reason = { code: 'dependency-lost', service: edge.name } as const;
  draft.apply(index, onReplace(service, { reason, at: draft.now, when: 'free' }));
}

/** Says in its reason that a service that is pinned up keeps it from starting, or that none does any more; whether one does. */
function standsOff(draft: Draft, index: number): boolean {
  const firm = firmRival(draft.system, index);
  const service = at(draft.system, index);
  if (firm !== null) draft.apply(index, onStandOff(service, firm));
  else if (service.reason.code === 'conflict') draft.apply(index, onBlock(service, null));
  return firm !== null;
}

/** A retry is held while what it requires is down: it waits for that, and not for the delay. */
function considerRetry(draft: Draft, index: number): void {
  if ((draft.system.counts.unmet[index] ?? 0) === 0) return;
  const lost = lostNeed(draft.system, index);
  if (lost !== null) draft.apply(index, onHeldBack(at(draft.system, index), lost, draft.now));
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
  if (!resting && service.due === 'nothing') return considerGround(draft, index);
  const holders = resting ? counts.liveDependents : counts.leavingDependents;
  if ((holders[index] ?? 0) > 0) return;
  const rival = resting ? wayMaker(draft.system, index) : null;
  draft.apply(index, onStopOrder(service, draft.now, rival === null ? null : { code: 'conflict', service: rival }));
}

function firstBroken(system: WorkingSystem, index: number, service: Service): ServiceName {
  const needs = needsOf(system.graph, index);
  const edge = service.spec.dependencies.find((each, place) => isBroken(each, at(system, needs[place] ?? 0)));
  return edge?.name ?? service.spec.name;
}
