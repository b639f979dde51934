/** What happened: facts, past tense. Every event carries `at` (monotonic ms) and `draw` (0..1): the core has no other time or chance. */
import type { Ending, StartFault } from './reason.ts';
import type { HookName, ServiceName, Spec } from './spec.ts';

/** The timers a service may have. `drain` ends the time before a stop, `kill` the grace; `stable` forgives restarts. */
export type Timer = 'settle' | 'startup' | 'drain' | 'kill' | 'backoff' | 'stable';

/** Which question was answered. A service with one check for both is asked once, as `health`. */
export type Question = 'readiness' | 'liveness' | 'health' | 'watchdog';

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
      /** `none`: what is to end is killed as soon as nobody holds it. Left out = by its rule. */
      readonly grace?: 'rule' | 'none';
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
  /** A hook ended; `message` is its evidence in words. */
  | ({
      readonly type: 'hook-ended';
      readonly hook: HookName;
      readonly result: 'ok' | 'failed';
      readonly message: string;
    } & Report)
  /** The service said something of itself (sd_notify). Units: `ms` from now on; null where the word has none. */
  | ({
      readonly type: 'notified';
      readonly word: 'status' | 'reloading' | 'ready' | 'stopping' | 'extend' | 'main';
      readonly text: string | null;
      readonly ms: number | null;
      readonly pid: number | null;
    } & Report)
  /** Killed, and still there: which processes, and in what state they are, in words. */
  | ({ readonly type: 'lingering'; readonly pids: readonly number[]; readonly text: string } & Report)
  /** A person pins services to where they are wanted now, or lets them go again. */
  | { readonly type: 'pinned'; readonly services: readonly ServiceName[]; readonly pin: 'up' | 'down' | 'none' }
  /** The whole set as it is to be: added, changed and removed services follow from comparing. */
  | { readonly type: 'spec-changed'; readonly specs: readonly Spec[] }
  /** What recovery learnt of a run that an earlier daemon left. */
  | ({ readonly type: 'recovered'; readonly found: 'alive' | 'unverified'; readonly pid: number | null } & Report);

/** Everything that can happen to the system. */
export type Event = Happening & Stamp;
