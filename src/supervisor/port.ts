/** What the faces (library, API, command line without a daemon) hold: the one planner behind all of them. */
import type { Actor, Change } from '../model/change.ts';
import type { Check, HealthReport } from '../model/check.ts';
import type { Explanation } from '../model/explanation.ts';
import type { Plan } from '../model/plan.ts';
import type { Gap, ProjectRecord } from '../model/record.ts';
import type { ChangeRequest } from '../model/request.ts';
import type { Definition, ServiceName } from '../model/spec.ts';
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
  services(): readonly ServiceView[];
  /** The guide's word for each service, in the order of declaration; cheap, also for thousands asked every second. */
  statuses(): readonly { readonly name: ServiceName; readonly status: Status }[];
  service(name: ServiceName): ServiceView;
  /**
   * Carries an order out; the change goes on by itself.
   * Errors, each before anything is done: RSE4001 unknown target; RSE4005 live dependents (`services` names them);
   * RSE4006 orchestration disabled; RSE4007 dependency not running; RSE4014 an external service cannot be stopped;
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
  explain(name: ServiceName): Explanation;
  /** `ask` asks now where there is something to ask; `last` is the last answer. */
  health(name: ServiceName, mode: 'last' | 'ask'): Promise<HealthReport>;
  checks(name: ServiceName): readonly Check[];
  graph(): GraphView;
  /** Everything that would be affected if the service stopped, nearest first. */
  impact(name: ServiceName): readonly ServiceName[];
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
