/**
 * After a daemon's death: from what the store kept to a system that knows what it does not know.
 *
 * A run that was live is `unknown` until its runtime has said what became of it; everything else is as it was, and
 * what was waiting or backing off waits again. The same `step` then carries on: nothing is decided here.
 */
import type { System } from '../core/system.ts';
import { rebuild } from '../core/system.ts';
import type { Actor, Change, Task } from '../model/change.ts';
import type { ProjectRecord } from '../model/record.ts';
import type { Service } from '../model/service.ts';
import { newService } from '../model/service.ts';
import type { ServiceName, Spec } from '../model/spec.ts';
import type { Batch, StoredService } from '../ports/event-store.ts';
import type { Runtime } from '../ports/runtime.ts';

const CUT_SHORT = 'the daemon ended before it was done';
const ROUSE: Actor = { via: 'rouse', name: 'rouse' };

/** What an earlier daemon left: the store's memory, and the specs of live runs that the definition no longer has. */
export interface Remains {
  readonly stored: readonly StoredService[];
  readonly leftOut: readonly Spec[];
}

/** The system as it is remembered. Units: `at` monotonic ms. What the definition no longer has is let go and ends. */
export function recoverSystem(specs: readonly Spec[], { stored, leftOut }: Remains, at: number): System {
  const known = new Map<ServiceName, StoredService>(stored.map((each) => [each.name, each]));
  const services = specs.map((spec) => recoverService(newService(spec, at), known.get(spec.name)));
  const leaving = leftOut.map((spec): Service => {
    const service = recoverService(newService({ ...spec, dependencies: [] }, at), known.get(spec.name));
    return { ...service, demand: 'none' };
  });
  const system = rebuild([...services, ...leaving], new Set(leaving.map((service) => service.spec.name)));
  for (const { name, run } of stored) if (!system.graph.indexOf.has(name)) system.lastRuns.set(name, run);
  return system;
}

/** Asks each runtime for the runs that are in doubt. The answers come as reports. */
export function adoptAll(system: System, runtime: Runtime): void {
  for (const service of system.services) {
    if (service.phase === 'unknown') runtime.adopt(service.runSpec ?? service.spec, service.run);
  }
}

/**
 * The end of changes that an earlier daemon did not live to end: what they wanted is still wanted, but nobody judges
 * their tasks any more. Units: `now` epoch ms. Shapes: nothing when all have ended; the records go on after `newest`.
 */
export function cutShort(open: readonly Change[], { now, newest }: { now: number; newest: number }): Batch {
  const changes = open.map((change): Change => {
    const tasks = change.tasks.map((task): Task => {
      if (task.endedAt !== null) return task;
      return { ...task, state: 'canceled', waitingFor: [], endedAt: now, error: CUT_SHORT };
    });
    return { ...change, state: 'failed', endedAt: now, tasks, error: CUT_SHORT };
  });
  const records = changes.map((change, place): ProjectRecord => {
    return { seq: newest + 1 + place, at: now, actor: ROUSE, body: { type: 'change.done', change } };
  });
  return { records, services: [], changes };
}

function recoverService(fresh: Service, stored: StoredService | undefined): Service {
  if (stored === undefined) return fresh;
  const sameSpec = stored.specHash === fresh.spec.hash;
  const runSpec = stored.run === 0 ? null : sameSpec ? fresh.spec : { ...fresh.spec, hash: stored.specHash };
  const kept: Service = { ...fresh, demand: stored.demand, run: stored.run, runSpec, exitCode: stored.exitCode };
  switch (stored.phase) {
    case 'starting':
    case 'ready':
    case 'stopping':
      return { ...kept, phase: 'unknown', pid: stored.pid, reason: { code: 'unverified', was: stored.phase } };
    case 'unknown':
      return { ...kept, phase: 'unknown', pid: stored.pid, reason: { code: 'unverified', was: 'ready' } };
    case 'waiting':
    case 'backoff':
      return { ...kept, phase: 'waiting', reason: { code: stored.demand === 'needed' ? 'needed' : 'asked' } };
    case 'completed':
      return {
        ...kept,
        phase: 'completed',
        reason: { code: 'completed', ending: { exitCode: stored.exitCode, signal: null } },
      };
    case 'failed':
      return {
        ...kept,
        phase: 'failed',
        reason: { code: 'exited', ending: { exitCode: stored.exitCode, signal: null } },
      };
    case 'stopped':
      return { ...kept, phase: 'stopped' };
    default:
      return stored.phase satisfies never;
  }
}
