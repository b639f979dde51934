/**
 * Incidents: one for each root cause, whatever follows from it.
 *
 * One is opened when a service that was up is lost by a fault of its own (it ended, is unhealthy, gave no sign of life),
 * or when it has failed for good; unless something that it requires is down because of another incident, which then is
 * the cause. It is over when the service is ready and not unhealthy, or done, or when it is no longer wanted.
 */
import type { Reason } from '../model/reason.ts';
import type { Service } from '../model/service.ts';
import { desiredOf } from '../model/service.ts';
import type { ServiceName } from '../model/spec.ts';
import type { Transition } from './draft.ts';
import { isReached } from './edge.ts';
import { isOwnFault } from './ending.ts';
import { STRENGTH } from './graph.ts';
import type { System } from './system.ts';
import { at } from './system.ts';

/** Why an incident begins with this transition, whoever is at its root; null when none does. */
export function troubleOf({ before, after }: Transition): Reason | null {
  if (desiredOf(after) === 'down') return null;
  if (after.phase === 'failed') return before.phase === 'failed' ? null : after.reason;
  if (after.phase === 'ready') return isSick(after) && !isSick(before) ? sickness(after) : null;
  const wasUp = before.phase === 'ready' || before.phase === 'unknown';
  return wasUp && after.phase !== 'unknown' && isOwnFault(after.reason) ? after.reason : null;
}

/** How an incident of the service is over by what it is now; null while it goes on. Undefined = it is gone. */
export function endOf(service: Service | undefined): 'mended' | 'put-to-rest' | null {
  if (service === undefined || desiredOf(service) === 'down') return 'put-to-rest';
  if (service.phase === 'completed') return 'mended';
  return service.phase === 'ready' && !isSick(service) ? 'mended' : null;
}

/**
 * The service at the root of what a service suffers from: one with an open incident that it requires, directly or
 * through others that are down for it; null when there is none. Shapes: O(the edges on the way).
 */
export function causeOf(system: System, index: number, isRoot: (name: ServiceName) => boolean): ServiceName | null {
  const { graph } = system;
  const seen = new Set([index]);
  for (const each of seen) {
    const { spec, demand } = at(system, each);
    if (demand === 'alone') continue;
    for (const [place, { need, when }] of spec.dependencies.entries()) {
      const to = graph.needs[(graph.needStart[each] ?? 0) + place] ?? 0;
      const dependency = at(system, to);
      if (need !== 'required' || isReached(when, dependency)) continue;
      if (isRoot(dependency.spec.name)) return dependency.spec.name;
      seen.add(to);
    }
  }
  return null;
}

/** Those that suffer from the service now: wanted up, and degraded, stopped or kept from starting; nearest first. */
export function sufferersOf(system: System, index: number): readonly ServiceName[] {
  const { graph } = system;
  const seen = new Set([index]);
  for (const each of seen) {
    const dependency = at(system, each);
    for (let place = graph.dependentStart[each] ?? 0; place < (graph.dependentStart[each + 1] ?? 0); place += 1) {
      if (graph.dependentStrength[place] !== STRENGTH.required) continue;
      const from = graph.dependents[place] ?? 0;
      const dependent = at(system, from);
      const edge = dependent.spec.dependencies[graph.dependentEdge[place] ?? 0];
      if (edge === undefined || isReached(edge.when, dependency)) continue;
      if (desiredOf(dependent) === 'up' && dependent.demand !== 'alone' && dependent.phase !== 'completed')
        seen.add(from);
    }
  }
  seen.delete(index);
  return Array.from(seen, (each) => at(system, each).spec.name);
}

function isSick({ phase, health }: Service): boolean {
  return phase === 'ready' && health.verdict === 'unhealthy';
}

function sickness({ health: { failures, message } }: Service): Reason {
  return { code: 'unhealthy', failures, message };
}
