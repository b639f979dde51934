/**
 * What follows the end of a run.
 *
 * First its `after_stop` hook, if there is one, whoever ended the run; the end is kept meanwhile. Then: wanted down,
 * stopped. Asked to stop but wanted up again, or due for a restart: waiting. A task that ended well: completed.
 * Everything else is for the restart policy (`core/restart.ts`): backoff, failed, or completed.
 */
import type { Event } from '../model/event.ts';
import type { Ending, Reason } from '../model/reason.ts';
import type { Service } from '../model/service.ts';
import { desiredOf } from '../model/service.ts';
import type { Entry, Move } from './move.ts';
import { enterAfterStop, enterBackoff, enterQuiet } from './move.ts';
import { decideRestart, isForced, isSuccess } from './restart.ts';
import { runHook } from './stop.ts';

/** The report of an end. */
export type Ended = Extract<Event, { type: 'exited' | 'start-failed' }>;

interface Outcome extends Entry {
  readonly ending: Ending;
  readonly draw: number;
}

const NO_ENDING: Ending = { exitCode: null, signal: null };

/** The move after an end. Shapes: the service is live and the event is of its present run. */
export function settleEnd(service: Service, event: Ended): Move {
  const ending = event.type === 'exited' ? endingOf(event) : NO_ENDING;
  const ended: Service = { ...service, exitCode: ending.exitCode, exitSignal: ending.signal };
  const reason = whyEnded(service, event);
  const { at, draw } = event;
  if ((service.runSpec ?? service.spec).hooks.afterStop === null || !hasBegun(reason))
    return settle(ended, { reason, ending, at, draw });
  const { next, effects } = enterAfterStop(ended, { reason, at }, event.type === 'exited' ? ending : null);
  return { next, effects: [...effects, ...runHook(next, 'afterStop')] };
}

/** The move after the `after_stop` hook, whatever came of it. Shapes: the service is in that step. */
export function settleAfterStop(service: Service, { at, draw }: { readonly at: number; readonly draw: number }): Move {
  return settle(service, { reason: service.reason, ending: service.ending ?? NO_ENDING, at, draw });
}

/** The move when a start came to nothing before a run was ordered: by request, or because its limit was reached. */
export function settleUnbegun(service: Service, { at, draw }: { readonly at: number; readonly draw: number }): Move {
  const unrun: Service = { ...service, exitCode: null, exitSignal: null };
  return settle(unrun, { reason: service.reason, ending: NO_ENDING, at, draw });
}

function settle(service: Service, outcome: Outcome): Move {
  const { reason, ending, at, draw } = outcome;
  if (desiredOf(service) === 'down') return enterQuiet(service, 'stopped', { reason: whyStopped(service), at });
  // Nothing was tried, so nothing is counted: neither against it nor in its favour.
  if (isUnbegun(reason)) return enterQuiet(service, 'waiting', { reason: waitReason(service), at });
  if (isReplaced(service)) {
    return enterQuiet({ ...service, restarts: 0, failedStarts: 0, recentRestarts: [] }, 'waiting', {
      reason: waitReason(service),
      at,
    });
  }
  const spec = service.runSpec ?? service.spec;
  const byItself = reason.code === 'exited' || reason.code === 'exited-early';
  const success = byItself && isSuccess(spec, ending);
  if (success && spec.kind === 'task' && !isForced(spec, ending)) return complete(service, ending, at);
  if (reason.code === 'unhealthy' && spec.liveness?.onFailure === 'stop')
    return enterQuiet(service, 'failed', { reason, at });
  const failedStarts = service.readyAt === null ? service.failedStarts + 1 : service.failedStarts;
  const counted: Service = { ...service, failedStarts };
  const verdict = decideRestart(counted, {
    result: success && reason.code === 'exited' ? 'success' : 'failure',
    reason,
    // How it ended says nothing of a run that was ended for a fault: the answer to a signal is not its own.
    ending: byItself ? ending : NO_ENDING,
    at,
    draw,
  });
  switch (verdict.type) {
    case 'complete':
      return complete(counted, ending, at);
    case 'fail':
      return enterQuiet(counted, 'failed', { reason: verdict.reason, at });
    case 'retry':
      return enterBackoff(
        { ...counted, restarts: service.restarts + 1, recentRestarts: verdict.recent },
        { reason, at },
        verdict.delayMs,
      );
    default:
      return verdict satisfies never;
  }
}

function complete(service: Service, ending: Ending, at: number): Move {
  const lastStartMs = service.startedAt === null ? service.lastStartMs : at - service.startedAt;
  const proven = (service.runSpec ?? service.spec).hash;
  const done: Service = service.spec.kind === 'task' ? { ...service, lastStartMs, failedStarts: 0, proven } : service;
  return enterQuiet(done, 'completed', { reason: { code: 'completed', ending }, at });
}

/** Whether the end was asked for, so that the next run needs no policy. */
function isReplaced(service: Service): boolean {
  if (service.due !== 'nothing') return true;
  return service.phase === 'stopping' && !isOwnFault(service.reason);
}

/** Whether a stop has its cause in the run itself: it failed, or it ended although nobody asked. */
export function isOwnFault({ code }: Reason): boolean {
  const faults: readonly Reason['code'][] = ['unhealthy', 'startup-timeout', 'watchdog', 'start-failed'];
  return faults.includes(code) || code === 'exited' || code === 'exited-early';
}

/** Why a stop was begun, where that is still why it is down when it has ended. */
const GIVEN: readonly Reason['code'][] = ['unneeded', 'conflict'];

function whyStopped(service: Service): Reason {
  if (service.phase === 'stopping' && GIVEN.includes(service.reason.code)) return service.reason;
  return { code: service.demand === 'released' ? 'unneeded' : 'asked' };
}

function waitReason(service: Service): Reason {
  if (service.phase === 'stopping' && service.reason.code === 'dependency-lost') return service.reason;
  return { code: service.due === 'restart' ? 'restart' : service.demand === 'needed' ? 'needed' : 'asked' };
}

function whyEnded(service: Service, event: Ended): Reason {
  if (event.type === 'start-failed') return { code: 'start-failed', fault: event.fault };
  if (service.phase === 'stopping') return service.reason;
  const ending = endingOf(event);
  const spec = service.runSpec ?? service.spec;
  const said = service.step === 'ending' && isSuccess(spec, ending);
  const early = service.phase === 'starting' && spec.kind !== 'task' && !said;
  return { code: early ? 'exited-early' : 'exited', ending };
}

function endingOf({ exitCode, signal, cause }: Extract<Ended, { type: 'exited' }>): Ending {
  return cause === undefined ? { exitCode, signal } : { exitCode, signal, cause };
}

function isUnbegun(reason: Reason): boolean {
  return reason.code === 'start-failed' && reason.fault.code === 'never-begun';
}

/** Whether a run was ordered, so that its hook has something to come after. */
function hasBegun(reason: Reason): boolean {
  if (reason.code !== 'start-failed') return true;
  return reason.fault.code !== 'never-begun' && reason.fault.code !== 'hook-failed';
}
