/** A start that is held by what other services are: what it conflicts with, what it requires. */
import type { Service } from '../model/service.ts';
import type { ServiceName } from '../model/spec.ts';
import type { Move } from './move.ts';
import { enterQuiet, note, stay } from './move.ts';

/** A service that conflicts with it is pinned up (`by`), so that it cannot start. */
export function onStandOff(service: Service, by: ServiceName): Move {
  if (service.phase !== 'waiting') return stay(service);
  if (service.reason.code === 'conflict' && service.reason.service === by) return stay(service);
  return note(service, { reason: { code: 'conflict', service: by } });
}

/** Its next try waits for a required dependency that is down (`lost`), and not for the delay. */
export function onHeldBack(service: Service, lost: ServiceName, at: number): Move {
  if (service.phase !== 'backoff') return stay(service);
  return enterQuiet(service, 'waiting', { reason: { code: 'dependency-lost', service: lost }, at });
}
