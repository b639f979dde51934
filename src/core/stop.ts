/**
 * The steps of a stop, in their order. Each has a limit, so that none can last for ever.
 *
 * | step         | what is done                                  | left by                                | limit                         |
 * |--------------|-----------------------------------------------|----------------------------------------|-------------------------------|
 * | before-start | no run exists: its hook is killed             | the hook's end                         | killed again every 5 s        |
 * | draining     | nothing: dependents see that it is not ready  | timer drain                            | the rule's drain time         |
 * | before-stop  | the `before_stop` hook, whatever comes of it  | the hook's end                         | the hook's time and a second  |
 * | ending       | stop command or signal                        | the run's end                          | the grace, then killing       |
 * | killing      | SIGKILL to the whole tree                     | the run's end, or word that it is there | killed again every 5 s        |
 * | stuck        | it was killed and is still there              | the run's end                          | killed again every 5 s        |
 * | after-stop   | the `after_stop` hook, of every ended run     | the hook's end                         | the hook's time and a second  |
 *
 * Only a run that was ready drains; one that gave no sign of life goes to `ending` at once, by SIGABRT; a stop without
 * grace goes to `killing` from wherever it is. The grace begins with the stop command or signal.
 */
import type { Effect } from '../model/effect.ts';
import type { HookName, Spec } from '../model/spec.ts';
import type { Service, Step } from '../model/service.ts';
import type { Entry, Move } from './move.ts';
import { enterStopping, note, stay } from './move.ts';

/** How long after a kill the next one is tried; ms. Killing twice does no harm. */
const KILL_AGAIN_MS = 5000;
/** How long after its own limit a hook that was not heard of is given up; ms. */
const HOOK_MARGIN_MS = 1000;

/** Begins the stop of a live run. A run that is `due` to be killed gets no grace. */
export function beginStop(service: Service, entry: Entry): Move {
  const { next, effects } = enterStopping(service, entry);
  const first = firstStep(service, next, entry);
  return { next: first.next, effects: [...effects, ...first.effects] };
}

/** The time before the stop is over. */
export function onDrained(service: Service, at: number): Move {
  return service.phase === 'stopping' && service.step === 'draining' ? beforeStop(service, at) : stay(service);
}

/** The `before_stop` hook ended, well or not. */
export function onBeforeStopEnded(service: Service, at: number): Move {
  return service.phase === 'stopping' && service.step === 'before-stop' ? askToEnd(service, at) : stay(service);
}

/** The limit of a step is reached. What `after-stop` comes to is settled elsewhere. */
export function onStopLimit(service: Service, at: number): Move {
  if (service.phase !== 'stopping') return stay(service);
  switch (service.step) {
    case 'before-stop':
      return askToEnd(service, at);
    case 'none':
    case 'ending':
      return kill(service, 'killing');
    case 'before-start':
    case 'killing':
    case 'stuck':
      return kill(service, service.step);
    case 'draining':
    case 'after-stop':
    case 'reloading':
    case 'damped':
      return stay(service);
    default:
      return service.step satisfies never;
  }
}

/**
 * A stop is to have no grace: one that is under way is killed at once, one that has not begun is noted.
 * Shapes: it is wanted down already, or due for a restart, which then is as ever.
 */
export function onHurry(service: Service): Move {
  switch (service.phase) {
    case 'starting':
    case 'ready':
    case 'unknown':
      return note(service, { due: 'kill' });
    case 'stopping':
      if (service.step === 'after-stop') return { next: service, effects: [killOrder(service)] };
      if (service.step === 'before-start' || service.step === 'stuck') return kill(service, service.step);
      return afterTimers(kill(service, 'killing'));
    case 'stopped':
    case 'waiting':
    case 'backoff':
    case 'failed':
    case 'completed':
      return stay(service);
    default:
      return service.phase satisfies never;
  }
}

