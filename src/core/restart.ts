/**
 * Whether a run that ended is followed by another, and when.
 *
 * The delay grows from `delayMs` by `factor` with every automatic restart since the service was last asked for or
 * stable, up to `maxDelayMs`; chance moves it by at most `jitter` of itself. Restarts inside the window are counted
 * against the limit; what a person asks for is not. At the limit the service fails, or goes on at the longest delay.
 * A fault of the definition (no such program, no such folder) ends a service that was never ready with it; one that was
 * is tried at the longest delay: what is gone may come back.
 */
import type { Ending, Reason, StartFault } from '../model/reason.ts';
import type { Service } from '../model/service.ts';
import type { RestartPolicy, Spec } from '../model/spec.ts';

/** What follows an end. Units: `delayMs` ms; `recent` monotonic ms, oldest first. */
export type Verdict =
  | { readonly type: 'retry'; readonly delayMs: number; readonly recent: readonly number[] }
  | { readonly type: 'fail'; readonly reason: Reason }
  | { readonly type: 'complete' };

/** A run's end, judged. Units: `at` monotonic ms, `draw` 0..1. */
export interface Ended {
  readonly result: 'success' | 'failure';
  readonly reason: Reason;
  readonly ending: Ending;
  readonly at: number;
  readonly draw: number;
}

/** Signals by which a program is asked to leave: ending by one of them is no failure. */
const CLEAN_SIGNALS: readonly string[] = ['SIGHUP', 'SIGINT', 'SIGTERM', 'SIGPIPE'];

/** Whether an end counts as success: an exit code of the list, or a signal that asks to leave. An unknown end does not. */
export function isSuccess(spec: Spec, ending: Ending): boolean {
  if (ending.signal !== null) return spec.kind !== 'task' && CLEAN_SIGNALS.includes(ending.signal);
  return ending.exitCode !== null && spec.successCodes.includes(ending.exitCode);
}

/** What follows the end of a run that nobody asked to end. Errors: none; pure. */
export function decideRestart(service: Service, ended: Ended): Verdict {
  const policy = service.spec.restart;
  const wanted = policy.policy === 'always' || (policy.policy === 'on-failure' && ended.result === 'failure');
  if (isForbidden(service.spec, ended.ending) || !(wanted || isForced(service.spec, ended.ending)))
    return ended.result === 'success' ? { type: 'complete' } : { type: 'fail', reason: ended.reason };
  const hopeless = isHopeless(ended.reason);
  if (hopeless && service.proven !== (service.runSpec ?? service.spec).hash)
    return { type: 'fail', reason: ended.reason };
  const recent = service.recentRestarts.filter((at) => at > ended.at - policy.withinMs);
  if (recent.length < policy.limit) {
    return {
      type: 'retry',
      delayMs: hopeless ? policy.maxDelayMs : backoffDelay(policy, service.restarts, ended.draw),
      recent: [...recent, ended.at],
    };
  }
  if (policy.atLimit === 'slow') {
    return {
      type: 'retry',
      delayMs: policy.maxDelayMs,
      recent: [...recent.slice(1), ...(policy.limit === 0 ? [] : [ended.at])],
    };
  }
  const { limit, withinMs } = policy;
  return {
    type: 'fail',
    reason: limit === 0 ? ended.reason : { code: 'restart-limit', limit, withinMs, last: ended.reason },
  };
}

/** Whether the definition says of this exit code that it is always followed by a restart. */
export function isForced(spec: Spec, { exitCode }: Ending): boolean {
  return exitCode !== null && spec.restartCodes.includes(exitCode) && !spec.noRestartCodes.includes(exitCode);
}

function isForbidden(spec: Spec, { exitCode }: Ending): boolean {
  return exitCode !== null && spec.noRestartCodes.includes(exitCode);
}

/** The delay before restart number `restarts + 1`. Units: ms; `draw` 0..1 spreads it by the policy's jitter both ways. */
export function backoffDelay(policy: RestartPolicy, restarts: number, draw: number): number {
  return Math.round(grownDelay(policy, restarts) * (1 + policy.jitter * (2 * draw - 1)));
}

/** The delay before chance touches it. Units: ms. The power is kept finite, so that a delay of 0 stays 0 for ever. */
export function grownDelay(policy: RestartPolicy, restarts: number): number {
  return Math.min(policy.maxDelayMs, policy.delayMs * Math.min(policy.factor ** restarts, Number.MAX_VALUE));
}

const HOPELESS: readonly StartFault['code'][] = [
  'not-found',
  'not-executable',
  'bad-directory',
  'not-trusted',
  'secret',
];

/** A fault that another try a moment later cannot mend: something is not there, or is not as it must be. */
export function isHopeless(reason: Reason): boolean {
  if (reason.code !== 'start-failed') return false;
  return HOPELESS.includes(reason.fault.code);
}
