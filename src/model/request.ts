/** What a person may ask of the supervisor, through any face. */
import type { Action, Actor } from './change.ts';
import type { ServiceName } from './spec.ts';

/** An order to change what runs. */
export interface ChangeRequest {
  readonly action: Action;
  /** Targets; empty = every service that starts by itself (`up`), or everything (`down`, `stop`, `restart`). */
  readonly services: readonly ServiceName[];
  /**
   * For starts: `closure` wakes what the targets need; `alone` leaves dependencies out and does not wait for them;
   * `settings` follows `auto_start_dependencies` (refused with RSE4007 when that is false and one is not ready).
   */
  readonly dependencies: 'closure' | 'alone' | 'settings';
  /** For stops: live dependents are a reason to refuse (RSE4005, their names), are stopped too, or are left alone. */
  readonly dependents: 'refuse' | 'include' | 'leave';
  /** Whether a completed task runs again. `up` and `start` keep it, `restart` and `run` do not. */
  readonly completed: 'keep' | 'again';
  /**
   * For stops and restarts: `rule` (the default) asks a run to end as its definition says; `none` kills at once, also
   * what is being asked already.
   */
  readonly grace?: 'rule' | 'none';
  /**
   * When another change that has not ended wants the contrary for one of the services: `replace` (the default) takes its
   * place, its task there is canceled; `refuse` does nothing (RSE4009 with its id).
   */
  readonly onConflict?: 'replace' | 'refuse';
  readonly by: Actor;
}
