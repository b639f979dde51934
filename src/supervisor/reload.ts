/** A new definition against what runs: what it changes for each service, and what follows when it is applied. */
import { systemUnder } from '../core/step.ts';
import type { System } from '../core/system.ts';
import { find } from '../core/system.ts';
import type { Actor } from '../model/change.ts';
import { ConflictError } from '../model/errors.ts';
import { keptByRun } from '../model/live.ts';
import type { RecordBody } from '../model/record.ts';
import type { ChangeRequest } from '../model/request.ts';
import type { Service } from '../model/service.ts';
import { desiredOf, isLive } from '../model/service.ts';
import type { Definition, ServiceName, Spec } from '../model/spec.ts';
import { type Order, orderOf } from './order.ts';
import type { Applied, Difference } from './port.ts';

/** Reloads that are allowed in a window; more are a loop of somebody's, not a wish. Units: count, ms. */
const RELOADS = 20;
const WINDOW_MS = 10_000;

/** The differences between what runs and a definition. Shapes: in its order, what it leaves out last. */
export function differencesOf(system: System, definition: Definition): readonly Difference[] {
  const isUp = system.services.some(({ spec, demand }) => spec.autostart === 'yes' && isWanted(demand));
  const wanted = new Set(definition.services.map(({ name }) => name));
  const present = definition.services.map((after): Difference => {
    const service = system.leaving.has(after.name) ? undefined : find(system, after.name);
    if (service !== undefined) return differenceOf(service, after);
    const starts = isUp && after.autostart === 'yes' ? 'yes' : 'no';
    return { name: after.name, action: 'add', before: null, after, runs: 'no', starts };
  });
  const gone = system.services
    .filter(({ spec }) => !wanted.has(spec.name) && !system.leaving.has(spec.name))
    .map((service): Difference => {
      const { spec, runSpec, phase } = service;
      const runs = isLive(phase) ? 'yes' : 'no';
      return { name: spec.name, action: 'remove', before: runSpec ?? spec, after: null, runs, starts: 'no' };
    });
  return [...present, ...gone];
}

const isWanted = (demand: Service['demand']): boolean => demand !== 'none' && demand !== 'released';

function differenceOf(service: Service, after: Spec): Difference {
  const { spec, runSpec, phase } = service;
  const live = isLive(phase);
  const before = live ? (runSpec ?? spec) : spec;
  const shared = { name: after.name, before, after, runs: live ? 'yes' : 'no', starts: 'no' } as const;
  if (before.hash === after.hash) return { ...shared, action: 'none' };
  if (after.kind === 'external' || desiredOf(service) === 'down') return { ...shared, action: 'live' };
  // What gave up by the old definition, or is about to try it again, may do better by the new one.
  if (phase === 'failed' || phase === 'backoff') return { ...shared, action: 'restart' };
  // Equal by what can be seen, and yet not the same: its own definition is not known any more.
  const lost = before.hash !== spec.hash && keptByRun(before, spec).length === 0;
  return { ...shared, action: live && (lost || keptByRun(before, after).length > 0) ? 'restart' : 'live' };
}

/** The orders that follow a definition: restarts of what is outdated, starts of what is new. May be empty. */
export function followingOrders(differences: readonly Difference[], by: Actor): readonly ChangeRequest[] {
  const named = (holds: (difference: Difference) => boolean): readonly ServiceName[] =>
    differences.filter(holds).map(({ name }) => name);
  const rest = { dependencies: 'closure', dependents: 'leave', completed: 'keep', by } as const;
  const orders = [
    { action: 'restart', services: named(({ action }) => action === 'restart'), ...rest },
    { action: 'up', services: named(({ starts }) => starts === 'yes'), ...rest },
  ] as const;
  return orders.filter(({ services }) => services.length > 0);
}

/** Orders as they may be carried out under a definition that is not in force yet. Errors: those of `orderOf`; nothing is done. */
export function ordersUnder(
  { system, definition, now }: { readonly system: System; readonly definition: Definition; readonly now: number },
  orders: readonly ChangeRequest[],
): readonly { readonly order: ChangeRequest; readonly found: Order }[] {
  if (orders.length === 0) return [];
  const next = systemUnder(system, definition.services, now);
  return orders.map((order) => ({ order, found: orderOf(next, order, definition) }));
}

/** What a definition does to the set of services of an earlier one, by their hashes. */
export function appliedOf(before: Definition, after: Definition): Applied {
  const old = new Map(before.services.map((spec) => [spec.name, spec]));
  const names = (keep: (name: ServiceName, hash: string) => boolean): ServiceName[] =>
    after.services.filter((spec) => keep(spec.name, spec.hash)).map((spec) => spec.name);
  const present = new Set(after.services.map((spec) => spec.name));
  return {
    added: names((name) => !old.has(name)),
    changed: names((name, hash) => old.has(name) && old.get(name)?.hash !== hash),
    removed: before.services.filter((spec) => !present.has(spec.name)).map((spec) => spec.name),
    unchanged: names((name, hash) => old.get(name)?.hash === hash),
  };
}

/** What putting a definition in force came to: with the ids of the changes that follow it. */
export interface InForce {
  readonly applied: Applied;
  readonly ids: readonly string[];
}

/** The record of it. */
export function recordOf({ hash }: Definition, { added, changed, removed }: Applied): RecordBody {
  return { type: 'definition.applied', hash, added, changed, removed };
}

/** Keeps reloads from coming thick and fast: whoever loops over them is told so. Units: monotonic ms. */
export class ReloadGate {
  #taken: number[] = [];

  /** Errors: RSE4111 when there were too many. */
  take(now: number): void {
    this.#taken = this.#taken.filter((at) => at > now - WINDOW_MS);
    if (this.#taken.length >= RELOADS)
      throw new ConflictError('RSE4111', `cannot reload: it was done ${RELOADS} times in ${WINDOW_MS / 1000} s`, {
        hint: 'wait some seconds, and look for who reloads all the time: rouse events',
      });
    this.#taken.push(now);
  }
}
