/** What must hold between services that are related by order, conflicts and pins, and for whoever waits for a change. */
import { lostBy } from '../core/describe.ts';
import { find } from '../core/system.ts';
import type { ProjectRecord } from '../model/record.ts';
import type { Sight } from './checkers.ts';
import { isHeldByPin } from './standing.ts';
import type { FakeProcess } from './fake-runtime.ts';

/** Checked when a process is spawned: not pinned down, no rival lives, who it comes after is not under way, stops went first. */
export function checkRelations(
  { engine, processes, redefined, bootedAt, alone }: Sight,
  process: FakeProcess,
): readonly string[] {
  const { system } = engine;
  const { service: name } = process;
  const service = find(system, name);
  if (service === undefined) return [];
  const faults: string[] = [];
  if (service.pin === 'down') faults.push(`${name} was spawned although it is pinned down`);
  for (const other of system.services) {
    const rivals = other.spec.conflicts.includes(name) || service.spec.conflicts.includes(other.spec.name);
    if (!rivals || redefined.has(name) || redefined.has(other.spec.name)) continue;
    if (processes.living(other.spec.name).length > 0) faults.push(`${name} was spawned beside ${other.spec.name}`);
  }
  if (alone.has(name)) return faults;
  for (const edge of service.spec.dependencies) {
    const other = find(system, edge.name);
    if (edge.need !== 'order' || other === undefined || other.since >= service.since) continue;
    if (other.phase === 'starting' || other.phase === 'stopping')
      faults.push(`${name} was spawned before ${edge.name} (${other.phase}), after which it starts`);
  }
  for (const other of system.services) {
    if (
      other.phase !== 'stopping' ||
      other.step === 'stuck' ||
      other.step === 'after-stop' ||
      alone.has(other.spec.name)
    )
      continue;
    // One that a new daemon has not heard of yet holds nobody.
    if (other.since >= service.since || other.since < bootedAt || redefined.has(other.spec.name)) continue;
    if (other.spec.dependencies.some((edge) => edge.name === name))
      faults.push(`${name} was spawned while ${other.spec.name} was still stopping`);
  }
  return faults;
}

/** Checked at rest: who is degraded is so because of something that stays down, and nobody is pinned down and up. */
export function checkLosses({ engine: { system }, processes }: Sight): readonly string[] {
  const faults: string[] = [];
  for (const [index, service] of system.services.entries()) {
    const { spec, pin } = service;
    if (pin === 'down' && !isHeldByPin(system, service) && processes.living(spec.name).length > 0)
      faults.push(`${spec.name} runs, and is pinned down`);
    for (const name of lostBy(system, index)) {
      const lost = find(system, name);
      if (lost === undefined || isHeldByPin(system, lost)) continue;
      if (lost.phase === 'ready' || lost.phase === 'starting')
        faults.push(`${spec.name} is degraded by ${name}, which is ${lost.phase}`);
    }
  }
  return faults;
}

/** Checked at the end: every change that was taken has had exactly one result. */
export function checkResults(written: readonly ProjectRecord[]): readonly string[] {
  const results = new Map<string, number>();
  for (const { body } of written) {
    if (body.type === 'change.created') results.set(body.change.id, results.get(body.change.id) ?? 0);
    if (body.type === 'change.done') results.set(body.change.id, (results.get(body.change.id) ?? 0) + 1);
  }
  return [...results].flatMap(([id, count]) => (count === 1 ? [] : [`change ${id} has had ${count} results`]));
}
