/** The one planner behind every face: an engine, the last good definition and the adapters, as people use them. */
import { statusOf, viewOf } from '../core/describe.ts';
import { explain } from '../core/explain.ts';
import { findGraphFaults } from '../core/graph-faults.ts';
import { graphView } from '../core/graph-view.ts';
import { impactOf } from '../core/order.ts';
import { planChange } from '../core/plan.ts';
import { meantOrder } from '../core/request.ts';
import type { System } from '../core/system.ts';
import { at } from '../core/system.ts';
import { toTakeBack } from '../core/verdict.ts';
import { BY_POLICY } from '../engine/engine.ts';
import type { Engine } from '../engine/engine.ts';
import type { Actor, Change } from '../model/change.ts';
import type { Check, HealthReport } from '../model/check.ts';
import { DefinitionError, RouseError } from '../model/errors.ts';
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
import { untilDown } from './burial.ts';
import type { Trees } from '../runtime/tree.ts';
import { type LaunchingOf, sendSignal } from './entering.ts';
import { askHealth, lastHealth } from './health.ts';
import { orderOf, stopAll, summaryOf, unknownService } from './order.ts';
import { allChanges, changeOf } from './past-changes.ts';
import { lastPinner, refusePin } from './pinning.ts';
import { refuseContrary } from './refusal.ts';
import { refuseDisabled } from './switched-off.ts';
import type { Applied, Difference, Reloaded, SignalOrder, Subscription, Supervisor } from './port.ts';
import { ReloadGate, appliedOf, differencesOf, followingOrders } from './reload.ts';

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
  #intent: number;
  #lastChange: number;
  #state: 'open' | 'stopping' = 'open';

  constructor(parts: SupervisorParts) {
    this.logs = parts.logs;
    this.#engine = parts.engine;
    this.#store = parts.store;
    this.#close = parts.close;
    this.#launching = parts.launching;
    this.#heldBy = parts.heldBy;
    this.#definition = parts.definition;
    this.#lastChange = Number(parts.store.changes(1)[0]?.id ?? 0);
    // Requests are counted on from those of an earlier daemon: a later one supersedes them.
    this.#intent = parts.engine.system.services.reduce((last, { intent }) => Math.max(last, intent), 0);
  }

  definition(): Definition {
    return this.#definition;
  }

  define(definition: Definition, by: Actor): Applied {
    const issues = findGraphFaults(definition.services);
    if (issues.length > 0) throw new DefinitionError(issues);
    const applied = appliedOf(this.#definition, definition);
    const before = this.#definition;
    // What the change starts at once is started by the new settings.
    this.#definition = definition;
    try {
      this.#engine.request({ type: 'spec-changed', specs: definition.services }, by, null);
    } catch (error) {
      this.#definition = before;
      throw error;
    }
    const { added, changed, removed } = applied;
    this.#engine.note({ type: 'definition.applied', hash: definition.hash, added, changed, removed }, by);
    return applied;
  }

  differences(definition: Definition): readonly Difference[] {
    return differencesOf(this.#system, definition);
  }

  reload(definition: Definition, by: Actor, restart: 'outdated' | 'none'): Reloaded {
    this.#reloads.take(this.#engine.world.clock.monotonic());
    const differences = this.differences(definition);
    const applied = this.define(definition, by);
    const follows = restart === 'outdated' && definition.settings.orchestration === 'enabled';
    const orders = follows ? followingOrders(differences, by) : [];
    return { ...applied, changes: orders.map((order) => this.request(order)) };
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
    const { want, cases, services } = orderOf(this.#system, order, this.#definition);
    if (order.onConflict === 'refuse') refuseContrary(order, this.#engine.changes.contraryTo(cases));
    if (want.action === 'stop' && asked.services.length === 0) this.#unpin(order.by);
    this.#intent += 1;
    this.#lastChange += 1;
    const id = String(this.#lastChange);
    const summary = summaryOf(order.action, asked.services, cases.length);
    const createdAt = this.#engine.world.clock.now();
    const opening = { id, action: order.action, services, summary, by: order.by, createdAt, cases };
    // A full disk must keep nobody from stopping what runs.
    const ask = order.action === 'stop' ? 'insist' : 'request';
    this.#engine[ask]({ ...want, intent: this.#intent }, order.by, opening);
    return this.change(id);
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
    this.#intent += 1;
    const services = toTakeBack(this.#system, open);
    const rest = { scope: 'alone', completed: 'keep', intent: this.#intent } as const;
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
    const { clock, prober } = this.#engine.world;
    return explain(this.#system, this.#index(name), {
      monotonic: clock.monotonic(),
      now: clock.now(),
      lastLogs: (service, count) => this.logs.last(service, at(this.#system, this.#index(service)).run, count),
      checks: (service) => prober.checks(service),
      pinnedBy: (service) => lastPinner(this.#store, service),
    });
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
    this.#intent += 1;
    this.#engine.catchUp();
    const services = this.#system.services.map((service) => service.spec.name);
    this.#unpin(by);
    const { want, cases } = orderOf(this.#system, stopAll(by), this.#definition);
    this.#lastChange += 1;
    const id = String(this.#lastChange);
    const createdAt = this.#engine.world.clock.now();
    const opening = { id, action: 'down', services, summary: 'down everything', by, createdAt, cases } as const;
    this.#engine.insist({ ...want, intent: this.#intent }, by, opening);
    await untilDown(this.#engine, id);
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
    if (this.#state === 'stopping' && action !== 'down') {
      throw new RouseError('RSE3007', `cannot ${action}: the daemon is stopping`, {
        hint: 'try again when it is back: rouse up',
      });
    }
    refuseDisabled(this.#definition.settings, action, services);
  }

  /** Everything is to end: nothing is held up any more. */
  #unpin(by: Actor): void {
    const services = this.#system.services.filter(({ pin }) => pin === 'up').map((service) => service.spec.name);
    if (services.length > 0) this.#engine.insist({ type: 'pinned', services, pin: 'none' }, by, null);
  }
}
