/** Why a service is where it is for good, between services that conflict or are pinned. */
import { pulledBy } from '../core/graph.ts';
import { goingWith } from '../core/rival.ts';
import type { System } from '../core/system.ts';
import { at } from '../core/system.ts';
import type { Service } from '../model/service.ts';
import { desiredOf, isLive } from '../model/service.ts';

/** Whether something pinned up stands in its way, so that it waits, or lives on, for good. */
export function isHeldByPin(system: System, service: Service): boolean {
  const index = system.graph.indexOf.get(service.spec.name) ?? -1;
  const isFirm = (each: number): boolean => at(system, each).pin === 'up';
  if (isLive(service.phase)) return goingWith(system, index).some((each) => each !== index && isFirm(each));
  return system.services.some(
    ({ spec }, other) =>
      (spec.conflicts.includes(service.spec.name) || service.spec.conflicts.includes(spec.name)) &&
      goingWith(system, other).some(isFirm),
  );
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
