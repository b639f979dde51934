/** What is looked at before services are pinned. */
import { isUpwards } from '../core/conflict.ts';
import { closure } from '../core/graph.ts';
import { numbersOf, quarrelAmong } from '../core/order.ts';
import { conflicting, goingWith } from '../core/rival.ts';
import type { System } from '../core/system.ts';
import { at } from '../core/system.ts';
import { activeDependents } from '../core/verdict.ts';
import type { EventStore } from '../ports/event-store.ts';
import { ConflictError } from '../model/errors.ts';
import type { Service } from '../model/service.ts';
import type { ServiceName } from '../model/spec.ts';

/**
 * Refuses a pin that would pull the ground from under others, or that cannot hold. Errors: RSE4001; RSE4005 down while
 * something live requires it; RSE4014 down, and it is only watched; RSE4016 up, two of them conflict; RSE4017 up, against
 * another that is pinned up.
 */
export function refusePin(system: System, services: readonly ServiceName[], pin: Service['pin']): void {
  const numbers = numbersOf(system.graph, services);
  if (pin === 'down') for (const index of numbers) refuseWatched(at(system, index));
  if (pin === 'down') refuseNeeded(system, new Set(numbers));
  if (pin !== 'up') return;
  const marks = new Uint8Array(system.graph.size);
  for (const index of numbers) marks[index] = 1;
  const quarrel = quarrelAmong(system.graph, marks);
  if (quarrel !== null) {
    const names = quarrel.map((name) => `"${name}"`).join(' and ');
    throw new ConflictError('RSE4016', `cannot pin ${names} up: they are never up together`, { services: quarrel });
  }
  for (const index of numbers) refuseAgainst(system, index);
}

/** Who pinned the service last, as far as it is kept; null when nobody knows. The name of a socket is nobody's. */
export function lastPinner(store: EventStore, service: ServiceName): string | null {
  const query = { sinceSeq: 0, types: ['service.pinned'], services: [service], limit: 1 };
  const name = store.records(query).at(-1)?.actor.name ?? null;
  return name?.startsWith('unix:') === true ? null : name;
}

function refuseWatched({ spec }: Service): void {
  if (spec.kind !== 'external') return;
  throw new ConflictError('RSE4014', `cannot pin "${spec.name}" down: it is external, Rouse only watches it`, {
    service: spec.name,
    services: [spec.name],
  });
}

function refuseNeeded(system: System, targets: ReadonlySet<number>): void {
  const found = activeDependents(system, closure(system.graph, targets, 'dependents'), targets);
  if (found.length === 0) return;
  const services = found.map((index) => at(system, index).spec.name);
  const names = [...targets].map((index) => at(system, index).spec.name);
  throw new ConflictError('RSE4005', `cannot pin ${quoted(names)} down: needed by ${quoted(services)}`, {
    services,
    hint: `stop them first: rouse stop ${names.join(' ')} --deps`,
  });
}

function refuseAgainst(system: System, index: number): void {
  const rival = conflicting(system, index, isUpwards);
  if (rival === null) return;
  const firm = goingWith(system, system.graph.indexOf.get(rival.spec.name) ?? index).find(
    (each) => at(system, each).pin === 'up',
  );
  if (firm === undefined) return;
  const other = at(system, firm).spec.name;
  throw new ConflictError('RSE4017', `cannot pin "${at(system, index).spec.name}" up: "${other}" is pinned up`, {
    service: other,
    services: [other],
    hint: `take that pin away first: rouse unpin ${other}`,
  });
}

const quoted = (names: readonly ServiceName[]): string => names.map((name) => `"${name}"`).join(', ');
