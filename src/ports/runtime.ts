/** How services run, as the core's effects need it. */
import type { Happening } from '../model/event.ts';
import type { HookName, ServiceName, Spec } from '../model/spec.ts';

/** A report of a runtime: what happened to a run; the engine adds when. */
export type RuntimeReport = Extract<
  Happening,
  { type: 'started' | 'start-failed' | 'exited' | 'recovered' | 'hook-ended' | 'notified' | 'lingering' }
>;

/** Where a runtime says what happened. Never throws; may be called at any time, also after the run ended. */
export type Report = (report: RuntimeReport) => void;

/**
 * A way to run services.
 *
 * Every method returns at once and reports later, exactly by `report`: `started` or `start-failed` after `start`, and
 * exactly one `exited` for each run that reported `started`, once nothing of the run is left. No method throws for a
 * fault of the world. Calling one twice for the same run does no harm; a call for an unknown run is ignored.
 */
export interface Runtime {
  /** Begins run number `run`. The tree of an earlier run of the same service is gone by then (the core sees to it). */
  start(spec: Spec, run: number): void;
  /** Asks the run to end by the rule of `spec.stop`: stop command or signal. Does not wait and does not kill. */
  stop(spec: Spec, run: number): void;
  /**
   * Runs one of the spec's hooks for the run, which need not have begun or may have ended; reports `hook-ended` exactly
   * once, at the hook's timeout at the latest. `kill` ends it too.
   */
  hook(spec: Spec, run: number, hook: HookName): void;
  /** Sends a signal to the run's main process, or to every process of it, e.g. `SIGHUP`. */
  signal(service: ServiceName, run: number, name: string, scope: 'main' | 'tree'): void;
  /**
   * SIGKILL to everything that belongs to the run. For a run that has ended, its `exited` is reported again; what is
   * still there after a while is reported as `lingering`, and `exited` follows when it has gone after all.
   */
  kill(service: ServiceName, run: number): void;
  /**
   * Takes over a run that an earlier daemon left. Reports `recovered` (`alive`, or `unverified` when it cannot tell),
   * `exited` when it is gone, or `start-failed` with `never-begun` when it was ordered and never carried out.
   */
  adopt(spec: Spec, run: number): void;
  /** The run is over for the core: whatever is kept of it may go (but never its output). */
  release(service: ServiceName, run: number): void;
}
