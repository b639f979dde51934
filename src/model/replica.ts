/** Names of services of which there are several: `web@1`, `web@2`. */
import type { ServiceName, Spec } from './spec.ts';

/** The name without its number, and the number; null for a service that is alone. */
export function replicaOf(name: ServiceName): Spec['replica'] {
  const match = /^(.+)@([1-9]\d{0,2})$/.exec(name);
  const [, of = '', number = ''] = match ?? [];
  return match === null ? null : { of, number: Number(number) };
}

/** The name of one of several. Units: `number` from 1. */
export function replicaName(of: ServiceName, number: number): ServiceName {
  return `${of}@${number}`;
}

/**
 * The names that each name means: itself, or the replicas that bear it.
 * Shapes: only names that mean others are in it; replicas in the order of their numbers.
 */
export function replicasByName(names: Iterable<ServiceName>): ReadonlyMap<ServiceName, readonly ServiceName[]> {
  const found = new Map<ServiceName, ServiceName[]>();
  for (const name of names) {
    const replica = replicaOf(name);
    if (replica === null) continue;
    const known = found.get(replica.of);
    if (known === undefined) found.set(replica.of, [name]);
    else known.push(name);
  }
  return found;
}

/** The names that a name stands for. Shapes: `members` as `replicasByName` makes it; never empty. */
export function meantBy(
  members: ReadonlyMap<ServiceName, readonly ServiceName[]>,
  name: ServiceName,
): readonly ServiceName[] {
  return members.get(name) ?? [name];
}

/** The name that the definition knows it by: without the number of a replica. */
export const declaredName = (name: ServiceName): ServiceName => replicaOf(name)?.of ?? name;
