/**
 * What follows the end of a run.
 *
 * Wanted down: stopped. Asked to stop but wanted up again, or due for a restart: waiting. A task that ended well:
 * completed. Everything else is for the restart policy (`core/restart.ts`): backoff, failed, or completed.
 */
import type { Event } from '../model/event.ts';
import type { Ending, Reason } from '../model/reason.ts';
import type { Service } from '../model/service.ts';
import { desiredOf } from '../model/service.ts';
import type { Move } from './move.ts';
import { enterBackoff, enterQuiet } from './move.ts';
import { decideRestart, isSuccess } from './restart.ts';

const NO_ENDING: Ending = { exitCode: null, signal: null };

/** The move after an end. Shapes: the service is live and the event is of its present run. */
export function settleEnd(service: Service, event: Extract<Event, { type: 'exited' | 'start-failed' }>): Move {
  const ending = event.type === 'exited' ? { exitCode: event.exitCode, signal: event.signal } : NO_ENDING;
  const ended: Service = { ...service, exitCode: ending.exitCode, exitSignal: ending.signal };
  const { at, draw } = event;
  if (desiredOf(service) === 'down') {
    return enterQuiet(ended, 'stopped', { reason: whyStopped(service), at });
  }
  const begun = event.type === 'exited' || event.fault.code !== 'never-begun';
  if (!begun || isReplaced(service)) {
    return enterQuiet({ ...ended, restarts: 0, failedStarts: 0, recentRestarts: [] }, 'waiting', {
      reason: waitReason(service),
      at,
    });
  }
  const spec = service.runSpec ?? service.spec;
  const early = service.phase === 'starting';
  const success = event.type === 'exited' && service.phase !== 'stopping' && isSuccess(spec, ending);
  if (success && spec.kind === 'task') return complete(ended, ending, at);
  const reason = whyEnded(service, event);
  if (service.phase === 'stopping' && spec.liveness?.onFailure === 'stop' && service.reason.code === 'unhealthy') {
    return enterQuiet(ended, 'failed', { reason, at });
  }
  const failedStarts = service.readyAt === null ? service.failedStarts + 1 : service.failedStarts;
  const counted: Service = { ...ended, failedStarts };
  const verdict = decideRestart(counted, {
    result: success && !early ? 'success' : 'failure',
    reason,
    ending,
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
  const done: Service = service.spec.kind === 'task' ? { ...service, lastStartMs, failedStarts: 0 } : service;
  return enterQuiet(done, 'completed', { reason: { code: 'completed', ending }, at });
}

/** Whether the end was asked for, so that the next run needs no policy. */
function isReplaced(service: Service): boolean {
  if (service.due === 'restart') return true;
  if (service.phase !== 'stopping') return false;
  return service.reason.code !== 'unhealthy' && service.reason.code !== 'startup-timeout';
}

function whyStopped(service: Service): Reason {
  if (service.phase === 'stopping' && service.reason.code === 'unneeded') return service.reason;
  return { code: service.demand === 'released' ? 'unneeded' : 'asked' };
}

function waitReason(service: Service): Reason {
  if (service.phase === 'stopping' && service.reason.code === 'dependency-lost') return service.reason;
  return { code: service.due === 'restart' ? 'restart' : service.demand === 'needed' ? 'needed' : 'asked' };
}

function whyEnded(service: Service, event: Extract<Event, { type: 'exited' | 'start-failed' }>): Reason {
  if (event.type === 'start-failed') return { code: 'start-failed', fault: event.fault };
  if (service.phase === 'stopping') return service.reason;
  const ending = { exitCode: event.exitCode, signal: event.signal };
  const spec = service.runSpec ?? service.spec;
  return { code: service.phase === 'starting' && spec.kind !== 'task' ? 'exited-early' : 'exited', ending };
}
