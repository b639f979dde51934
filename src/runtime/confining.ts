/** What confines the runs of a supervisor, and how each was confined when it was begun. */
import type { ConfinedBy } from '../model/held.ts';
import type { StartFault } from '../model/reason.ts';
import type { ServiceName, Spec } from '../model/spec.ts';
import { type ConfinePlan, planConfinement } from './confine.ts';
import { type ConfineWorld, confineWorld } from './confine-tools.ts';

/** The part that runtimes are given. */
export interface Confining {
  readonly world: ConfineWorld;
  /** How a run of it would be confined now, or why it cannot be. Never throws. */
  plan(spec: Pick<Spec, 'name' | 'confinement'>): ConfinePlan | StartFault;
  /** Says how a run was begun. */
  note(service: ServiceName, run: number, confined: ConfinedBy): void;
  forget(service: ServiceName, run: number): void;
  /** Null for a run of which nobody has said it. */
  of(service: ServiceName, run: number): ConfinedBy | null;
}

/** Confining by what this machine has; `world` is another one for tests. */
export function createConfining(world: ConfineWorld = confineWorld()): Confining {
  const known = new Map<string, ConfinedBy>();
  const key = (service: ServiceName, run: number): string => `${service} ${run}`;
  return {
    world,
    plan: (spec) => planConfinement(spec, world),
    note: (service, run, confined) => void known.set(key(service, run), confined),
    forget: (service, run) => void known.delete(key(service, run)),
    of: (service, run) => known.get(key(service, run)) ?? null,
  };
}
