/** What happened: facts, past tense. Every event carries `at` (monotonic ms) and `draw` (0..1): the core has no other time or chance. */
import type { Ending, StartFault } from './reason.ts';
import type { ServiceName, Spec } from './spec.ts';

/** The timers a service may have. `kill` ends the grace, `stable` forgives restarts. */
export type Timer = 'settle' | 'startup' | 'kill' | 'backoff' | 'stable';

/** Which question was answered. A service with one check for both is asked once, as `health`. */
export type Question = 'readiness' | 'liveness' | 'health';

/** When an event happened (monotonic ms) and the chance it brings (0..1, 1 excluded). */
export interface Stamp {
  readonly at: number;
  readonly draw: number;
}

interface Report {
  readonly service: ServiceName;
  /** Dropped by the core unless it is the current run. */
  readonly run: number;
}

/** An event before the engine has stamped it. */
export type Happening =
  | {
      readonly type: 'want';
      /** Known names, in any order, no duplicates. */
      readonly services: readonly ServiceName[];
      readonly action: 'start' | 'stop' | 'restart';
      /**
       * start: `closure` wakes what the targets need, `alone` does not look at dependencies at all.
       * stop, restart: `closure` takes the dependents along, `alone` touches the targets only.
       */
      readonly scope: 'closure' | 'alone';
      /** Whether a task that is completed runs again although its definition is unchanged. */
      readonly completed: 'keep' | 'again';
      /** Grows with every request; a service remembers the last. */
      readonly intent: number;
    }
  | ({ readonly type: 'started'; readonly pid: number | null } & Report)
  | ({ readonly type: 'start-failed'; readonly fault: StartFault } & Report)
  | ({ readonly type: 'exited' } & Ending & Report)
  | ({
      readonly type: 'probe';
      readonly question: Question;
      readonly answer: 'pass' | 'fail';
      readonly message: string;
    } & Report)
  | ({ readonly type: 'timer'; readonly timer: Timer } & Report)
  /** The whole set as it is to be: added, changed and removed services follow from comparing. */
  | { readonly type: 'spec-changed'; readonly specs: readonly Spec[] }
  /** What recovery learnt of a run that an earlier daemon left. */
  | ({ readonly type: 'recovered'; readonly found: 'alive' | 'unverified'; readonly pid: number | null } & Report);

/** Everything that can happen to the system. */
export type Event = Happening & Stamp;
