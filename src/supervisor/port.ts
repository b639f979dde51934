/** What the faces (library, API, command line without a daemon) hold: the one planner behind all of them. */
import type { Actor, Change } from '../model/change.ts';
import type { Check, HealthReport } from '../model/check.ts';
import type { Explanation } from '../model/explanation.ts';
import type { Incident } from '../model/incident.ts';
import type { LaunchOrder, Launching } from '../model/launching.ts';
import type { Plan } from '../model/plan.ts';
import type { Gap, ProjectRecord, RecordBody } from '../model/record.ts';
import type { ChangeRequest } from '../model/request.ts';
import type { Definition, ServiceName, Spec } from '../model/spec.ts';
import type { GraphView, ServiceView, Status } from '../model/view.ts';
import type { RecordQuery } from '../ports/event-store.ts';
import type { LogStore } from '../ports/log-store.ts';

/** What a new definition did to the set of services. Names in declaration order. */
export interface Applied {
  readonly added: readonly ServiceName[];
  readonly changed: readonly ServiceName[];
  readonly removed: readonly ServiceName[];
  readonly unchanged: readonly ServiceName[];
}

/**
 * What a definition changes for one service. `live`: it holds at once, or there is no run to keep anything of the old;
 * `restart`: a run has to be started anew for it. `before` is what its run was started with, where there is one.
 */
export interface Difference {
  readonly name: ServiceName;
  readonly action: 'add' | 'remove' | 'live' | 'restart' | 'none';
  readonly before: Spec | null;
  readonly after: Spec | null;
  readonly runs: 'yes' | 'no';
  /** Whether it is started by the reload: a new one that starts by itself, in a project that is up. */
  readonly starts: 'yes' | 'no';
}

/** What a reload did. `changes`: the restarts, and the starts of what is new; empty when there was nothing to do. */
export interface Reloaded extends Applied {
  readonly changes: readonly Change[];
}

/** Which signal, to whom. */
export interface SignalOrder {
  readonly signal: string;
  readonly scope: 'main' | 'tree';
}

/** What to be told of. Empty lists = all. `capacity` = records kept for a slow reader, default 1000. */
export interface Subscription {
  readonly types: readonly string[];
  readonly services: readonly ServiceName[];
  readonly capacity: number;
}

/**
 * A running set of services.
 *
 * Methods that name a service throw NotFoundError (RSE4001, with the nearest name as hint) when it is not there.
 * Everything but `settled`, `health` and the iterables answers at once.
 */
export interface Supervisor extends AsyncDisposable {
  readonly logs: LogStore;
  /** The last good definition; its `hash` is the ETag. */
  definition(): Definition;
  /**
   * Makes the set as the definition says, as one transaction: new services are added (stopped), changed ones keep
   * their live run and take the new definition at the next start, removed ones are stopped first.
   * Errors: DefinitionError when the graph is not sound, RSE3007, RSE3008 (then nothing changed).
   */
  define(definition: Definition, by: Actor): Applied;
  /** What a definition would change for what runs. Errors: none. */
  differences(definition: Definition): readonly Difference[];
  /**
   * `define`, and with `outdated` what follows: what runs by an older definition is restarted, what is new and starts by
   * itself is started if the project is up. What was stopped by hand stays so. Errors: those of `define`; RSE4111.
   */
  reload(definition: Definition, by: Actor, restart: 'outdated' | 'none'): Reloaded;
  services(): readonly ServiceView[];
  /** The guide's word for each service, in the order of declaration; cheap, also for thousands asked every second. */
  statuses(): readonly { readonly name: ServiceName; readonly status: Status }[];
  service(name: ServiceName): ServiceView;
  /**
   * Carries an order out; the change goes on by itself.
   * Errors, each before anything is done: RSE4001 unknown target; RSE4005 live dependents (`services` names them);
   * RSE4006 orchestration disabled; RSE4007 dependency not running; RSE4009 another change wants the contrary, and
   * `onConflict` is `refuse`; RSE4014 an external service cannot be stopped; RSE4016 two that conflict; RSE4017 a pin
   * says the contrary; RSE4018 an earlier run could not be ended;
   * RSE3007 the supervisor is stopping; RSE3008 the store cannot be written.
   */
  request(order: ChangeRequest): Change;
  /** What `request` would do. Same errors but for RSE4006 and RSE3007. */
  plan(order: ChangeRequest): Plan;
  /** Errors: RSE4002. */
  change(id: string): Change;
  /** Newest first, at most 1000. */
  changes(): readonly Change[];
  /**
   * Resolves when the change has ended; rejects with the signal's reason.
   * Errors: RSE4002; RSE3007 when the supervisor is disposed before that.
   */
  settled(id: string, signal: AbortSignal): Promise<Change>;
  /**
   * Ends a running change: what it has started and is not ready yet is stopped, the rest stays. It is `aborting` until
   * that has stopped. A stop cannot be taken back: its change goes on. Errors: RSE4002, RSE3007, RSE3008.
   */
  abort(id: string): Change;
  /**
   * Pins services `up` or `down`, or lets them go again (`none`). Pinned up, a service is up and nothing stops it but the
   * end of everything; pinned down, nothing wakes it, and who requires it is blocked. Requests to the contrary that name
   * it are refused (RSE4017). Without the pin, what was asked for meanwhile holds. `down` of everything takes pins away.
   * Errors, each before anything is done: RSE4001, RSE4006, RSE3007, RSE3008; pinning down: RSE4005 live dependents,
   * RSE4014; pinning up: RSE4016 two of them conflict, RSE4017 another one that is pinned up conflicts with it.
   */
  pin(services: readonly ServiceName[], pin: 'up' | 'down' | 'none', by: Actor): readonly ServiceView[];
  /** Open incidents, oldest first. */
  incidents(): readonly Incident[];
  /**
   * Sends a signal to live runs: to the main process of each, or to all of its processes.
   * Errors, each before any is sent: RSE4001; RSE4019 one of them has no process of its own.
   */
  signal(services: readonly ServiceName[], order: SignalOrder, by: Actor): void;
  /**
   * How a command is run as the service would be; nothing is started by asking. Holds values of its environment.
   * Errors: RSE4001; RSE2101, RSE2108, RSE2109, RSE2113 it cannot be run; RSE4020 no command of its own, and none given.
   */
  launching(name: ServiceName, order: LaunchOrder): Launching;
  explain(name: ServiceName): Explanation;
  /** `ask` asks now where there is something to ask; `last` is the last answer. */
  health(name: ServiceName, mode: 'last' | 'ask'): Promise<HealthReport>;
  checks(name: ServiceName): readonly Check[];
  graph(): GraphView;
  /** Everything that would be affected if the service stopped, nearest first. */
  impact(name: ServiceName): readonly ServiceName[];
  /** Keeps and tells something that is no event of a service. Errors: RSE3007 after disposal. */
  note(body: RecordBody, by: Actor): void;
  /** Kept records, oldest first. */
  records(query: RecordQuery): readonly ProjectRecord[];
  /** New records as they are published; bounded; ends when the signal aborts or the supervisor is disposed. */
  subscribe(subscription: Subscription, signal: AbortSignal): AsyncIterable<ProjectRecord | Gap>;
  /**
   * Stops everything in order, then kills what does not stop in its grace; resolves when nothing runs. Orders to start
   * are refused from then on. Also while the store cannot be written.
   * Errors: StopTimeoutError for what outlives SIGKILL; RSE3007 when it is disposed meanwhile.
   */
  down(by: Actor): Promise<void>;
}
