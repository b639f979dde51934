/**
 * The one loop: take events, step, record, publish, perform.
 *
 * Requests are taken at once; reports of the world wait for the end of the loop's turn, so that what happened together
 * is one batch: one transaction of the store, then the readers are told, then the orders are carried out. What is not
 * recorded is not done: while the store cannot be written, no new run is started, and what runs stays supervised.
 */
import { hookFailure, recordsOf } from './records.ts';
import type { Opening } from './changes.ts';
import { ChangeBook, stopped } from './changes.ts';
import type { World } from './perform.ts';
import { Performer, unbegun } from './perform.ts';
import { IncidentBook } from './incidents.ts';
import { Journal } from './journal.ts';
import type { Recovery } from './recover.ts';
import { asTheyStood } from './resumed.ts';
import { Subscribers } from './subscribers.ts';
import type { Transition } from '../core/draft.ts';
import type { Limits } from '../core/schedule.ts';
import { step } from '../core/step.ts';
import type { System } from '../core/system.ts';
import { find } from '../core/system.ts';
import type { Actor, Change } from '../model/change.ts';
import type { Effect } from '../model/effect.ts';
import { RouseError } from '../model/errors.ts';
import type { Event, Happening } from '../model/event.ts';
import type { RecordBody } from '../model/record.ts';
import type { Service } from '../model/service.ts';
import type { ServiceName } from '../model/spec.ts';
import type { Clock } from '../ports/clock.ts';
import type { EventStore } from '../ports/event-store.ts';
import type { Prober, Tell } from '../ports/prober.ts';
import type { Random } from '../ports/random.ts';
import type { Report, Runtime } from '../ports/runtime.ts';

/** Events that may wait for the end of the turn; more are a bug of a runtime and are refused loudly. */
const QUEUE_LIMIT = 1_000_000;

/** What is read again to know which incidents are open. */
const INCIDENTS = { sinceSeq: 0, types: ['incident.opened', 'incident.closed'], services: [], limit: 1000 };

/** Moves of tasks that are looked through for those of open changes. */
const PROGRESS_READ = 100_000;

/** What an engine is made of. `connect` is called once and gives it its world; `say` hears that the store fails. */
export interface EngineParts {
  readonly clock: Clock;
  readonly random: Random;
  readonly store: EventStore;
  readonly limits: Limits;
  readonly say?: (line: string) => void;
  /** Sees every event before it is stepped, for coverage and replay. */
  readonly trace?: (system: System, event: Event) => void;
  readonly connect: (report: Report, tell: Tell) => { readonly runtime: Runtime; readonly prober: Prober };
}

/** One part of a request: what is asked, and the change that it opens. */
export interface Ask {
  readonly happening: Happening;
  readonly opening: Opening | null;
}

/** A request on its way: its events, what is told of it, who asked, and the changes that it opens. */
interface Asked {
  readonly events: readonly Event[];
  readonly bodies: readonly RecordBody[];
  readonly by: Actor;
  readonly openings: readonly Opening[];
}

/** Rouse itself, as the actor of what nobody asked for. */
export const BY_POLICY: Actor = { via: 'policy', name: 'rouse' };

/** The engine of one project. */
export class Engine implements Disposable {
  readonly subscribers = new Subscribers();
  readonly changes: ChangeBook;
  readonly incidents: IncidentBook;
  readonly world: World;
  readonly #parts: EngineParts;
  readonly #performer: Performer;
  readonly #journal: Journal;
  #system: System;
  #queue: Event[] = [];
  /** Requests that were made while the loop was at work, by a service that is a function of this program. */
  readonly #asked: Asked[] = [];
  #turn: Disposable | null = null;
  #draining: 'no' | 'yes' = 'no';
  #state: 'running' | 'ended' = 'running';
  /** Services whose tasks were taken over from an earlier daemon and are to be judged by the next batch. */
  readonly #resumed = new Set<ServiceName>();

