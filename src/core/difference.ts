/** What the difference between two states of a service means: to its neighbours, and to whoever keeps records. */
import type { Service } from '../model/service.ts';
import { desiredOf } from '../model/service.ts';
import { isBlocked, isReached } from './edge.ts';
import { isHolding, isLeaving } from './system.ts';

/** A service before and after something worth recording: its phase, reason, verdict, demand, request or process changed. */
export interface Transition {
  readonly before: Service;
  readonly after: Service;
}

/** By how much its hold on its needs changes: at all, by going, and by both at once. */
export interface Flip {
  readonly holding: number;
  readonly leaving: number;
  readonly both: number;
}

/** By how much a service's hold on its needs changes (-1, 0 or 1 each), from how many above it were and are leaving. */
export function flipOf({ before, after }: Transition, was: number, is: number): Flip {
  const held = isHolding(before, was);
  const holds = isHolding(after, is);
  const left = isLeaving(before, was);
  const leaves = isLeaving(after, is);
  return {
    holding: Number(holds) - Number(held),
    leaving: Number(leaves) - Number(left),
    both: Number(holds && leaves) - Number(held && left),
  };
}

/** Whether the dependency is not there for those who run, and not merely on its way or unheard of. */
export function isLost(dependency: Service): boolean {
  const { phase } = dependency;
  return phase !== 'unknown' && phase !== 'starting' && !isReached('ready', dependency);
}

/** What is wanted of it, and how. */
export function wishOf({ demand, pin }: Service): string {
  return `${demand} ${pin}`;
}

/** Whether the difference is worth recording. */
export function isNotable(before: Service, after: Service): boolean {
  return (
    before.phase !== after.phase ||
    before.step !== after.step ||
    before.stuck !== after.stuck ||
    before.reason !== after.reason ||
    before.demand !== after.demand ||
    before.health.verdict !== after.health.verdict ||
    before.intent !== after.intent ||
    before.pin !== after.pin ||
    before.pid !== after.pid ||
    before.spec !== after.spec
  );
}

/** Whether dependents could see a difference: everything that `core/edge.ts` reads. */
export function looksDifferent(before: Service, after: Service): boolean {
  return (
    before.phase !== after.phase ||
    before.due !== after.due ||
    before.spawned !== after.spawned ||
    before.pin !== after.pin ||
    (before.health.verdict === 'unhealthy') !== (after.health.verdict === 'unhealthy') ||
    isBlocked(before) !== isBlocked(after) ||
    desiredOf(before) !== desiredOf(after)
  );
}
