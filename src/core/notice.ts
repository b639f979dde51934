/**
 * What a service says of itself (sd_notify(3)).
 *
 * STATUS is kept. RELOADING makes a ready service `reloading` until it says that it is ready again, at most as long as a
 * start may take: its liveness and its watchdog are not looked at meanwhile. STOPPING means that it is about to end: a
 * clean end is then no failure, and nobody waits for signs of life. EXTEND_TIMEOUT_USEC moves the limit of a start, a
 * reload or a grace to at least that far from now. MAINPID names the process that the run is about.
 */
import type { Event } from '../model/event.ts';
import type { Service } from '../model/service.ts';
import { isLive } from '../model/service.ts';
import type { Move } from './move.ts';
import { note, stay } from './move.ts';

type Notice = Extract<Event, { type: 'notified' }>;

/** The longest text that is kept; characters. */
const LONGEST_TEXT = 512;
/** The limit of a reload where a start has none; ms. */
const RELOAD_LIMIT_MS = 60_000;

/** The service said something. What does not fit the phase changes nothing. */
export function onNotified(service: Service, event: Notice): Move {
  const { phase, step } = service;
  if (!isLive(phase) || step === 'before-start' || step === 'after-stop') return stay(service);
  switch (event.word) {
    case 'status':
      return note(service, { saying: event.text === null ? null : event.text.slice(0, LONGEST_TEXT) });
    case 'main':
      return event.pid === null || service.spawned === 'no' ? stay(service) : note(service, { pid: event.pid });
    case 'reloading':
      return phase === 'ready' && step === 'none' ? reload(service, event.at) : stay(service);
    case 'ready':
      return step === 'reloading' ? endReload(service) : stay(service);
    case 'stopping':
      return phase === 'ready' || (phase === 'starting' && service.spawned === 'yes')
        ? note(service, { step: 'ending', limitAt: phase === 'ready' ? null : service.limitAt })
        : stay(service);
    case 'extend':
      return event.ms === null ? stay(service) : extend(service, event.ms, event.at);
    default:
      return event.word satisfies never;
  }
}

/** The service has reloaded, or took too long for it: it is watched again. */
export function endReload(service: Service): Move {
  return service.step === 'reloading' ? note(service, { step: 'none', limitAt: null, misses: 0 }) : stay(service);
}

function reload(service: Service, at: number): Move {
  const { startTimeoutMs } = service.runSpec ?? service.spec;
  const delayMs = Number.isFinite(startTimeoutMs) ? startTimeoutMs : RELOAD_LIMIT_MS;
  const order = { service: service.spec.name, run: service.run, type: 'set-timer', timer: 'startup' } as const;
  return { next: { ...service, step: 'reloading', limitAt: at + delayMs }, effects: [{ ...order, delayMs }] };
}

function extend(service: Service, delayMs: number, at: number): Move {
  const { phase, step, limitAt } = service;
  const limited = phase === 'starting' || step === 'reloading' || (phase === 'stopping' && step === 'ending');
  if (!limited || limitAt === null || at + delayMs <= limitAt) return stay(service);
  const timer = phase === 'stopping' ? 'kill' : 'startup';
  const order = { service: service.spec.name, run: service.run, type: 'set-timer', timer } as const;
  return { next: { ...service, limitAt: at + delayMs }, effects: [{ ...order, delayMs }] };
}
