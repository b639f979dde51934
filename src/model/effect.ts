/** What to do: orders as data. `engine/perform.ts` turns each into one call of a port. Performing one twice does no harm. */
import type { Question, Timer } from './event.ts';
import type { HookName, ServiceName, Spec } from './spec.ts';

/** An order of the core to the world. Every one names the run that it belongs to. */
export type Effect = { readonly service: ServiceName; readonly run: number } & (
  | { readonly type: 'start'; readonly spec: Spec }
  /** By the rule of the running spec: stop command or signal. */
  | { readonly type: 'stop'; readonly spec: Spec }
  /** SIGKILL to the whole tree. */
  | { readonly type: 'kill' }
  /** Answered by `hook-ended`. */
  | { readonly type: 'run-hook'; readonly hook: HookName; readonly spec: Spec }
  | { readonly type: 'set-timer'; readonly timer: Timer; readonly delayMs: number }
  | { readonly type: 'clear-timers' }
  /**
   * `cadence` says which interval applies; sent again when it changes. The first answer is wanted at once; `spread` =
   * at a moment within one interval that chance decides, so that a daemon that takes over many does not ask all at once.
   */
  | {
      readonly type: 'start-probe';
      readonly question: Question;
      readonly cadence: 'starting' | 'running';
      readonly spec: Spec;
      readonly first?: 'spread';
    }
  | { readonly type: 'stop-probes' }
  /** The run is over for good: the runtime may forget it. */
  | { readonly type: 'release' }
);
