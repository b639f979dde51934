/** From what a person asks to what the core is told: targets, scope, the tasks, and every reason to refuse. */
import { isReached } from '../core/edge.ts';
import { closure } from '../core/graph.ts';
import { wantOf } from '../core/request.ts';
import type { System } from '../core/system.ts';
import { at } from '../core/system.ts';
import type { Case } from '../core/verdict.ts';
import { activeDependents, casesOf } from '../core/verdict.ts';
import { refusePinnedUp, refuseStart } from './refusal.ts';
import type { Actor } from '../model/change.ts';
import { ConflictError, NotFoundError } from '../model/errors.ts';
import type { Happening } from '../model/event.ts';
import { nearest } from '../model/nearest.ts';
import { replicasByName } from '../model/replica.ts';
import type { ChangeRequest } from '../model/request.ts';
import type { Definition, ServiceName } from '../model/spec.ts';

type Want = Extract<Happening, { type: 'want' }>;

/** An order that may be carried out. `services` are the targets; `intent` of the want is still to be given. */
export interface Order {
  readonly want: Want;
  readonly cases: readonly Case[];
  readonly services: readonly ServiceName[];
}

/** The order for a request. Errors: RSE4001, RSE4005, RSE4007, RSE4014, RSE4016, RSE4017, RSE4018; nothing is done. */
export function orderOf(system: System, request: ChangeRequest, definition: Definition): Order {
  for (const name of request.services) indexOf(system, name);
  const { services, action, scope, completed, grace } = wantOf(system, request);
  const targets = new Set(services.map((name) => indexOf(system, name)));
  if (action !== 'stop') refuseStart(system, { services: request.services, action, scope, targets: services });
  else if (request.services.length > 0) refusePinnedUp(system, { services: request.services, action, scope });
  if (action !== 'start') refuseExternal(system, request);
  if (action === 'stop' && request.dependents === 'refuse') refuseDependents(system, targets, request);
  if (action === 'start' && scope === 'closure' && isRefusing(request, definition))
    refuseDependencies(system, targets, definition);
  const want: Want = { type: 'want', services, action, scope, completed, grace, intent: 0 };
  return { want, cases: casesOf(system, want), services };
}

/** The error for a name that is not there, with the nearest one that is as hint. */
export function unknownService(name: ServiceName, system: System): NotFoundError {
  const replicas = replicasByName(system.graph.names).get(name);
  const close = nearest(name, system.graph.names);
  const hint =
    replicas !== undefined
      ? `there are several of it: ${replicas.join(', ')}`
      : close === null
        ? 'see the known ones: rouse ps'
        : `did you mean "${close}"?`;
  return new NotFoundError('RSE4001', `cannot find service "${name}": there is none of that name`, {
    service: name,
    hint,
  });
}

function isRefusing(request: ChangeRequest, definition: Definition): boolean {
  return request.dependencies === 'settings' && definition.settings.dependencyStart === 'refused';
}

function refuseExternal(system: System, request: ChangeRequest): void {
  for (const name of request.services) {
    if (at(system, indexOf(system, name)).spec.kind !== 'external' || request.action === 'down') continue;
    throw new ConflictError('RSE4014', `cannot ${request.action} "${name}": it is external, Rouse only watches it`, {
      service: name,
      services: [name],
      hint: `${request.action} it where it is run`,
    });
  }
}

function refuseDependents(system: System, targets: ReadonlySet<number>, request: ChangeRequest): void {
  const found = activeDependents(system, closure(system.graph, targets, 'dependents'), targets);
  if (found.length === 0) return;
  const services = found.map((index) => at(system, index).spec.name);
  const names = services.map((name) => `"${name}"`).join(', ');
  const target = request.services.join(' ');
  throw new ConflictError(
    'RSE4005',
    `cannot stop ${request.services.map((name) => `"${name}"`).join(', ')}: ${names} ${services.length === 1 ? 'depends' : 'depend'} on it`,
    {
      services,
      hint: `stop them too: rouse stop ${target} --deps`,
    },
  );
}

function refuseDependencies(system: System, targets: ReadonlySet<number>, definition: Definition): void {
  const marks = closure(system.graph, targets, 'needs');
  for (const target of targets) {
    for (const edge of at(system, target).spec.dependencies) {
      const index = indexOf(system, edge.name);
      if (edge.need !== 'required' || targets.has(index) || marks[index] !== 1) continue;
      if (isReached(edge.when, at(system, index))) continue;
      const name = at(system, target).spec.name;
      const { dependencyStartOrigin: origin } = definition.settings;
      const place = origin === null ? '' : ` (${origin.file}:${origin.line})`;
      throw new ConflictError(
        'RSE4007',
        `cannot start "${name}": it needs "${edge.name}" ${edge.when}, and auto_start_dependencies is false${place}`,
        {
          service: name,
          services: [edge.name],
          origin,
          hint: `start it first: rouse start ${edge.name}, or let it come along: rouse start ${name} --deps`,
        },
      );
    }
  }
}

function indexOf(system: System, name: ServiceName): number {
  const index = system.graph.indexOf.get(name);
  if (index === undefined) throw unknownService(name, system);
  return index;
}

/** What a change is called: `stop db (2 services)`. Units: `count` of the services that it is about. */
export function summaryOf(action: ChangeRequest['action'], services: readonly ServiceName[], count: number): string {
  const names = services.length === 0 ? 'everything' : services.join(', ');
  return `${action} ${names} (${count === 1 ? '1 service' : `${count} services`})`;
}

/** The order to stop everything. */
export function stopAll(by: Actor): ChangeRequest {
  return { action: 'down', services: [], dependencies: 'settings', dependents: 'include', completed: 'keep', by };
}
