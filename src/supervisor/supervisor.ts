/** The one planner behind every face: an engine, the last good definition and the adapters, as people use them. */
import { statusOf, viewOf } from '../core/describe.ts';
import { explain } from '../core/explain.ts';
import { findGraphFaults } from '../core/graph-faults.ts';
import { graphView } from '../core/graph-view.ts';
import { impactOf } from '../core/order.ts';
import { planChange } from '../core/plan.ts';
import type { System } from '../core/system.ts';
import { at } from '../core/system.ts';
import { toTakeBack } from '../core/verdict.ts';
import { BY_POLICY } from '../engine/engine.ts';
import type { Engine } from '../engine/engine.ts';
import type { Actor, Change } from '../model/change.ts';
import type { Check, HealthReport } from '../model/check.ts';
import { DefinitionError, RouseError, StopTimeoutError } from '../model/errors.ts';
import type { Explanation } from '../model/explanation.ts';
import type { Plan } from '../model/plan.ts';
import type { Gap, ProjectRecord } from '../model/record.ts';
import type { ChangeRequest } from '../model/request.ts';
import { isResting } from '../model/service.ts';
import type { Definition, ServiceName } from '../model/spec.ts';
import type { GraphView, ServiceView, Status } from '../model/view.ts';
import type { EventStore, RecordQuery } from '../ports/event-store.ts';
import type { LogStore } from '../ports/log-store.ts';
import { askHealth, lastHealth } from './health.ts';
import { orderOf, unknownService } from './order.ts';
import type { Applied, Subscription, Supervisor } from './port.ts';

/** Beyond the grace of every service in a row, what the operating system may take to bury a tree; ms. */
const BURIAL_MS = 15_000;

/** What a supervisor is made of. `close` gives back what the adapters hold. */
export interface SupervisorParts {
  readonly engine: Engine;
  readonly definition: Definition;
  readonly store: EventStore;
  readonly logs: LogStore;
  readonly close: () => Promise<void>;
}

/** A running set of services. */
export class EngineSupervisor implements Supervisor {
  readonly logs: LogStore;
  readonly #engine: Engine;
  readonly #store: EventStore;
  readonly #close: () => Promise<void>;
  #definition: Definition;
  #intent = 0;
  #lastChange: number;
  #state: 'open' | 'stopping' = 'open';

  constructor(parts: SupervisorParts) {
    this.logs = parts.logs;
    this.#engine = parts.engine;
    this.#store = parts.store;
    this.#close = parts.close;
    this.#definition = parts.definition;
    this.#lastChange = Number(parts.store.changes(1)[0]?.id ?? 0);
  }

  definition(): Definition {
    return this.#definition;
  }

