/** A start that is held by what other services are: what it conflicts with, what it requires. */
import type { Service } from '../model/service.ts';
import { isLive } from '../model/service.ts';
import type { ServiceName } from '../model/spec.ts';
import { isReached } from './edge.ts';
import { needsOf } from './graph.ts';
import type { Move } from './move.ts';
import type { System } from './system.ts';
import { at as serviceAt } from './system.ts';
import { enterQuiet, note, stay } from './move.ts';

/** A service that conflicts with it is pinned up (`by`), so that it cannot start. */
export function onStandOff(service: Service, by: ServiceName): Move {
  if (service.phase !== 'waiting') return stay(service);
  if (service.reason.code === 'conflict' && service.reason.service === by) return stay(service);
  return note(service, { reason: { code: 'conflict', service: by } });
}

/** Its next try waits for a required dependency that is down (`lost`), and not for the delay. */
export function onHeldBack(service: Service, lost: ServiceName, at: number): Move {
  if (service.phase !== 'backoff') return stay(service);
  return enterQuiet(service, 'waiting', { reason: { code: 'dependency-lost', service: lost }, at });
}

/**
 * The move after an end, held back where a required dependency is down: it is tried again when that is there, and the
 * end is not counted against its own limits. Ends that are not tried again are as ever.
 */
export function heldBack(system: System, index: number, move: Move, at: number): Move {
  const before = serviceAt(system, index);
  const { phase, reason, exitCode, exitSignal } = move.next;
  const again = phase === 'backoff' || (phase === 'failed' && reason.code === 'restart-limit');
  const lost = again && isLive(before.phase) ? lostNeed(system, index) : null;
  if (lost === null) return move;
  const ended: Service = { ...before, exitCode, exitSignal, ending: null };
  return enterQuiet(ended, 'waiting', { reason: { code: 'dependency-lost', service: lost }, at });
}

/**
 * The first required dependency that is not there; null when there is none, or when it was asked for without a look at
 * them. Shapes: O(its edges).
 */
export function lostNeed(system: System, index: number): ServiceName | null {
  const { spec, demand } = serviceAt(system, index);
  if (demand === 'alone') return null;
  const needs = needsOf(system.graph, index);
  const edge = spec.dependencies.find(
    ({ need, when }, place) => need === 'required' && !isReached(when, serviceAt(system, needs[place] ?? 0)),
  );
  return edge?.name ?? null;
}
