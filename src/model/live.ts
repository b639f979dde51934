/**
 * What of a new definition holds at once for a run that is under way, and what only for the next one.
 *
 * A run keeps what it was started with: its program, its environment, its limits, its hooks and how it is ended. What
 * Rouse itself does about it (restarting, asking, keeping output, whom it goes with) holds as soon as it is said.
 */
import type { Readiness, Spec } from './spec.ts';

/** What a run keeps until it ends, in the order in which it is told. */
const KEPT_BY_RUN = [
  'kind',
  'execution',
  'env',
  'inheritEnv',
  'cwd',
  'umask',
  'readiness',
  'stop',
  'hooks',
  'watchdogMs',
  'limits',
  'confinement',
  'secrets',
] as const satisfies readonly (keyof Spec)[];

/** A key of a spec that only a new run takes over. */
export type KeptKey = (typeof KEPT_BY_RUN)[number];

/** What of `after` a run with `before` does not take over before it is started anew; empty = everything holds at once. */
export function keptByRun(before: Spec, after: Spec): readonly KeptKey[] {
  return KEPT_BY_RUN.filter((key) =>
    key === 'readiness' ? !sameGate(before, after) : !sameMeaning(before[key], after[key]),
  );
}

/**
 * The spec of a run after a new definition: the new one where everything holds at once, else the old one with what does.
 * Shapes: its hash is that of `after` in the first case and stays that of `run` in the second: so it is outdated.
 */
export function takenOver(run: Spec, after: Spec): Spec {
  if (run.hash === after.hash) return after;
  const kept = keptByRun(run, after);
  if (kept.length === 0) return after;
  return {
    ...after,
    kind: run.kind,
    execution: run.execution,
    env: run.env,
    inheritEnv: run.inheritEnv,
    cwd: run.cwd,
    umask: run.umask,
    readiness: kept.includes('readiness') ? run.readiness : after.readiness,
    stop: run.stop,
    hooks: run.hooks,
    watchdogMs: run.watchdogMs,
    limits: run.limits,
    confinement: run.confinement,
    secrets: run.secrets,
    hash: run.hash,
  };
}

/** Whether two values mean the same: places, and how a command was written, say nothing. */
export function sameMeaning(left: unknown, right: unknown): boolean {
  if (Object.is(left, right)) return true;
  if (typeof left !== 'object' || typeof right !== 'object' || left === null || right === null) return false;
  if (Array.isArray(left) !== Array.isArray(right)) return false;
  const [first, second] = [telling(left), telling(right)];
  return first.size === second.size && [...first].every(([key, value]) => sameMeaning(value, second.get(key)));
}

function telling(value: object): ReadonlyMap<string, unknown> {
  const entries = Object.entries(value).filter(
    ([key, inner]: [string, unknown]) =>
      !(key === 'origin' && (inner === null || typeof inner === 'object')) && !(key === 'source' && 'argv' in value),
  );
  return new Map(entries);
}

// A gate that the run has passed is of no use to it any more, and a check that says both may change its pace. What the
// run was told at its start (a descriptor, a socket) it cannot be told anew.
function sameGate(before: Spec, after: Spec): boolean {
  const [old, now] = [before.readiness, after.readiness];
  if (old.type !== now.type) return false;
  if (sameMeaning(old, now) || old.type === 'settle') return true;
  return isAsked(old) && isAsked(now);
}

const isAsked = (readiness: Readiness): boolean =>
  readiness.type === 'probe' && !['fd', 'notify'].includes(readiness.probe.target.type);
