/**
 * Entering a phase: the one place where a phase, its timers and its probes change together.
 *
 * Leaving a phase ends its timers; leaving a live phase for one that is not ready ends its probes. What a phase needs
 * (a spawn, a timer, a question) is ordered here on entry; the steps of a stop are in `core/stop.ts`.
 */
import type { Effect } from '../model/effect.ts';
import type { Question } from '../model/event.ts';
import type { Ending, Reason } from '../model/reason.ts';
import type { Phase, Service } from '../model/service.ts';
import { NO_HEALTH } from '../model/service.ts';
import { questionsOf } from './health.ts';
import { grownDelay } from './restart.ts';

/** One service's step: its next state and what to do. */
export interface Move {
  readonly next: Service;
  readonly effects: readonly Effect[];
}

/** What an entry brings along. Units: `at` monotonic ms. */
export interface Entry {
  readonly reason: Reason;
  readonly at: number;
}

/** Nothing happens. */
export function stay(service: Service): Move {
  return { next: service, effects: [] };
}

/** The service with some fields changed, in the same phase, and nothing to do. */
export function note(service: Service, patch: Partial<Omit<Service, 'phase' | 'spec'>>): Move {
  return { next: { ...service, ...patch }, effects: [] };
}

/** Orders run number `run + 1`: its `before_start` hook, or at once the run itself. */
export function enterStarting(service: Service, entry: Entry): Move {
  const run = service.run + 1;
  const { spec } = service;
  const hooked = spec.hooks.beforeStart !== null;
  const limited = Number.isFinite(spec.startTimeoutMs);
  const next: Service = {
    ...service,
    phase: 'starting',
    step: hooked ? 'before-start' : 'none',
    run,
    runSpec: spec,
    reason: entry.reason,
    since: entry.at,
    due: 'nothing',
    health: NO_HEALTH,
    misses: 0,
    saying: null,
    pid: null,
    spawned: 'no',
    startedAt: null,
    readyAt: null,
    retryAt: null,
    limitAt: limited ? entry.at + spec.startTimeoutMs : null,
  };
  const order = { service: spec.name, run };
  const effects: Effect[] = [
    hooked ? { ...order, type: 'run-hook', hook: 'beforeStart', spec } : { ...order, type: 'start', spec },
  ];
  if (limited) effects.push({ ...order, type: 'set-timer', timer: 'startup', delayMs: spec.startTimeoutMs });
  return { next, effects };
}

/** The gate is passed: dependents may start. The `after_ready` hook is run, and nobody waits for it. */
export function enterReady(service: Service, entry: Entry): Move {
  const spec = service.runSpec ?? service.spec;
  const order = { service: spec.name, run: service.run };
  const { starting, running } = questionsOf(spec);
  const verdict = starting === 'health' ? 'healthy' : 'unknown';
  const effects: Effect[] = [{ ...order, type: 'clear-timers' }];
  if (starting !== null && starting !== running) effects.push({ ...order, type: 'stop-probes' });
  const asked: readonly (Question | null)[] = [running, spec.watchdogMs === null ? null : 'watchdog'];
  for (const question of asked)
    if (question !== null) effects.push({ ...order, type: 'start-probe', question, cadence: 'running', spec });
  if (spec.hooks.afterReady !== null) effects.push({ ...order, type: 'run-hook', hook: 'afterReady', spec });
  if (service.restarts > 0 || service.failedStarts > 0) {
    effects.push({ ...order, type: 'set-timer', timer: 'stable', delayMs: stableAfterMs(service) });
  }
  const next: Service = {
    ...service,
    phase: 'ready',
    step: service.step === 'ending' ? 'ending' : 'none',
    misses: 0,
    reason: entry.reason,
    since: entry.at,
    readyAt: entry.at,
    failedStarts: 0,
    limitAt: null,
    proven: spec.hash,
    lastStartMs: service.startedAt === null ? service.lastStartMs : entry.at - service.startedAt,
    health: { ...NO_HEALTH, verdict, message: service.health.message },
  };
  return { next, effects };
}

/** Leaves what the run was in, for the steps of a stop (`core/stop.ts`), which set a limit each. */
export function enterStopping(service: Service, entry: Entry): Move {
  const order = { service: service.spec.name, run: service.run };
  return {
    next: { ...service, phase: 'stopping', step: 'none', reason: entry.reason, since: entry.at, limitAt: null },
    effects: [
      { ...order, type: 'clear-timers' },
      { ...order, type: 'stop-probes' },
    ],
  };
}

/** The run is over, and its `after_stop` hook runs before it is settled what follows. */
export function enterAfterStop(service: Service, entry: Entry, ending: Ending | null): Move {
  const begun = service.phase === 'stopping' ? { reason: service.reason, at: service.since } : entry;
  const { next, effects } = enterStopping(service, begun);
  return { next: { ...next, step: 'after-stop', ending, stuck: null, pid: null }, effects };
}

/** Waits for the next try. Units: `delayMs` ms. */
export function enterBackoff(service: Service, entry: Entry, delayMs: number): Move {
  const { next, effects } = leaveRun(service, 'backoff', entry);
  const order = { service: service.spec.name, run: service.run };
  return {
    next: { ...next, retryAt: entry.at + delayMs },
    effects: [...effects, { ...order, type: 'set-timer', timer: 'backoff', delayMs }],
  };
}

/** Backs off until there is a token for its restart (`core/damper.ts`). Units: monotonic ms. */
export function holdBack(service: Service, now: number, retryAt: number): Move {
  const order = { service: service.spec.name, run: service.run, type: 'set-timer', timer: 'backoff' } as const;
  const since = service.phase === 'backoff' ? service.since : now;
  return {
    next: { ...service, phase: 'backoff', step: 'damped', since, retryAt },
    effects: [{ ...order, delayMs: retryAt - now }],
  };
}

/** Rests, or waits for its turn: nothing of a run is left. */
export function enterQuiet(
  service: Service,
  phase: Extract<Phase, 'stopped' | 'waiting' | 'failed' | 'completed'>,
  entry: Entry,
): Move {
  return leaveRun(service, phase, entry);
}

/** The question asked while starting begins once the run exists. */
export function startGate(service: Service, question: Question): Effect {
  const spec = service.runSpec ?? service.spec;
  return { service: spec.name, run: service.run, type: 'start-probe', question, cadence: 'starting', spec };
}

function leaveRun(service: Service, phase: Phase, entry: Entry): Move {
  const order = { service: service.spec.name, run: service.run };
  const effects: Effect[] = [];
  const left = service.phase;
  const hadRun = left === 'starting' || left === 'ready' || left === 'stopping' || left === 'unknown';
  if (hadRun || left === 'backoff') effects.push({ ...order, type: 'clear-timers' });
  if (hadRun) effects.push({ ...order, type: 'stop-probes' }, { ...order, type: 'release' });
  const next: Service = {
    ...service,
    phase,
    reason: entry.reason,
    since: entry.at,
    step: 'none',
    due: 'nothing',
    stuck: null,
    ending: null,
    limitAt: null,
    pid: null,
    spawned: 'no',
    startedAt: null,
    readyAt: null,
    retryAt: null,
  };
  return { next, effects };
}

/** Long enough in `ready` to forgive: the policy's time, and at least twice the delay that led here. */
function stableAfterMs(service: Service): number {
  const { restart } = service.spec;
  const lastDelayMs = grownDelay(restart, Math.max(0, service.restarts - 1));
  return Math.max(restart.resetAfterMs, 2 * lastDelayMs);
}
