/**
 * After a daemon's death: from what the store kept to a system that knows what it does not know.
 *
 * A run that was live is `unknown` until its runtime has said what became of it; everything else is as it was, and
 * what was waiting or backing off waits again. The same `step` then carries on: nothing is decided here.
 */
import type { System } from '../core/system.ts';
import { rebuild } from '../core/system.ts';
import type { Service } from '../model/service.ts';
import { newService } from '../model/service.ts';
import type { ServiceName, Spec } from '../model/spec.ts';
import type { StoredService } from '../ports/event-store.ts';
import type { Runtime } from '../ports/runtime.ts';

/** The system as the store remembers it. Units: `at` monotonic ms. Shapes: services not in `specs` are forgotten. */
export function recoverSystem(specs: readonly Spec[], stored: readonly StoredService[], at: number): System {
  const known = new Map<ServiceName, StoredService>(stored.map((each) => [each.name, each]));
  return rebuild(
    specs.map((spec) => recoverService(newService(spec, at), known.get(spec.name))),
    new Set(),
  );
}

/** Asks each runtime for the runs that are in doubt. The answers come as reports. */
export function adoptAll(system: System, runtime: Runtime): void {
  for (const service of system.services) {
    if (service.phase === 'unknown') runtime.adopt(service.runSpec ?? service.spec, service.run);
  }
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
