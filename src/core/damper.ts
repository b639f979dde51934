/**
 * The damper: how many automatic restarts all services together may have.
 *
 * A token bucket, kept as one number (the generic cell rate algorithm, ITU-T I.371): `damperAt` is the time by which all
 * tokens given so far have grown back. A restart is let through when that is less than a full bucket away; one that is
 * not is promised the next token and waits for it. What a person asks for is never counted.
 */

/** The bucket. `burst` restarts at once (at least 1), then one every `perMs` ms; `perMs` 0 = no limit. */
export interface RestartBudget {
  readonly burst: number;
  readonly perMs: number;
}

/** A token: when it is there (not before `now`), and the damper after it. Units: monotonic ms. */
export function takeToken(
  damperAt: number,
  now: number,
  { burst, perMs }: RestartBudget,
): { readonly at: number; readonly damperAt: number } {
  const at = Math.max(now, damperAt - (burst - 1) * perMs);
  return { at, damperAt: Math.max(damperAt, at) + perMs };
}
