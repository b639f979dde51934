/** The one planner behind every face: an engine, the last good definition and the adapters, as people use them. */
import { statusOf, viewOf } from '../core/describe.ts';
import { explain } from '../core/explain.ts';
import { findGraphFaults } from '../core/graph-faults.ts';
import { graphView } from '../core/graph-view.ts';
import { impactOf } from '../core/order.ts';
import { planChange } from '../core/plan.ts';
import { meantOrder } from '../core/request.ts';
import { type System, at } from '../core/system.ts';
import { toTakeBack } from '../core/verdict.ts';
import { stopped } from '../engine/changes.ts';
import { BY_POLICY, type Engine } from '../engine/engine.ts';
import type { Actor, Change } from '../model/change.ts';
import type { Check, HealthReport } from '../model/check.ts';
import { DefinitionError } from '../model/errors.ts';
import type { Explanation } from '../model/explanation.ts';
import type { Incident } from '../model/incident.ts';
import type { LaunchOrder, Launching } from '../model/launching.ts';
import type { Plan } from '../model/plan.ts';
import type { Gap, ProjectRecord, RecordBody } from '../model/record.ts';
import type { ChangeRequest } from '../model/request.ts';
import type { Definition, ServiceName } from '../model/spec.ts';
import type { GraphView, ServiceView, Status } from '../model/view.ts';
import type { EventStore, RecordQuery } from '../ports/event-store.ts';
import type { LogStore } from '../ports/log-store.ts';
import { Asking } from './asking.ts';
import { untilDown } from './burial.ts';
import type { Trees } from '../runtime/tree.ts';
import { type LaunchingOf, sendSignal } from './entering.ts';
import { askHealth, lastHealth } from './health.ts';
import { orderOf, stopAll, summaryOf, unknownService } from './order.ts';
import { allChanges, changeOf } from './past-changes.ts';
import { evidenceOf } from './evidence.ts';
import { refusePin } from './pinning.ts';
import { refuseContrary } from './refusal.ts';
import { refuseDisabled } from './switched-off.ts';
import type { Applied, Difference, Reloaded, SignalOrder, Subscription, Supervisor } from './port.ts';
import {
  type InForce,
  ReloadGate,
  appliedOf,
  differencesOf,
  followingOrders,
  ordersUnder,
  recordOf,
} from './reload.ts';

/** What a supervisor is made of. `close` gives back what the adapters hold. */
export interface SupervisorParts {
  readonly engine: Engine;
  readonly definition: Definition;
  readonly store: EventStore;
  readonly logs: LogStore;
  readonly close: () => Promise<void>;
  readonly launching: LaunchingOf;
  readonly heldBy: Trees['heldBy'];
}

/** A running set of services. */
export class EngineSupervisor implements Supervisor {
  readonly logs: LogStore;
  readonly #engine: Engine;
  readonly #store: EventStore;
  readonly #close: () => Promise<void>;
  readonly #launching: LaunchingOf;
  readonly #heldBy: Trees['heldBy'];
  #definition: Definition;
  readonly #reloads = new ReloadGate();
  readonly #asking: Asking;
  #state: 'open' | 'stopping' = 'open';

  constructor(parts: SupervisorParts) {
    this.logs = parts.logs;
    this.#engine = parts.engine;
    this.#store = parts.store;
    this.#close = parts.close;
    this.#launching = parts.launching;
    this.#heldBy = parts.heldBy;
    this.#definition = parts.definition;
    this.#asking = new Asking(parts.engine.system, parts.store, () => parts.engine.world.clock.now());
  }

  definition(): Definition {
    return this.#definition;
  }

  define(definition: Definition, by: Actor): Applied {
    return this.#apply(definition, by, []).applied;
  }