  define(definition: Definition, by: Actor): Applied {
    const issues = findGraphFaults(definition.services);
    if (issues.length > 0) throw new DefinitionError(issues);
    const applied = compare(this.#definition, definition);
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

  services(): readonly ServiceView[] {
    return this.#system.services.map((_, index) => this.#view(index));
  }

  statuses(): readonly { readonly name: ServiceName; readonly status: Status }[] {
    return this.#system.services.map((service) => ({ name: service.spec.name, status: statusOf(service) }));
  }

  service(name: ServiceName): ServiceView {
    return this.#view(this.#index(name));
  }

  request(order: ChangeRequest): Change {
    if (this.#state === 'stopping' && order.action !== 'down') {
      throw new RouseError('RSE3007', `cannot ${order.action}: the daemon is stopping`, {
        hint: 'try again when it is back: rouse up',
      });
    }
    if (this.#definition.settings.orchestration === 'disabled') throw this.#disabled(order);
    this.#engine.catchUp();
    const { want, cases, services } = orderOf(this.#system, order, this.#definition);
    this.#intent += 1;
    this.#lastChange += 1;
    const id = String(this.#lastChange);
    const count = cases.length === 1 ? '1 service' : `${cases.length} services`;
    const names = order.services.length === 0 ? 'everything' : order.services.join(', ');
    const summary = `${order.action} ${names} (${count})`;
    const createdAt = this.#engine.world.clock.now();
    const opening = { id, action: order.action, services, summary, by: order.by, createdAt, cases };
    this.#engine.request({ ...want, intent: this.#intent }, order.by, opening);
    return this.change(id);
  }

  plan(order: ChangeRequest): Plan {
    orderOf(this.#system, order, this.#definition);
    return planChange(this.#system, order);
  }

  change(id: string): Change {
    try {
      return this.#engine.changes.get(id);
    } catch (error) {
      const stored = this.#store.changes(1000).find((change) => change.id === id);
      if (stored === undefined) throw error;
      return stored;
    }
  }

  changes(): readonly Change[] {
    const known = new Map(this.#store.changes(1000).map((change) => [change.id, change]));
    for (const change of this.#engine.changes.list()) known.set(change.id, change);
    return [...known.values()].toSorted((left, right) => Number(right.id) - Number(left.id)).slice(0, 1000);
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

  explain(name: ServiceName): Explanation {
    const { clock, prober } = this.#engine.world;
    return explain(this.#system, this.#index(name), {
      monotonic: clock.monotonic(),
      lastLogs: (service, count) => this.logs.last(service, this.#run(service), count),
      checks: (service) => prober.checks(service),
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
    const { want, cases } = orderOf(this.#system, stopAll(by), this.#definition);
    this.#lastChange += 1;
    const id = String(this.#lastChange);
    const createdAt = this.#engine.world.clock.now();
    const opening = { id, action: 'down', services, summary: 'down everything', by, createdAt, cases } as const;
    this.#engine.insist({ ...want, intent: this.#intent }, by, opening);
    await this.#awaitDown(id);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#state = 'stopping';
    this.#engine[Symbol.dispose]();
    await this.#close();
  }

  async #awaitDown(id: string): Promise<void> {
    const expiry = new AbortController();
    const graceMs = this.#system.services.reduce(
      (sum, { phase, runSpec, spec }) => sum + (isResting(phase) ? 0 : (runSpec ?? spec).stop.timeoutMs),
      0,
    );
    using _timer = this.#engine.world.clock.after(graceMs + BURIAL_MS, () => expiry.abort());
    try {
      await this.#engine.changes.settled(id, expiry.signal);
    } catch (error) {
      if (!expiry.signal.aborted) throw error;
      const left = this.#system.services.filter((service) => !isResting(service.phase));
      const names = left.map((service) => service.spec.name);
      throw new StopTimeoutError(
        `cannot stop ${names.map((name) => `"${name}"`).join(', ')}: still running after SIGKILL`,
        {
          services: names,
          pids: left.flatMap((service) => service.pid ?? []),
          cause: error,
        },
      );
    }
  }

  get #system(): System {
    return this.#engine.system;
  }

  #run(name: ServiceName): number {
    return at(this.#system, this.#index(name)).run;
  }

  #view(index: number): ServiceView {
    const { clock, prober } = this.#engine.world;
    const monotonic = clock.monotonic();
    const offset = clock.now() - monotonic;
    const service = at(this.#system, index);
    const health = lastHealth(service, prober.checks(service.spec.name));
    return viewOf(this.#system, index, { epochOf: (ms) => Math.round(ms + offset), monotonic, health });
  }

  #index(name: ServiceName): number {
    const index = this.#system.graph.indexOf.get(name);
    if (index !== undefined) return index;
    throw unknownService(name, this.#system);
  }

  #disabled(order: ChangeRequest): RouseError {
    const { orchestrationOrigin: origin } = this.#definition.settings;
    const place = origin === null ? 'the definition' : `${origin.file}:${origin.line}`;
    return new RouseError('RSE4006', `cannot ${wordsOf(order)}: orchestration is switched off in ${place}`, {
      origin,
      hint: 'set manager_enabled = true under [orchestrator.services]',
    });
  }
}

/** What an order would do, for `cannot …`. */
function wordsOf({ action, services }: ChangeRequest): string {
  if (action === 'up' || action === 'down') return `bring services ${action}`;
  return `${action} ${services.length === 0 ? 'everything' : services.map((name) => `"${name}"`).join(', ')}`;
}

function stopAll(by: Actor): ChangeRequest {
  return { action: 'down', services: [], dependencies: 'settings', dependents: 'include', completed: 'keep', by };
}

function compare(before: Definition, after: Definition): Applied {
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
