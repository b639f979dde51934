/** A person's request as the core takes it. */
import type { Event } from '../model/event.ts';
import type { ChangeRequest } from '../model/request.ts';
import { meantBy, replicasByName } from '../model/replica.ts';
import type { ServiceName } from '../model/spec.ts';
import { numbersOf } from './order.ts';
import type { System } from './system.ts';
import { at } from './system.ts';

/** The part of a request that decides what is done. */
export type Order = Pick<ChangeRequest, 'action' | 'services' | 'dependencies' | 'dependents' | 'completed' | 'grace'>;

/** What the core is told: the request with its targets named and its words reduced to the core's three. */
export type WantOrder = Required<
  Pick<Extract<Event, { type: 'want' }>, 'action' | 'scope' | 'services' | 'completed' | 'grace'>
>;

/**
 * The request as the core takes it: targets filled in, `up` and `run` made starts, `down` a stop.
 * Shapes: no target twice. Dependents go along with a stop unless they are to be left, with a restart only if included;
 * whether to refuse instead is decided elsewhere. Errors: RSE4001.
 */
export function wantOf(system: System, order: Order): WantOrder {
  const services = targetsOf(system, order);
  const { completed, grace = 'rule' } = order;
  const rest = { services, completed, grace };
  switch (order.action) {
    case 'up':
    case 'start':
    case 'run':
      return { action: 'start', scope: order.dependencies === 'alone' ? 'alone' : 'closure', ...rest };
    case 'down':
    case 'stop':
      return { action: 'stop', scope: order.dependents === 'leave' ? 'alone' : 'closure', ...rest };
    case 'restart':
      return { action: 'restart', scope: order.dependents === 'include' ? 'closure' : 'alone', ...rest };
    default:
      return order.action satisfies never;
  }
}

/** The order with every name of several services replaced by theirs; names that are not there stay as they are. */
export function meantOrder<Asked extends { readonly services: readonly ServiceName[] }>(
  { graph }: System,
  order: Asked,
): Asked {
  if (order.services.every((name) => graph.indexOf.has(name))) return order;
  const members = replicasByName(graph.names);
  const meant = order.services.flatMap((name) => (graph.indexOf.has(name) ? [name] : meantBy(members, name)));
  return { ...order, services: meant };
}

function targetsOf(system: System, order: Order): readonly ServiceName[] {
  if (order.services.length > 0) {
    const numbers = new Set(numbersOf(system.graph, order.services));
    return Array.from(numbers, (index) => at(system, index).spec.name);
  }
  const stops = order.action === 'down' || order.action === 'stop' || order.action === 'restart';
  return system.services
    .map((service) => service.spec)
    .filter((spec) => stops || spec.autostart === 'yes')
    .map((spec) => spec.name);
}