  constructor(parts: EngineParts, system: System) {
    this.#parts = parts;
    this.#system = system;
    this.#journal = new Journal({
      ...parts,
      told: (records) => this.subscribers.publish(records),
      mended: () => this.#goOn(),
    });
    this.changes = new ChangeBook(() => this.#system);
    this.incidents = new IncidentBook(parts.clock);
    this.incidents.restore(parts.store.records(INCIDENTS), system);
    const world = parts.connect(
      (report) => this.report(report),
      ({ service, run, question, answer, message }) =>
        this.report({ type: 'probe', service, run, question, answer, message }),
    );
    this.world = { clock: parts.clock, ...world };
    this.#performer = new Performer(this.world, (happening) => this.report(happening));
  }

  /** All services, read-only. */
  get system(): System {
    return this.#system;
  }

  /** Reports that were taken and are not worked off yet; 0 between turns. */
  get waiting(): number {
    return this.#queue.length;
  }

  /** Whether it takes nothing any more. */
  get isEnded(): boolean {
    return this.#state === 'ended';
  }

  /** Why records cannot be written, or null. */
  get storeFault(): RouseError | null {
    return this.#journal.fault;
  }

  /** The timers that are set, by service. */
  timers(): ReturnType<Performer['timers']> {
    return this.#performer.timers();
  }

  /** Takes a report of the world; it is worked off at the end of this turn. After disposal nothing is taken. */
  report(happening: Happening): void {
    if (this.#state === 'ended') return;
    if (this.#queue.length >= QUEUE_LIMIT)
      throw new RouseError('RSE9001', 'cannot take a report: too many are waiting');
    this.#queue.push(this.#stamp(happening));
    if (this.#draining === 'yes') return;
    this.#turn ??= this.#parts.clock.after(0, () => this.#drain());
  }

  /** Works off the reports that wait, so that whoever decides by the state sees what has happened. */
  catchUp(): void {
    if (this.#queue.length > 0) this.#drain();
  }

  /**
   * Takes a request at once, with the change that it opens.
   * Errors: RSE3007 after disposal; RSE3008 while the store cannot be written, but for a stop.
   */
  request(happening: Happening, by: Actor, opening: Opening | null): void {
    this.requestAll([{ happening, opening }], by, []);
  }

  /** Several requests as one: all are taken in one batch and kept by one write. `bodies` are told first. Errors: as `request`. */
  requestAll(asks: readonly Ask[], by: Actor, bodies: readonly RecordBody[]): void {
    // A full disk must keep nobody from stopping what runs.
    const isStop = asks.every(({ happening }) => happening.type === 'want' && happening.action === 'stop');
    if (this.storeFault !== null && !isStop) throw this.storeFault;
    this.#take(asks, by, bodies);
  }

  /** As `request`, also while the store cannot be written: a full disk must not keep services from being stopped. */
  insist(happening: Happening, by: Actor, opening: Opening | null): void {
    this.#take([{ happening, opening }], by, []);
  }

  /**
   * Goes on with the changes that an earlier daemon left open, by the same ids: whoever waits for one may wait again.
   * To be called once, before the first request. Shapes: ended changes are passed over.
   */
  resume(open: readonly Change[]): void {
    this.#refuseEnded();
    if (open.every((change) => change.endedAt !== null)) return;
    const query = { sinceSeq: 0, types: ['change.progress'], services: [], limit: PROGRESS_READ };
    const { watch, restart } = this.changes.restore(asTheyStood(open, this.#parts.store.records(query)));
    for (const service of watch) this.#resumed.add(service);
    this.report({ type: 'want', services: restart, action: 'restart', scope: 'alone', completed: 'keep', intent: 0 });
  }

  /** Writes down, performs and takes in what recovery came to by itself. To be called once, before the runs are adopted. */
  recover({ bodies, services, effects, reports }: Recovery): void {
    this.#refuseEnded();
    this.#journal.write(bodies, { services, changes: [] }, BY_POLICY);
    this.#perform(effects);
    for (const report of reports) this.report(report);
  }

  /** Keeps and tells something that is no event of a service. Errors: RSE3007 after disposal. */
  note(body: RecordBody, by: Actor): void {
    this.#refuseEnded();
    this.#journal.write([body], { services: [], changes: [] }, by);
  }

  /** Ends timers, readers, the turn and every wait for a change; what runs is not touched. */
  [Symbol.dispose](): void {
    this.#state = 'ended';
    this.#turn?.[Symbol.dispose]();
    this.#journal[Symbol.dispose]();
    this.#performer[Symbol.dispose]();
    this.subscribers[Symbol.dispose]();
    this.changes[Symbol.dispose]();
  }

  #refuseEnded(): void {
    if (this.#state === 'ended') throw stopped('take a request');
  }

  #stamp(happening: Happening): Event {
    return { ...happening, at: this.#parts.clock.monotonic(), draw: this.#parts.random.draw() };
  }

  #take(asks: readonly Ask[], by: Actor, first: readonly RecordBody[]): void {
    this.#refuseEnded();
    const openings = asks.flatMap(({ opening }) => opening ?? []);
    const bodies = [...first, ...openings.flatMap((opening) => this.changes.open(opening))];
    this.#asked.push({ events: asks.map(({ happening }) => this.#stamp(happening)), bodies, by, openings });
    this.#drain();
  }

  #drain(): void {
    this.#turn?.[Symbol.dispose]();
    this.#turn = null;
    if (this.#draining === 'yes') return;
    this.#draining = 'yes';
    try {
      while (this.#queue.length > 0 || this.#asked.length > 0) this.#batch(this.#asked.shift() ?? null);
    } finally {
      this.#draining = 'no';
    }
  }

  /** One batch: the reports that wait, then the request, if there is one. */
  #batch(asked: Asked | null): void {
    const { by, openings } = asked ?? { by: BY_POLICY, openings: [] };
    const events = asked === null ? this.#queue : [...this.#queue, ...asked.events];
    this.#queue = [];
    const bodies: RecordBody[] = [...(asked?.bodies ?? [])];
    const effects: Effect[] = [];
    const touched = new Map<ServiceName, Service>();
    const removed: ServiceName[] = [];
    const transitions: Transition[] = [];
    // While nothing can be recorded, nothing new begins; what is due meanwhile is counted all the same.
    const limits = this.storeFault === null ? this.#parts.limits : { ...this.#parts.limits, startsAtOnce: 0 };
    for (const event of events) {
      this.#parts.trace?.(this.#system, event);
      const failure = hookFailure(this.#system, event);
      if (failure !== null) bodies.push(failure);
      const result = step(this.#system, event, limits);
      this.#system = result.system;
      effects.push(...result.effects);
      removed.push(...result.removed);
      transitions.push(...result.transitions);
      for (const transition of result.transitions) {
        bodies.push(...recordsOf(transition));
        touched.set(transition.after.spec.name, transition.after);
      }
    }
    bodies.push(...this.incidents.observe(this.#system, transitions, removed));
    const cases = openings.flatMap((opening) => opening.cases.map((each) => each.service));
    // A pin may hold somebody far away from what moves.
    const held = this.#system.pinnedUp > 0 ? this.changes.openServices() : [];
    const watched = new Set([...touched.keys(), ...cases, ...removed, ...this.#resumed, ...held]);
    this.#resumed.clear();
    const observed = this.changes.observe(watched, this.#parts.clock.now());
    bodies.push(...observed.bodies);
    const ended = new Set(observed.ended.map((change) => change.id));
    const begun = openings.filter(({ id }) => !ended.has(id)).map(({ id }) => this.changes.get(id));
    const changes: readonly Change[] = [...observed.ended, ...begun];
    // Who left the system is kept as it was last: an earlier state would be taken for the truth by the next daemon.
    const services = Array.from(touched, ([name, last]) => find(this.#system, name) ?? last);
    this.#journal.write(bodies, { services, changes }, by);
    this.#perform(effects);
  }

  /** Nothing happened to any service, but whoever queues for a start may go now. */
  #goOn(): void {
    this.report({ type: 'want', services: [], action: 'start', scope: 'alone', completed: 'keep', intent: 0 });
  }

  /**
   * What is not recorded is not started: the run is reported as never begun, so that its service waits again.
   * Everything else is done, so that what runs stays supervised.
   */
  #perform(effects: readonly Effect[]): void {
    for (const effect of effects) {
      const refused = this.storeFault === null ? null : unbegun(effect);
      if (refused === null) this.#performer.perform(effect);
      else this.report(refused);
    }
  }
}
