/** Why an order is refused before anything is done: conflicts, pins, and runs that could not be ended. */
import { isUpwards } from '../core/conflict.ts';
import { closure, conflictsOf } from '../core/graph.ts';
import { numbersOf, quarrelAmong } from '../core/order.ts';
import { goingWith } from '../core/rival.ts';
import type { System } from '../core/system.ts';
import { at } from '../core/system.ts';
import { touchedBy } from '../core/want.ts';
import { ConflictError } from '../model/errors.ts';
import type { Happening } from '../model/event.ts';
import type { ChangeRequest } from '../model/request.ts';
import type { Service } from '../model/service.ts';
import type { ServiceName } from '../model/spec.ts';

/** What is asked for, as the core takes it. `services` were named by the person; empty = everything. */
export interface Asked extends Pick<Extract<Happening, { type: 'want' }>, 'action' | 'scope'> {
  readonly services: readonly ServiceName[];
}

/**
 * Refuses a start or restart that cannot come about. Errors: RSE4016 two of those it brings up conflict; RSE4017 a
 * named one is pinned down, or one that is pinned up would have to make way; RSE4018 a named one has an earlier run left.
 */
export function refuseStart(system: System, asked: Asked & { readonly targets: readonly ServiceName[] }): void {
  const { graph } = system;
  const { services, action, scope, targets } = asked;
  const targeted = numbersOf(graph, targets);
  for (const index of numbersOf(graph, services)) {
    refuseLeft(at(system, index), action);
    if (at(system, index).pin === 'down') throw pinned(at(system, index), `${action} "${nameOf(system, index)}"`);
  }
  if (graph.conflicts.length === 0) return;
  const marks = scope === 'alone' && action === 'start' ? marksOf(system, targeted) : closure(graph, targeted, 'needs');
  const quarrel = quarrelAmong(graph, marks);
  if (quarrel !== null) throw quarrelling(action, quarrel);
  marks.forEach((mark, index) => {
    if (mark === 1) refuseFirm(system, index, action);
  });
}

/** Refuses a stop that reaches a service which is pinned up. Errors: RSE4017. */
export function refusePinnedUp(system: System, { services, action, scope }: Asked): void {
  const named = new Set(services);
  for (const index of touchedBy(system, { action, scope, services })) {
    const service = at(system, index);
    if (service.pin !== 'up') continue;
    const what = `stop ${services.map((name) => `"${name}"`).join(', ')}`;
    throw pinned(service, named.has(service.spec.name) ? what : `${what} with all that needs it`);
  }
}

/** Refuses an order that would take the place of another change, where that is not wanted. Errors: RSE4009. */
export function refuseContrary(
  { action, services: asked }: Pick<ChangeRequest, 'action' | 'services'>,
  other: { readonly id: string; readonly services: readonly ServiceName[] } | null,
): void {
  if (other === null) return;
  const { id, services } = other;
  const what = asked.length === 0 ? 'everything' : asked.map((name) => `"${name}"`).join(', ');
  const names = services.map((name) => `"${name}"`).join(', ');
  throw new ConflictError('RSE4009', `cannot ${action} ${what}: change ${id} is at work on ${names}`, {
    services,
    hint: `see how far it is: rouse changes ${id}`,
  });
}

/** Errors: RSE4018. */
function refuseLeft({ spec, step, stuck }: Service, action: Asked['action']): void {
  if (step !== 'stuck' || stuck === null) return;
  const left = stuck.pids.length === 1 ? 'process' : 'processes';
  throw new ConflictError(
    'RSE4018',
    `cannot ${action} "${spec.name}": ${left} ${stuck.pids.join(', ')} of its last run cannot be ended (${stuck.text})`,
    {
      service: spec.name,
      services: [spec.name],
      hint: `it can be started as soon as they have gone: rouse status ${spec.name}`,
    },
  );
}

/** Errors: RSE4017. */
function refuseFirm(system: System, index: number, action: Asked['action']): void {
  for (const rival of conflictsOf(system.graph, index)) {
    if (!isUpwards(at(system, rival))) continue;
    const firm = goingWith(system, rival).find((each) => at(system, each).pin === 'up');
    if (firm !== undefined) throw pinned(at(system, firm), `${action} "${nameOf(system, index)}"`);
  }
}

function pinned({ spec, pin }: Service, what: string): ConflictError {
  return new ConflictError('RSE4017', `cannot ${what}: "${spec.name}" is pinned ${pin}`, {
    service: spec.name,
    services: [spec.name],
    hint: `take the pin away first: rouse unpin ${spec.name}`,
  });
}

function quarrelling(action: Asked['action'], [left, right]: readonly [ServiceName, ServiceName]): ConflictError {
  return new ConflictError('RSE4016', `cannot ${action} "${left}" and "${right}": they are never up together`, {
    services: [left, right],
    hint: 'name one of them; starting it stops the other',
  });
}

function marksOf(system: System, numbers: readonly number[]): Uint8Array {
  const marks = new Uint8Array(system.graph.size);
  for (const index of numbers) marks[index] = 1;
  return marks;
}

function nameOf(system: System, index: number): ServiceName {
  return at(system, index).spec.name;
}
