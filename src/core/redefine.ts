/**
 * A new definition for a set that runs.
 *
 * Services keep their state by name. A changed one keeps its live run: what Rouse itself does about it holds at once
 * (`model/live.ts`), the rest from its next start on; a check that did not change keeps its counters.
 * One that was left out is let go, ends by its old rule, and leaves the system when nothing of it runs.
 */
import type { Event } from '../model/event.ts';
import { declaredName } from '../model/replica.ts';
import type { Service } from '../model/service.ts';
import { isLive, newService } from '../model/service.ts';
import type { ServiceName } from '../model/spec.ts';
import { Draft } from './draft.ts';
import { askedAnew, redefined } from './take-over.ts';
import { STRENGTH } from './graph.ts';
import type { WorkingSystem } from './system.ts';
import { at, find, pulls, rebuild } from './system.ts';
import { onRelease, onWake } from './transition.ts';

/** The draft of a step over the new set. Shapes: the new specs make a sound graph, which the engine sees to. */
export function applySpecs(system: WorkingSystem, event: Extract<Event, { type: 'spec-changed' }>): Draft {
  const wanted = new Set(event.specs.map((spec) => spec.name));
  const leftOut = system.services.filter((service) => !wanted.has(service.spec.name));
  const kept = event.specs.map((spec) => {
    const index = system.graph.indexOf.get(spec.name);
    if (index !== undefined) return redefined(at(system, index), spec);
    return { ...newService(spec, event.at), run: system.lastRuns.get(spec.name) ?? 0 };
  });
  const present = new Set([...wanted, ...leftOut.map((service) => service.spec.name)]);
  const leaving = leftOut.map((service) => holdingPlace(withoutNeedsBut(service, present), wanted));
  const draft = new Draft(
    rebuild([...kept, ...leaving], new Set(leaving.map((service) => service.spec.name))),
    event.at,
  );
  draft.system.lastRuns = system.lastRuns;
  draft.system.damperAt = system.damperAt;
  for (const [index, after] of draft.system.services.entries()) {
    const place = system.graph.indexOf.get(after.spec.name);
    const before = place === undefined ? null : at(system, place);
    if (before !== null && before.spec !== after.spec) {
      draft.transitions.push({ before, after });
      draft.effects.push(...askedAnew(before, after));
    }
    if (draft.system.leaving.has(after.spec.name)) draft.apply(index, onRelease(after, 'none', event.at));
    else if (after.demand === 'needed' && draft.system.counts.demanders[index] === 0) {
      draft.apply(index, onRelease(after, 'released', event.at));
    }
    draft.consider(index);
  }
  wakeNewNeeds(draft, system);
  draft.settleQuarrels();
  return draft;
}

/** The system without the services that were left out and have ended. */
export function dropLeft(system: WorkingSystem): {
  readonly system: WorkingSystem;
  readonly removed: readonly ServiceName[];
} {
  if (system.leaving.size === 0) return { system, removed: [] };
  const gone = new Set<ServiceName>();
  for (const name of system.leaving) {
    const service = at(system, system.graph.indexOf.get(name) ?? -1);
    if (!isLive(service.phase)) gone.add(name);
  }
  if (gone.size === 0) return { system, removed: [] };
  const leaving = new Set([...system.leaving].filter((name) => !gone.has(name)));
  const staying = system.services.filter((service) => !gone.has(service.spec.name));
  const present = new Set(staying.map((service) => service.spec.name));
  const services = staying.map((service) =>
    leaving.has(service.spec.name) ? withoutNeedsBut(service, present) : service,
  );
  const queued = [...system.queue].map((index) => at(system, index).spec.name);
  const rebuilt = rebuild(services, leaving);
  rebuilt.lastRuns = system.lastRuns;
  rebuilt.damperAt = system.damperAt;
  for (const { spec, run } of system.services) if (gone.has(spec.name)) rebuilt.lastRuns.set(spec.name, run);
  for (const name of queued) {
    const index = rebuilt.graph.indexOf.get(name);
    if (index !== undefined) rebuilt.queue.add(index);
  }
  return { system: rebuilt, removed: [...gone] };
}

/** One that becomes several, or several that become one, are never up together: they share ports and files. */
function holdingPlace(service: Service, wanted: ReadonlySet<ServiceName>): Service {
  const { spec } = service;
  const of = declaredName(spec.name);
  const heirs = of === spec.name ? [...wanted].filter((name) => declaredName(name) === of) : [of];
  const rivals = heirs.filter((name) => wanted.has(name));
  return rivals.length === 0 ? service : { ...service, spec: { ...spec, conflicts: [...spec.conflicts, ...rivals] } };
}

/** What leaves still stops before what it needed, as long as that is there; no pin keeps it. */
function withoutNeedsBut(service: Service, present: ReadonlySet<ServiceName>): Service {
  const dependencies = service.spec.dependencies.filter((edge) => present.has(edge.name));
  return { ...service, pin: 'none', spec: { ...service.spec, dependencies } };
}

/** Wakes what is needed since this definition, and was not before: who rests although it was needed was put to rest. */
function wakeNewNeeds(draft: Draft, before: WorkingSystem): void {
  const { graph } = draft.system;
  for (const index of graph.order.toReversed()) {
    const service = at(draft.system, index);
    if (!pulls(service)) continue;
    const earlier = find(before, service.spec.name)?.spec.dependencies ?? [];
    const known = new Set(earlier.filter(({ need }) => need !== 'order').map((edge) => edge.name));
    for (let edge = graph.needStart[index] ?? 0; edge < (graph.needStart[index + 1] ?? 0); edge += 1) {
      // Somebody woken for it may have made it give way.
      if (!pulls(at(draft.system, index))) break;
      if (graph.strength[edge] === STRENGTH.order) continue;
      const to = graph.needs[edge] ?? 0;
      const dependency = at(draft.system, to);
      if (pulls(dependency) || dependency.demand === 'alone') continue;
      if (known.has(dependency.spec.name) && dependency.reason.code !== 'declared') continue;
      draft.apply(
        to,
        onWake(dependency, { demand: 'needed', completed: 'keep', intent: service.intent, at: draft.now }),
      );
    }
  }
}
