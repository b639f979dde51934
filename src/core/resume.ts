/**
 * What recovery learns of a run is answered from where the run stood when the daemon ended.
 *
 * A run in doubt is `unknown`; its reason bears the phase and the reason that it had. Found alive, it goes on there: one
 * that was ready stays ready, with its verdict, its counters and its ages; one that was starting is asked again; a stop
 * that was under way is finished. Ended meanwhile, its end is judged as it would have been then, once.
 */
import type { Effect } from '../model/effect.ts';
import type { Event } from '../model/event.ts';
import type { Reason } from '../model/reason.ts';
import type { Service } from '../model/service.ts';
import { desiredOf } from '../model/service.ts';
import { keptUnder, questionsOf } from './health.ts';
import type { Move } from './move.ts';
import { enterReady, stay } from './move.ts';
import { beginStop } from './stop.ts';

/** The service as it was when its daemon ended; itself unless it is in doubt. */
export function asItWas(service: Service): Service {
  const { reason } = service;
  if (service.phase !== 'unknown' || reason.code !== 'unverified') return service;
  return { ...service, phase: reason.was, reason: reason.because ?? usualReason(service, reason.was) };
}

/**
 * Recovery found the run again, or could not verify it: then it stays in doubt.
 * Shapes: `begin` is what a run that was starting goes through once more.
 */
export function onRecovered(
  service: Service,
  event: Extract<Event, { type: 'recovered' }>,
  begin: (starting: Service) => Move,
): Move {
  if (service.phase !== 'unknown' || service.reason.code !== 'unverified') return stay(service);
  if (event.found === 'unverified') return stay(service);
  const { at } = event;
  const found: Service = {
    ...asItWas(service),
    pid: event.pid,
    spawned: 'yes',
    startedAt: service.startedAt ?? at,
  };
  const { was } = service.reason;
  switch (was) {
    case 'stopping':
      return stopOn(found, at);
    case 'ready':
      return readyOn(found, at);
    case 'starting':
      return startOn({ ...found, spawned: 'no' }, at, begin);
    default:
      return was satisfies never;
  }
}

/** Finishes the stop that was under way, for the reason that it had. */
function stopOn(service: Service, at: number): Move {
  const due = desiredOf(service) === 'up' && service.reason.code === 'restart' ? 'restart' : service.due;
  return beginStop({ ...service, due }, { reason: service.reason, at });
}

/** Nothing happened to it but that its daemon changed: what it was is kept, and its check is asked within an interval. */
function readyOn(service: Service, at: number): Move {
  const { next, effects } = enterReady(service, { reason: service.reason, at });
  const { reason, since, readyAt, failedStarts, health, lastStartMs } = service;
  const forMs = at - (readyAt ?? at);
  const kept = effects.flatMap((effect): Effect[] => {
    // It has been ready before: what follows that moment was done then.
    if (effect.type === 'run-hook') return [];
    if (effect.type === 'start-probe') return [{ ...effect, first: 'spread' }];
    if (effect.type !== 'set-timer' || effect.timer !== 'stable') return [effect];
    return [{ ...effect, delayMs: Math.max(0, effect.delayMs - forMs) }];
  });
  const same = { reason, since, failedStarts, lastStartMs, readyAt: readyAt ?? at };
  const asked = questionsOf(service.runSpec ?? service.spec).running;
  const verdict = health.message === null ? next.health : keptUnder(health, asked);
  return { next: { ...next, ...same, health: verdict }, effects: kept };
}

/** What it answered before counts no more, and it has all of its time again: nobody asked it meanwhile. */
function startOn(service: Service, at: number, begin: (starting: Service) => Move): Move {
  const { startedAt } = service;
  const begun = begin({ ...service, since: at });
  const next: Service = begun.next.phase === 'starting' ? { ...begun.next, startedAt, step: 'none' } : begun.next;
  const { startTimeoutMs, name } = service.runSpec ?? service.spec;
  if (!Number.isFinite(startTimeoutMs) || next.phase !== 'starting') return { ...begun, next };
  const order = { service: name, run: service.run };
  const timer: Effect = { ...order, type: 'set-timer', timer: 'startup', delayMs: startTimeoutMs };
  return { next: { ...next, limitAt: at + startTimeoutMs }, effects: [...begun.effects, timer] };
}

function usualReason(service: Service, was: 'starting' | 'ready' | 'stopping'): Reason {
  if (was === 'ready') return { code: 'ready' };
  if (was === 'starting') return { code: service.demand === 'needed' ? 'needed' : 'asked' };
  if (desiredOf(service) === 'up') return { code: 'restart' };
  return { code: service.demand === 'released' ? 'unneeded' : 'asked' };
}
