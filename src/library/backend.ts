/** What a running stack is asked for, whether its supervisor is in this program or in a daemon. */
import type { ApiChange, ChangeOrder } from '../contract/api-change.ts';
import type { ApiCheck } from '../contract/api-check.ts';
import type { ApiEvent } from '../contract/api-event.ts';
import type { ApiExplanation } from '../contract/api-explain.ts';
import type { ApiLogLine } from '../contract/api-log.ts';
import type { ApiService } from '../contract/api-service.ts';
import type { ErrorCode } from '../model/errors.ts';
import type { Clock } from '../ports/clock.ts';

/** Something that happened, or a gap: records that a slow reader missed (0: nobody knows how many). */
export type StackEvent = ApiEvent | { readonly type: 'gap'; readonly dropped: number };

/** Which events. A type may end in `.*`; empty lists = all. `capacity`: records kept for a slow reader, default 1000. */
export interface EventChoice {
  readonly types: readonly string[];
  readonly services: readonly string[];
  readonly capacity: number;
}

/** Which lines. `services` empty = all; `tail` = the last so many, null = all that is kept. */
export interface LogChoice {
  readonly services: readonly string[];
  readonly tail: number | null;
  readonly mode: 'once' | 'follow';
}

/** An order without what is for planning only. */
export type Order = Omit<ChangeOrder, 'dry_run'>;

/**
 * A set of services somewhere. Methods that name a service reject with NotFoundError RSE4001 when it is not there.
 * Disposing it gives back what it holds itself: for an embedded one that is everything, for a remote one a connection.
 */
export interface Backend extends AsyncDisposable {
  readonly project: string;
  /** Names with the address to show, in the order of declaration. */
  readonly urls: ReadonlyMap<string, string | null>;
  /** Does not keep the program alive. */
  readonly clock: Clock;
  services(): Promise<readonly ApiService[]>;
  service(name: string): Promise<ApiService>;
  explain(name: string): Promise<ApiExplanation>;
  checks(name: string): Promise<readonly ApiCheck[]>;
  /** The code of the error for a start that never became a run; null where that is not known. */
  startFault(name: string): ErrorCode | null;
  /** The last lines of the last run, oldest first. */
  lastLines(name: string, count: number): Promise<readonly string[]>;
  /** Gives the order; resolves with the change as soon as it is accepted. */
  order(order: Order): Promise<ApiChange>;
  /**
   * Resolves when the change has ended, or, in this program, as soon as whoever still waits in it waits for a failure
   * that is only being tried again. Rejects with the signal's reason.
   */
  settled(id: string, signal: AbortSignal): Promise<ApiChange>;
  /** Begins at the call, not at the first step. Ends with the signal or the stack, without an error. */
  events(choice: EventChoice, signal: AbortSignal): AsyncIterable<StackEvent>;
  logs(choice: LogChoice, signal: AbortSignal): AsyncIterable<ApiLogLine>;
  /** Stops everything in order. Errors: StopTimeoutError. */
  down(): Promise<void>;
  /** Keeps the program from ending by itself while somebody waits. */
  awake(): Disposable;
}
