/**
 * The state machine of one service. Each thing that can happen is one function; its body is a switch over the phase
 * that it happens in. What is not in the table changes nothing.
 *
 * | phase           | wanted up  | wanted down         | let start | let stop | end reported                                           | hook ended                                              | answer pass | answer fail         | timer                                                                                                        |
 * |-----------------|------------|---------------------|-----------|----------|--------------------------------------------------------|---------------------------------------------------------|-------------|---------------------|--------------------------------------------------------------------------------------------------------------|
 * | stopped, failed | waiting    | remembered          | –         | –        | –                                                      | –                                                       | –           | –                   | –                                                                                                            |
 * | completed       | waiting    | remembered, stopped | –         | –        | –                                                      | –                                                       | –           | –                   | –                                                                                                            |
 * | waiting         | remembered | stopped             | starting  | –        | –                                                      | –                                                       | –           | –                   | –                                                                                                            |
 * | starting        | remembered | remembered          | –         | stopping | stopped, waiting, stopping, completed, backoff, failed | started; stopped, waiting, backoff, failed              | ready       | counted             | settle: ready · startup: stopping                                                                            |
 * | ready           | remembered | remembered          | –         | stopping | stopped, waiting, stopping, completed, backoff, failed | –                                                       | healthy     | unhealthy, stopping | stable: forgiven · startup: reloaded                                                                         |
 * | stopping        | remembered | remembered          | –         | –        | stopped, waiting, backoff, failed                      | next step; stopped, waiting, completed, backoff, failed | –           | –                   | drain: next step · kill: SIGKILL, or as if its hook had ended (stopped, waiting, completed, backoff, failed) |
 * | backoff         | waiting    | stopped             | –         | –        | –                                                      | –                                                       | –           | –                   | backoff: waiting                                                                                             |
 * | unknown         | remembered | remembered          | –         | –        | stopped, waiting, stopping, completed, backoff, failed | –                                                       | –           | –                   | –                                                                                                            |
 *
 * Three rules cover the rest. A report whose run is not the present one is dropped (`core/step.ts` does it). Entering a
 * phase clears the timers of the one left (`core/move.ts`). A dependent that lives holds its dependency's stop exactly
 * as a dependency that is not ready holds its dependent's start (`core/schedule.ts`). The steps of a stop are in
 * `core/stop.ts`, what a service says of itself in `core/notice.ts`; neither leaves the phase.
 */
import type { Event } from '../model/event.ts';
import type { Reason } from '../model/reason.ts';
import type { Demand, Service } from '../model/service.ts';
import { desiredOf, isLive, isResting } from '../model/service.ts';
import { isOwnFault, settleAfterStop, settleEnd, settleUnbegun } from './ending.ts';
import { countAnswer, probeOf, questionsOf } from './health.ts';
import { onRunningAnswer } from './liveness.ts';
import type { Move } from './move.ts';
import { enterQuiet, enterReady, enterStarting, note, startGate, stay } from './move.ts';
import { endReload } from './notice.ts';
import { isForced, isSuccess } from './restart.ts';
import { asItWas, onRecovered as resumed } from './resume.ts';
import { beginStop, killOrder, onBeforeStopEnded, onDrained, onStopLimit, stopNow } from './stop.ts';

/** Somebody wants it up. `again` runs a completed task although its definition is unchanged. */
export interface Wake {
  readonly demand: Extract<Demand, 'asked' | 'alone' | 'needed'>;
  readonly completed: 'keep' | 'again';
  readonly intent: number;
  readonly at: number;
}

/** It is wanted up: what rests waits for its turn, what backs off need not, what lives goes on. */
export function onWake(service: Service, wake: Wake): Move {
  const demand = wake.demand === 'needed' && isAsked(service) ? 'asked' : wake.demand;
  // A stop without grace that has not begun is called off; a restart without grace is not.
  const due = service.due === 'kill' && desiredOf(service) === 'down' ? 'nothing' : service.due;
  const woken: Service = { ...service, demand, due, intent: Math.max(service.intent, wake.intent) };
  const reason: Reason = { code: demand === 'needed' ? 'needed' : 'asked' };
  if (service.pin === 'down') return stay(woken);
  const fresh: Service = { ...woken, restarts: 0, failedStarts: 0, recentRestarts: [] };
  switch (service.phase) {
    case 'completed':
      if (isDoneTask(service) && wake.completed === 'keep') return stay(woken);
      return enterQuiet(fresh, 'waiting', { reason, at: wake.at });
    case 'stopped':
    case 'failed':
    case 'backoff':
      return enterQuiet(fresh, 'waiting', { reason, at: wake.at });
    case 'stopping':
      // What is stopped for a fault of its own is tried again, as it would be once it had failed.
      return stay(isAtFault(service, wake.completed) ? { ...woken, due: 'restart' } : woken);
    case 'waiting':
      // What waits for what it lost need not pass the damper when a person asks for it.
      return stay(service.reason.code === 'dependency-lost' ? { ...fresh, reason } : woken);
    case 'starting':
    case 'ready':
    case 'unknown':
      return stay(woken);
    default:
      return service.phase satisfies never;
  }
}

