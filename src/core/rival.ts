/** Who must make way for whom: the services around a conflict, as they are now. */
import type { Service } from '../model/service.ts';
import { desiredOf, isLive } from '../model/service.ts';
import type { ServiceName } from '../model/spec.ts';
import { isUpwards } from './conflict.ts';
import { conflictsOf } from './graph.ts';
import { STRENGTH } from './graph.ts';
import type { System } from './system.ts';
import { at, isHolding, isLeaving } from './system.ts';

/** The first of those that conflict with the service for which the question is true; null when there is none. */
export function conflicting(system: System, index: number, question: (other: Service) => boolean): Service | null {
  for (const place of conflictsOf(system.graph, index)) {
    const other = at(system, place);
    if (question(other)) return other;
  }
  return null;
}

/** The names of those whose live run holds the start of a service that conflicts with them, in declaration order. */
export function liveRivals(system: System, index: number): readonly ServiceName[] {
  return Array.from(conflictsOf(system.graph, index), (place) => at(system, place))
    .filter((other) => isLive(other.phase))
    .map((other) => other.spec.name);
}

/**
 * The service and everything on its way up that requires it, directly or not: what goes when it has to make way.
 * Shapes: numbers, dependents before what they require.
 */
export function goingWith(system: System, index: number): readonly number[] {
  const { graph } = system;
  const found = new Set([index]);
  for (const each of found) {
    for (let place = graph.dependentStart[each] ?? 0; place < (graph.dependentStart[each + 1] ?? 0); place += 1) {
      if (graph.dependentStrength[place] !== STRENGTH.required) continue;
      const from = graph.dependents[place] ?? 0;
      const dependent = at(system, from);
      if (isUpwards(dependent) && dependent.demand !== 'alone') found.add(from);
    }
  }
  return [...found].toSorted((left, right) => (graph.depth[right] ?? 0) - (graph.depth[left] ?? 0));
}

/** For whom a service that was let go makes way: a rival of its own, or of what it requires; null when it is for nobody. */
export function wayMaker(system: System, index: number): ServiceName | null {
  const { graph } = system;
  if (graph.conflicts.length === 0) return null;
  const seen = new Set([index]);
  for (const each of seen) {
    const rival = conflicting(system, each, isUpwards);
    if (rival !== null) return rival.spec.name;
    for (let edge = graph.needStart[each] ?? 0; edge < (graph.needStart[each + 1] ?? 0); edge += 1) {
      const to = graph.needs[edge] ?? 0;
      if (graph.strength[edge] === STRENGTH.required && desiredOf(at(system, to)) === 'down') seen.add(to);
    }
  }
  return null;
}

/** Which of two that conflict stays when both are wanted up: one that is pinned, else the one that was asked for last. */
export function isStronger(other: Service, service: Service): boolean {
  if (other.pin !== service.pin) return other.pin === 'up';
  return other.intent > service.intent;
}

/** Whether it is up, or on its way, by a pin: nobody is given way to. */
export function isFirm(service: Service): boolean {
  return service.pin === 'up' && isUpwards(service);
}

/** Whether it waits for the end of a pin: it has not yet had it out with its other rivals. */
export function isStoodOff({ phase, reason }: Service): boolean {
  return phase === 'waiting' && reason.code === 'conflict';
}

/**
 * Who keeps the service from starting for as long as a pin holds: a rival that is pinned up, or a dependent that is and
 * so holds the stop of a rival. Of two rivals that are both pinned, the one that runs stays, else the first declared goes first.
 */
export function firmRival(system: System, index: number): ServiceName | null {
  const { pin } = at(system, index);
  for (const place of conflictsOf(system.graph, index)) {
    const rival = at(system, place);
    if (isFirm(rival) && (pin !== 'up' || isLive(rival.phase) || place < index)) return rival.spec.name;
    const above = isLive(rival.phase) ? firmAbove(system, place) : null;
    if (above !== null) return above;
  }
  return null;
}

/**
 * A dependent that is pinned up and so holds the stop, or the replacement, of the service: directly, or by holding others
 * that are to go first. Null when there is none. Shapes: follows exactly who holds whom (`core/schedule.ts`), through
 * whoever rests in between; costs nothing while nobody is pinned up.
 */
export function firmAbove(system: System, index: number): ServiceName | null {
  if (system.pinnedUp === 0) return null;
  const { graph } = system;
  const seen = new Set([index]);
  for (const each of seen) {
    const current = at(system, each);
    const rests = isLive(current.phase) && desiredOf(current) === 'down';
    for (let place = graph.dependentStart[each] ?? 0; place < (graph.dependentStart[each + 1] ?? 0); place += 1) {
      const from = graph.dependents[place] ?? 0;
      const dependent = at(system, from);
      if (!isLive(dependent.phase) || isLeaving(dependent, 0)) seen.add(from);
      else if (!rests || graph.dependentStrength[place] !== STRENGTH.required) continue;
      else if (isHolding(dependent, 0) && isFirm(dependent)) return dependent.spec.name;
    }
  }
  return null;
}
