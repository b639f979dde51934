/**
 * Conflicts: services that are never up together. Whoever says it, it holds both ways.
 *
 * Of two that conflict, the one that was asked for last is up: the other is let go with everything that requires it, and
 * the start is held until that has ended (`core/draft.ts`, `core/schedule.ts`).
 */
import type { Service } from '../model/service.ts';
import { desiredOf, isResting } from '../model/service.ts';
import type { ServiceName } from '../model/spec.ts';

/** The pairs as flat arrays; see `Graph`. */
export interface Pairs {
  readonly conflictStart: Int32Array;
  readonly conflicts: Int32Array;
}

/** Who conflicts with whom, both ways, each pair once. Shapes: a name that is not there, and oneself, are passed over. */
export function findPairs(
  nodes: readonly { readonly conflicts?: readonly ServiceName[] }[],
  indexOf: ReadonlyMap<ServiceName, number>,
): Pairs {
  const conflictStart = new Int32Array(nodes.length + 1);
  const sides = new Map<number, Set<number>>();
  const join = (from: number, to: number): void => {
    const side = sides.get(from) ?? new Set();
    sides.set(from, side.add(to));
  };
  for (const [index, node] of nodes.entries()) {
    for (const name of node.conflicts ?? []) {
      const other = indexOf.get(name);
      if (other === undefined || other === index) continue;
      join(index, other);
      join(other, index);
    }
  }
  const flat: number[] = [];
  for (let index = 0; index < nodes.length; index += 1) {
    conflictStart[index] = flat.length;
    const side = sides.get(index);
    if (side !== undefined) flat.push(...[...side].toSorted((left, right) => left - right));
  }
  conflictStart[nodes.length] = flat.length;
  return { conflictStart, conflicts: Int32Array.from(flat) };
}

/** Whether it is up or on its way there: what no service that conflicts with it may be at the same time. */
export function isUpwards(service: Service): boolean {
  return desiredOf(service) === 'up' && !isResting(service.phase);
}
