/** Why a service is where it is for good, between services that conflict or are pinned. */
import { pulledBy } from '../core/graph.ts';
import { firmAbove } from '../core/rival.ts';
import type { System } from '../core/system.ts';
import type { Service } from '../model/service.ts';
import { desiredOf, isLive } from '../model/service.ts';

/** Whether a dependent that is pinned up holds its stop, or its replacement, for good. */
export function isHeldByPin(system: System, service: Service): boolean {
  const index = system.graph.indexOf.get(service.spec.name) ?? -1;
  return isLive(service.phase) && firmAbove(system, index) !== null;
}

/** Whether it, or something that it needs, has a rival, so that not everybody can be up together. */
export function hasRivals(system: System, service: Service): boolean {
  const { graph } = system;
  const seen = new Set([graph.indexOf.get(service.spec.name) ?? -1]);
  for (const each of seen) {
    if (graph.conflictStart[each] !== graph.conflictStart[each + 1]) return true;
    for (const to of pulledBy(graph, each)) seen.add(to);
  }
  return desiredOf(service) === 'down';
}