/** It was killed, and something of it is still there. */
export function onLingering(
  service: Service,
  { pids, text }: { readonly pids: readonly number[]; readonly text: string },
): Move {
  if (service.phase !== 'stopping') return stay(service);
  if (service.step !== 'killing' && service.step !== 'stuck') return stay(service);
  return note(service, { step: 'stuck', stuck: { pids, text } });
}

/** A run that came to be after its stop had begun: told again, now that there is something to end. */
export function stopNow(service: Service): Effect {
  const spec = service.runSpec ?? service.spec;
  const order = { service: spec.name, run: service.run };
  const spoken = service.step === 'none' || service.step === 'ending';
  return spoken ? { ...order, type: 'stop', spec } : { ...order, type: 'kill' };
}

/** A hook's order and the limit after which it is given up. Shapes: the spec has the hook, or it counts as ended at once. */
export function runHook(service: Service, hook: HookName): readonly Effect[] {
  const spec = service.runSpec ?? service.spec;
  const order = { service: spec.name, run: service.run };
  const delayMs = (spec.hooks[hook]?.timeoutMs ?? 0) + HOOK_MARGIN_MS;
  return [
    { ...order, type: 'run-hook', hook, spec },
    { ...order, type: 'set-timer', timer: 'kill', delayMs },
  ];
}

/** SIGKILL to all that belongs to the run. */
export function killOrder(service: Service): Effect {
  return { service: service.spec.name, run: service.run, type: 'kill' };
}

function firstStep(before: Service, service: Service, { at }: Entry): Move {
  const spec = service.runSpec ?? service.spec;
  if (before.phase === 'starting' && before.step === 'before-start') return kill(service, 'before-start');
  if (service.due === 'kill') return kill(service, 'killing');
  // A stop that an earlier daemon began: what was done of it is not done again.
  const begun = before.phase === 'stopping' && before.step !== 'draining' && before.step !== 'before-stop';
  if (service.reason.code === 'watchdog' || (begun && before.step !== 'none')) return askToEnd(service, at);
  if (before.phase !== 'ready' || spec.stop.drainMs === 0) return beforeStop(service, at);
  const drain = { service: spec.name, run: service.run, type: 'set-timer', timer: 'drain' } as const;
  return { next: { ...service, step: 'draining' }, effects: [{ ...drain, delayMs: spec.stop.drainMs }] };
}

function beforeStop(service: Service, at: number): Move {
  const spec = service.runSpec ?? service.spec;
  if (spec.hooks.beforeStop === null || service.spawned === 'no') return askToEnd(service, at);
  return { next: { ...service, step: 'before-stop' }, effects: runHook(service, 'beforeStop') };
}

function askToEnd(service: Service, at: number): Move {
  const spec = service.runSpec ?? service.spec;
  const order = { service: spec.name, run: service.run };
  return {
    next: { ...service, step: 'ending', limitAt: at + spec.stop.timeoutMs },
    effects: [
      { ...order, type: 'stop', spec: service.reason.code === 'watchdog' ? aborted(spec) : spec },
      { ...order, type: 'set-timer', timer: 'kill', delayMs: spec.stop.timeoutMs },
    ],
  };
}

/** Who gives no sign of life is asked for a core dump in the place of a stop that it would not hear. */
function aborted(spec: Spec): Spec {
  return { ...spec, stop: { ...spec.stop, signal: 'SIGABRT', command: null } };
}

function kill(service: Service, step: Extract<Step, 'before-start' | 'killing' | 'stuck'>): Move {
  const order = { service: service.spec.name, run: service.run };
  return {
    next: service.step === step ? service : { ...service, step, limitAt: null },
    effects: [killOrder(service), { ...order, type: 'set-timer', timer: 'kill', delayMs: KILL_AGAIN_MS }],
  };
}

function afterTimers({ next, effects }: Move): Move {
  return { next, effects: [{ service: next.spec.name, run: next.run, type: 'clear-timers' }, ...effects] };
}
