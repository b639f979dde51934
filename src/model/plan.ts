/** What an operation would do, computed and never stored. */
import type { ServiceName } from './spec.ts';

/** One service's part in a plan. `why` is a sentence. */
export interface PlanStep {
  readonly service: ServiceName;
  readonly action: 'start' | 'stop' | 'restart' | 'none';
  readonly why: string;
}

/** Targets made into an ordered set of steps. */
export interface Plan {
  readonly targets: readonly ServiceName[];
  /**
   * Startup order (stop order for stops): each service once, dependencies first, ties by declaration. What has to make
   * way for a start comes before it.
   */
  readonly order: readonly ServiceName[];
  /** Services that may go side by side, wave after wave; together they hold the names of `order`. */
  readonly waves: readonly (readonly ServiceName[])[];
  readonly steps: readonly PlanStep[];
  /** The longest chain of dependencies, first to start first. */
  readonly criticalPath: readonly ServiceName[];
}
