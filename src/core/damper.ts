/**
 * The damper: how many automatic restarts all services together may have.
 *
 * A token bucket, kept as one number (the generic cell rate algorithm, ITU-T I.371): `damperAt` is the time by which all
 * tokens spent so far have grown back. A restart is let through when that is less than a full bucket away. One that is
 * not waits, behind those who wait already, and asks again: a token is spent by nobody but who goes, so that whoever is
 * stopped or held meanwhile leaves no debt to the others. What a person asks for is never counted.
 */
import type { WorkingSystem } from './system.ts';

/** The bucket. `burst` restarts at once (at least 1), then one every `perMs` ms; `perMs` 0 = no limit. */
export interface RestartBudget {
  readonly burst: number;
  readonly perMs: number;
}

/** When the next token is there; not before `now`. Units: monotonic ms. */
export function tokenAt(damperAt: number, now: number, { burst, perMs }: RestartBudget): number {
  return Math.max(now, damperAt - (burst - 1) * perMs);
}

/** The damper after a token was spent. Units: monotonic ms. */
export function spent(damperAt: number, now: number, { perMs }: RestartBudget): number {
  return Math.max(damperAt, now) + perMs;
}

/**
 * Takes a token for a restart that is due: null when there is one, and it may go; else when to ask again, monotonic ms.
 * `place`: `new` asks behind all who wait, `first` is one of those who wait, and its time has come.
 */
export function takeToken(
  system: WorkingSystem,
  now: number,
  { budget, place }: { readonly budget: RestartBudget | undefined; readonly place: 'new' | 'first' },
): number | null {
  if (budget === undefined) return null;
  const at = tokenAt(system.damperAt, now, budget);
  if (at > now) return place === 'first' ? at : at + system.damped * budget.perMs;
  system.damperAt = spent(system.damperAt, now, budget);
  return null;
}
