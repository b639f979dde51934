/**
 * Pins: a person's word that goes over what everybody else wants (after dinit's).
 *
 * A pin lies over the demand and does not change it. Pinned up, a service is up and stays up, whoever lets it go; pinned
 * down, it is put to rest and woken by nobody: who requires it is stopped, and blocked until the pin is taken away. Then
 * the demand counts again, as it has become meanwhile.
 */
import type { Event } from '../model/event.ts';
import type { Service } from '../model/service.ts';
import { desiredOf } from '../model/service.ts';
import type { Draft } from './draft.ts';
import type { Move } from './move.ts';
import { enterQuiet, stay } from './move.ts';
import { at } from './system.ts';

/** Applies a pin. Shapes: unknown names are passed over; pinning twice changes nothing. */
export function applyPin(draft: Draft, event: Extract<Event, { type: 'pinned' }>): void {
  for (const name of event.services) {
    const index = draft.system.graph.indexOf.get(name);
    if (index === undefined) continue;
    draft.apply(index, onPin(at(draft.system, index), event.pin, event.at));
    draft.considerRivals();
  }
}

/** It is pinned, or let go: what rests is woken if it is wanted up by that, what is under way is put to rest if it is not. */
function onPin(service: Service, pin: Service['pin'], at: number): Move {
  if (service.pin === pin) return stay(service);
  const pinned: Service = { ...service, pin };
  if (desiredOf(pinned) === desiredOf(service)) return stay(pinned);
  return desiredOf(pinned) === 'up' ? rise(pinned, at) : fall(pinned, at);
}

function rise(service: Service, at: number): Move {
  switch (service.phase) {
    case 'stopped':
    case 'failed': {
      const fresh: Service = { ...service, restarts: 0, failedStarts: 0, recentRestarts: [] };
      return enterQuiet(fresh, 'waiting', { reason: { code: service.demand === 'needed' ? 'needed' : 'asked' }, at });
    }
    case 'waiting':
    case 'backoff':
    case 'starting':
    case 'ready':
    case 'stopping':
    case 'completed':
    case 'unknown':
      return stay(service);
    default:
      return service.phase satisfies never;
  }
}

function fall(service: Service, at: number): Move {
  switch (service.phase) {
    case 'waiting':
    case 'backoff':
      return enterQuiet(service, 'stopped', { reason: { code: 'asked' }, at });
    case 'starting':
    case 'ready':
    case 'stopping':
    case 'unknown':
      return stay({ ...service, due: 'nothing' });
    case 'stopped':
    case 'failed':
    case 'completed':
      return stay(service);
    default:
      return service.phase satisfies never;
  }
}