/** It is no longer wanted: by a person (`none`), or by its last dependent (`released`). `why`: another reason than that. */
export function onRelease(
  service: Service,
  demand: Extract<Demand, 'none' | 'released'>,
  at: number,
  why: Reason | null = null,
): Move {
  if (service.pin === 'up') return stay({ ...service, demand });
  const released: Service = { ...service, demand, due: service.due === 'kill' ? 'kill' : 'nothing' };
  switch (service.phase) {
    case 'waiting':
    case 'backoff':
      return enterQuiet(released, 'stopped', { reason: why ?? downReason(released), at });
    case 'completed':
      // Put to rest by a person, a task forgets that it was done: the next `up` runs it again.
      return demand === 'none' ? enterQuiet(released, 'stopped', { reason: { code: 'asked' }, at }) : stay(released);
    case 'stopped':
    case 'failed':
    case 'starting':
    case 'ready':
    case 'stopping':
    case 'unknown':
      return stay(released);
    default:
      return service.phase satisfies never;
  }
}

/** Its live run is to be replaced: at once, or as soon as no dependent holds it. A run that is ending is enough. */
export function onReplace(
  service: Service,
  order: { readonly reason: Reason; readonly at: number; readonly when: 'now' | 'free' },
): Move {
  switch (service.phase) {
    case 'starting':
    case 'ready':
      if (order.when === 'free') return note(service, { due: 'restart' });
      return beginStop({ ...service, due: 'restart' }, order);
    case 'stopping':
    case 'unknown':
      return note(service, { due: 'restart' });
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

/** The scheduler lets it start: its needs are met and there is room. */
export function onStartOrder(service: Service, at: number): Move {
  return service.phase === 'waiting' ? enterStarting(service, { reason: service.reason, at }) : stay(service);
}

/** The scheduler lets it stop: nothing that lives depends on it. `why`: another reason than that it is not wanted. */
export function onStopOrder(service: Service, at: number, why: Reason | null = null): Move {
  // Not known yet whether it runs: if it does, recovery finishes this stop as one that was under way.
  if (service.phase === 'unknown') return note(service, { reason: { code: 'unverified', was: 'stopping' } });
  if (service.phase !== 'starting' && service.phase !== 'ready') return stay(service);
  const again = service.due === 'restart' || desiredOf(service) === 'up';
  return beginStop(service, { reason: again ? { code: 'restart' } : (why ?? downReason(service)), at });
}

/** A required dependency cannot be satisfied (`by`), or can be again (null). */
export function onBlock(service: Service, by: string | null): Move {
  if (service.phase !== 'waiting') return stay(service);
  if (by === null) return note(service, { reason: { code: service.demand === 'needed' ? 'needed' : 'asked' } });
  return note(service, { reason: { code: 'dependency', service: by } });
}

/** The runtime says that the run exists. */
export function onStarted(service: Service, event: { readonly at: number; readonly pid: number | null }): Move {
  const spawned: Service = { ...service, spawned: 'yes', pid: event.pid, startedAt: event.at };
  const spec = service.runSpec ?? service.spec;
  const order = { service: spec.name, run: service.run };
  if (service.spawned === 'yes' || service.step === 'before-start' || service.step === 'after-stop')
    return stay(service);
  // Asked to stop before it existed: said again, now that there is something to stop.
  if (service.phase === 'stopping') return { next: spawned, effects: [stopNow(spawned)] };
  if (service.phase !== 'starting') return stay(service);
  const { readiness } = spec;
  switch (readiness.type) {
    case 'completion':
      return stay(spawned);
    case 'settle':
      if (readiness.settleMs === 0) return enterReady(spawned, { reason: { code: 'ready' }, at: event.at });
      return {
        next: spawned,
        effects: [{ ...order, type: 'set-timer', timer: 'settle', delayMs: readiness.settleMs }],
      };
    case 'probe':
      return { next: spawned, effects: [startGate(spawned, questionsOf(spec).starting ?? 'readiness')] };
    default:
      return readiness satisfies never;
  }
}

/** The run ended, or never came to be. */
export function onEnded(service: Service, event: Extract<Event, { type: 'exited' | 'start-failed' }>): Move {
  if (!isLive(service.phase)) return stay(service);
  const unbegun = event.type === 'start-failed' && event.fault.code === 'never-begun';
  // What was said to exist cannot have failed to start; that it was never begun is only said after a look.
  if (service.phase === 'unknown' && event.type === 'start-failed' && !unbegun && service.spawned === 'yes')
    return stay(service);
  if (service.phase === 'unknown') return settleEnd(asItWas(service), event);
  if (service.step === 'after-stop' || (service.step === 'before-start' && !unbegun)) return stay(service);
  if (event.type === 'start-failed' && service.spawned === 'yes') return stay(service);
  return settleEnd(service, event);
}

/** A hook ended. Of `after_ready` the machine takes no notice; of a hook whose step is over neither. */
export function onHookEnded(service: Service, event: Extract<Event, { type: 'hook-ended' }>): Move {
  if (service.phase === 'unknown') return stay(service);
  switch (event.hook) {
    case 'beforeStart':
      return service.step === 'before-start' ? onBeforeStartEnded(service, event) : stay(service);
    case 'beforeStop':
      return onBeforeStopEnded(service, event.at);
    case 'afterStop':
      return service.step === 'after-stop' ? settleAfterStop(service, event) : stay(service);
    case 'afterReady':
      return stay(service);
    default:
      return event.hook satisfies never;
  }
}

/** What it needs was lost while its `before_start` hook ran: no run has been ordered, and none is. */
export function onWithdrawn(service: Service, { at, draw }: { readonly at: number; readonly draw: number }): Move {
  const fault = { code: 'never-begun', message: 'what it needs was lost', program: null, hint: null } as const;
  return settleEnd(service, { service: service.spec.name, run: service.run, type: 'start-failed', fault, at, draw });
}

/** A probe answered. */
export function onProbe(service: Service, event: Extract<Event, { type: 'probe' }>): Move {
  const spec = service.runSpec ?? service.spec;
  const questions = questionsOf(spec);
  const probe = probeOf(spec, event.question);
  if (probe === null) return stay(service);
  if (service.phase === 'starting' && service.spawned === 'yes' && event.question === questions.starting) {
    const health = countAnswer(service, event, probe);
    const counted: Service = { ...service, health };
    const passed = event.answer === 'pass' && health.successes >= probe.successThreshold;
    return passed ? enterReady(counted, { reason: { code: 'ready' }, at: event.at }) : stay(counted);
  }
  return onRunningAnswer(service, event, probe);
}

/** A timer of the present run fired. */
export function onTimer(service: Service, { timer, at, draw }: Extract<Event, { type: 'timer' }>): Move {
  switch (timer) {
    case 'settle':
      return service.phase === 'starting' && service.spawned === 'yes'
        ? enterReady(service, { reason: { code: 'ready' }, at })
        : stay(service);
    case 'startup':
      return service.phase === 'starting' ? onStartLimit(service, at) : endReload(service);
    case 'drain':
      return onDrained(service, at);
    case 'kill': {
      if (service.phase !== 'stopping' || service.step !== 'after-stop') return onStopLimit(service, at);
      const settled = settleAfterStop(service, { at, draw });
      return { next: settled.next, effects: [killOrder(service), ...settled.effects] };
    }
    case 'backoff':
      if (service.phase !== 'backoff') return stay(service);
      return enterQuiet(service, 'waiting', { reason: { code: service.demand === 'needed' ? 'needed' : 'asked' }, at });
    case 'stable':
      return service.phase === 'ready' ? note(service, { restarts: 0, recentRestarts: [] }) : stay(service);
    default:
      return timer satisfies never;
  }
}

/** Recovery found the run again, or could not verify it. */
export function onRecovered(service: Service, event: Extract<Event, { type: 'recovered' }>): Move {
  return resumed(service, event, (starting) => onStarted(starting, event));
}

function onBeforeStartEnded(service: Service, event: Extract<Event, { type: 'hook-ended' }>): Move {
  const { at, draw } = event;
  const calledOff = desiredOf(service) === 'down' || service.due !== 'nothing';
  if (service.phase === 'stopping' || calledOff) return settleUnbegun(service, { at, draw });
  const spec = service.runSpec ?? service.spec;
  const order = { service: spec.name, run: service.run };
  if (event.result === 'ok')
    return { next: { ...service, step: 'none' }, effects: [{ ...order, type: 'start', spec }] };
  const fault = { code: 'hook-failed', message: event.message, program: null, hint: null } as const;
  return settleEnd(service, { ...order, type: 'start-failed', fault, at, draw });
}

function onStartLimit(service: Service, at: number): Move {
  const { startTimeoutMs: timeoutMs } = service.runSpec ?? service.spec;
  const hooked = service.step === 'before-start';
  const message = hooked ? 'its before_start hook has not ended' : service.health.message;
  return beginStop(service, { reason: { code: 'startup-timeout', timeoutMs, message }, at });
}

function isAsked(service: Service): boolean {
  return service.demand === 'asked' || service.demand === 'alone';
}

/** Whether it is going for a fault of its own, or went by itself; a task that is done and may stay so has none. */
function isAtFault(service: Service, completed: Wake['completed']): boolean {
  const spec = service.runSpec ?? service.spec;
  const done = spec.kind === 'task' && service.reason.code === 'exited' && isSuccess(spec, service.reason.ending);
  if (done && completed === 'keep' && spec.hash === service.spec.hash)
    return isForced(spec, service.ending ?? { exitCode: null, signal: null });
  return isOwnFault(service.reason);
}

function isDoneTask(service: Service): boolean {
  return service.spec.kind === 'task' && service.runSpec?.hash === service.spec.hash;
}

function downReason(service: Service): Reason {
  if (isResting(service.phase)) return service.reason;
  return { code: service.demand === 'released' ? 'unneeded' : 'asked' };
}