  differences(definition: Definition): readonly Difference[] {
    return differencesOf(this.#system, definition);
  }

  reload(definition: Definition, by: Actor, restart: 'outdated' | 'none'): Reloaded {
    this.#reloads.take(this.#engine.world.clock.monotonic());
    this.#engine.catchUp();
    const follows = restart === 'outdated' && definition.settings.orchestration === 'enabled';
    const orders = follows ? followingOrders(this.differences(definition), by) : [];
    const { applied, ids } = this.#apply(definition, by, orders);
    return { ...applied, changes: ids.map((id) => this.change(id)) };
  }

  services(): readonly ServiceView[] {
    return this.#system.services.map((_, index) => this.#view(index));
  }

  statuses(): readonly { readonly name: ServiceName; readonly status: Status }[] {
    return this.#system.services.map((service) => ({ name: service.spec.name, status: statusOf(service) }));
  }

  service(name: ServiceName): ServiceView {
    return this.#view(this.#index(name));
  }

  request(asked: ChangeRequest): Change {
    const order = meantOrder(this.#system, asked);
    this.#mayChange(order.action, order.services);
    this.#engine.catchUp();
    const found = orderOf(this.#system, order, this.#definition);
    if (order.onConflict === 'refuse') refuseContrary(order, this.#engine.changes.contraryTo(found.cases));
    if (found.want.action === 'stop' && asked.services.length === 0) this.#unpin(order.by);
    const ask = this.#asking.ask(order, found, summaryOf(order.action, asked.services, found.cases.length));
    this.#engine.requestAll([ask], order.by, []);
    return this.change(ask.opening.id);
  }

  plan(asked: ChangeRequest): Plan {
    const order = meantOrder(this.#system, asked);
    orderOf(this.#system, order, this.#definition);
    return planChange(this.#system, order);
  }

  change(id: string): Change {
    return changeOf(this.#engine.changes, this.#store, id);
  }

  changes(): readonly Change[] {
    return allChanges(this.#engine.changes, this.#store);
  }

  async settled(id: string, signal: AbortSignal): Promise<Change> {
    // Of a change that is only in the store nothing is left to wait for.
    if (!this.#engine.changes.has(id)) return this.change(id);
    return this.#engine.changes.settled(id, signal);
  }

  abort(id: string): Change {
    const { changes, storeFault } = this.#engine;
    const open = changes.has(id) ? changes.openCases(id) : [];
    if (open.every((each) => each.kind === 'stop')) return this.change(id);
    if (storeFault !== null) throw storeFault;
    changes.markAborting(id);
    const services = toTakeBack(this.#system, open);
    const rest = { scope: 'alone', completed: 'keep', intent: this.#asking.intent() } as const;
    this.#engine.request({ type: 'want', services, action: 'stop', ...rest }, BY_POLICY, null);
    return this.change(id);
  }

  pin(named: readonly ServiceName[], pin: 'up' | 'down' | 'none', by: Actor): readonly ServiceView[] {
    const { services } = meantOrder(this.#system, { services: named });
    for (const name of services) this.#index(name);
    this.#mayChange('pin', services);
    this.#engine.catchUp();
    refusePin(this.#system, services, pin);
    this.#engine.request({ type: 'pinned', services, pin }, by, null);
    return services.map((name) => this.service(name));
  }

  incidents(): readonly Incident[] {
    return this.#engine.incidents.list();
  }

  signal(services: readonly ServiceName[], order: SignalOrder, by: Actor): void {
    for (const name of services) this.#index(name);
    sendSignal(this.#engine, services, order, by);
  }

  launching(name: ServiceName, order: LaunchOrder): Launching {
    return this.#launching(at(this.#system, this.#index(name)), order);
  }

  explain(name: ServiceName): Explanation {
    return explain(this.#system, this.#index(name), evidenceOf(this.#engine, this.#store, this.logs));
  }

  async health(name: ServiceName, mode: 'last' | 'ask'): Promise<HealthReport> {
    const service = at(this.#system, this.#index(name));
    const { prober, clock } = this.#engine.world;
    return mode === 'ask' ? askHealth(service, prober, clock) : lastHealth(service, prober.checks(name));
  }

  checks(name: ServiceName): readonly Check[] {
    this.#index(name);
    return this.#engine.world.prober.checks(name);
  }

  graph(): GraphView {
    return graphView(this.#system);
  }

  impact(name: ServiceName): readonly ServiceName[] {
    return impactOf(this.#system.graph, this.#index(name));
  }

  note(body: RecordBody, by: Actor): void {
    this.#engine.note(body, by);
  }

  records(query: RecordQuery): readonly ProjectRecord[] {
    return this.#store.records(query);
  }

  subscribe(subscription: Subscription, signal: AbortSignal): AsyncIterable<ProjectRecord | Gap> {
    return this.#engine.subscribers.subscribe(subscription, signal);
  }

  async down(by: Actor): Promise<void> {
    this.#state = 'stopping';
    this.#engine.catchUp();
    const services = this.#system.services.map((service) => service.spec.name);
    this.#unpin(by);
    const order = stopAll(by);
    const { opening, happening } = this.#asking.ask(
      order,
      { ...orderOf(this.#system, order, this.#definition), services },
      'down everything',
    );
    this.#engine.insist(happening, by, opening);
    await untilDown(this.#engine, opening.id);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#state = 'stopping';
    // So that the next daemon knows that this one was not killed.
    if (!this.#engine.isEnded) this.#engine.note({ type: 'system.stopping' }, BY_POLICY);
    this.#engine[Symbol.dispose]();
    await this.#close();
  }

  get #system(): System {
    return this.#engine.system;
  }

  /** The definition and the orders that follow it, as one: either all of it is so, or nothing has changed. */
  #apply(definition: Definition, by: Actor, orders: readonly ChangeRequest[]): InForce {
    const issues = findGraphFaults(definition.services);
    if (issues.length > 0) throw new DefinitionError(issues);
    for (const { action } of orders) this.#refuseStopping(action);
    const applied = appliedOf(this.#definition, definition);
    const before = this.#definition;
    const next = { system: this.#system, definition, now: this.#engine.world.clock.monotonic() };
    const asks = ordersUnder(next, orders).map(({ order, found }) =>
      this.#asking.ask(order, found, summaryOf(order.action, order.services, found.cases.length)),
    );
    // What the change starts at once is started by the new settings.
    this.#definition = definition;
    const define = { happening: { type: 'spec-changed', specs: definition.services }, opening: null } as const;
    try {
      this.#engine.requestAll([define, ...asks], by, [recordOf(definition, applied)]);
    } catch (error) {
      this.#definition = before;
      throw error;
    }
    return { applied, ids: asks.map(({ opening }) => opening.id) };
  }

  #view(index: number): ServiceView {
    const { clock, prober } = this.#engine.world;
    const monotonic = clock.monotonic();
    const offset = clock.now() - monotonic;
    const service = at(this.#system, index);
    const health = lastHealth(service, prober.checks(service.spec.name));
    const held = this.#heldBy(service.spec.name, service.run);
    return viewOf(this.#system, index, { epochOf: (ms) => Math.round(ms + offset), monotonic, health, held });
  }

  #index(name: ServiceName): number {
    const index = this.#system.graph.indexOf.get(name);
    if (index !== undefined) return index;
    throw unknownService(name, this.#system);
  }

  /** Errors: RSE3007, RSE4006. */
  #mayChange(action: string, services: readonly ServiceName[]): void {
    this.#refuseStopping(action);
    refuseDisabled(this.#definition.settings, action, services);
  }

  /** Errors: RSE3007. */
  #refuseStopping(action: string): void {
    if (this.#state === 'stopping' && action !== 'down') throw stopped(action);
  }

  /** Everything is to end: nothing is held up any more. */
  #unpin(by: Actor): void {
    const services = this.#system.services.filter(({ pin }) => pin === 'up').map((service) => service.spec.name);
    if (services.length > 0) this.#engine.insist({ type: 'pinned', services, pin: 'none' }, by, null);
  }
}
