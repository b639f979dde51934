/** A service at run time: what is wanted, where it is, and why. */
import type { Ending, Reason } from './reason.ts';
import type { Spec } from './spec.ts';

/** Every phase, for tables and coverage. `unknown` is entered by recovery alone and left by evidence. */
export const PHASES = [
  'stopped',
  'waiting',
  'starting',
  'ready',
  'stopping',
  'backoff',
  'failed',
  'completed',
  'unknown',
] as const;

/** Where a service is. Only `core/transition.ts` changes it. */
export type Phase = (typeof PHASES)[number];

/** What is wanted. */
export type Desired = 'up' | 'down';

/**
 * Who wants it up: a person (`asked`), a person who said not to look at dependencies (`alone`), only its dependents
 * (`needed`); or nobody: a person let go or never asked (`none`), or its last dependent let go (`released`).
 */
export type Demand = 'asked' | 'alone' | 'needed' | 'none' | 'released';

/** What is to happen to a live run as soon as no dependent holds it: `kill` = its stop is to be without grace. */
export type Due = 'nothing' | 'restart' | 'kill';

/** Every step, for tables and schemas. */
export const STEPS = [
  'none',
  'before-start',
  'reloading',
  'damped',
  'draining',
  'before-stop',
  'ending',
  'killing',
  'stuck',
  'after-stop',
] as const;

/**
 * Where inside its phase a service is: the steps of a start (`before-start`), of a reload, and of a stop in their order;
 * `stuck` = killed and still there; `damped` = in backoff, held back by the limit on the restarts of all services.
 * In `starting` and `ready`, `ending` means that the service said itself that it is about to end; in `stopping`,
 * `before-start` means that no run exists and its hook is being killed.
 */
export type Step = (typeof STEPS)[number];

/** Processes that a kill did not end: their ids, and what they wait in, in words. */
export interface Stuck {
  readonly pids: readonly number[];
  readonly text: string;
}

/** The verdict of the liveness check; `unknown` until the first verdict of a run, and where there is no check. */
export interface Health {
  readonly verdict: 'unknown' | 'healthy' | 'unhealthy';
  /** Failing answers in a row. */
  readonly failures: number;
  /** Passing answers in a row. */
  readonly successes: number;
  /** The last answer's evidence, in words; null before the first. */
  readonly message: string | null;
}

/** A service's state. Immutable: a change makes a new value. Times are monotonic ms, null when there is none. */
export interface Service {
  readonly spec: Spec;
  readonly demand: Demand;
  readonly due: Due;
  readonly phase: Phase;
  readonly step: Step;
  /** Null but in step `stuck`. */
  readonly stuck: Stuck | null;
  /** Held up or down by a person, whatever dependents, policies and other requests want. */
  readonly pin: 'up' | 'down' | 'none';
  /** The run's end while its `after_stop` hook runs; null otherwise. */
  readonly ending: Ending | null;
  /** What the service last said of itself (`STATUS=`); null when nothing. */
  readonly saying: string | null;
  /** When the start, the reload or the grace under way is cut short, monotonic ms; null = nothing limits it. */
  readonly limitAt: number | null;
  /** Questions of the watchdog in a row that were not answered by a sign of life. */
  readonly misses: number;
  /** Hash of the definition with which it was last ready, or done; null = never. */
  readonly proven: string | null;
  /** Number of the current or last run, from 1; 0 = never run. */
  readonly run: number;
  /** Automatic restarts since it was last asked for or stable. */
  readonly restarts: number;
  /** Runs in a row that ended before they were ready. */
  readonly failedStarts: number;
  /** Automatic restarts inside the policy's window, oldest first, at most `limit` of them. */
  readonly recentRestarts: readonly number[];
  /** Why it is in this phase; set on entry and not overwritten while in it. */
  readonly reason: Reason;
  readonly health: Health;
  /** Number of the last request that named or reached it; a later one supersedes an earlier. */
  readonly intent: number;
  /** The definition that the present or last run was started with; null when it never ran. */
  readonly runSpec: Spec | null;
  /** Process id as reported by the runtime. */
  readonly pid: number | null;
  /** Whether the runtime has said that the current run exists. */
  readonly spawned: 'no' | 'yes';
  /** Exit code of the last run as observed. */
  readonly exitCode: number | null;
  /** Signal that ended the last run, as observed. */
  readonly exitSignal: string | null;
  /** When the phase was entered. */
  readonly since: number;
  readonly startedAt: number | null;
  readonly readyAt: number | null;
  /** Ms the last completed start took from spawn to ready or completed. */
  readonly lastStartMs: number | null;
  /** When the backoff ends. */
  readonly retryAt: number | null;
}

/** What is wanted of a service: where it is pinned, else what its demand says, which a pin does not change. */
export function desiredOf(service: Pick<Service, 'demand' | 'pin'>): Desired {
  if (service.pin !== 'none') return service.pin;
  return service.demand === 'none' || service.demand === 'released' ? 'down' : 'up';
}

/** Whether a run exists, or may exist, in this phase. */
export function isLive(phase: Phase): boolean {
  return phase === 'starting' || phase === 'ready' || phase === 'stopping' || phase === 'unknown';
}

/** Whether nothing runs and no timer is set in this phase. */
export function isResting(phase: Phase): boolean {
  return phase === 'stopped' || phase === 'failed' || phase === 'completed';
}

/** The health of a run that was not yet asked. */
export const NO_HEALTH: Health = { verdict: 'unknown', failures: 0, successes: 0, message: null };

/** A service that was just declared: stopped, wanted by nobody. Units: `at` is monotonic ms. */
export function newService(spec: Spec, at: number): Service {
  return {
    spec,
    demand: 'none',
    due: 'nothing',
    phase: 'stopped',
    step: 'none',
    stuck: null,
    pin: 'none',
    ending: null,
    saying: null,
    limitAt: null,
    misses: 0,
    proven: null,
    run: 0,
    restarts: 0,
    failedStarts: 0,
    recentRestarts: [],
    reason: { code: 'declared' },
    health: NO_HEALTH,
    intent: 0,
    runSpec: null,
    pid: null,
    spawned: 'no',
    exitCode: null,
    exitSignal: null,
    since: at,
    startedAt: null,
    readyAt: null,
    lastStartMs: null,
    retryAt: null,
  };
}
