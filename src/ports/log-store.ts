/** The output of services, as a port. */
import type { LogLine } from '../model/log-line.ts';
import type { ServiceName } from '../model/spec.ts';

/** What to read. All bounds optional. */
export interface LogQuery {
  /** Empty = every service. */
  readonly services: readonly ServiceName[];
  /** The last so many lines (over all services together); null = all that is kept. */
  readonly tail: number | null;
  /** `follow` goes on with new lines, through restarts, until aborted. */
  readonly mode: 'once' | 'follow';
  /** `previous` = the run before the last; `last` = the present or last run; `all` = every kept run. */
  readonly runs: 'all' | 'last' | 'previous';
}

/** Where output is kept and read. */
export interface LogStore {
  /**
   * Makes the file for a run and opens it for appending.
   * Shapes: the descriptor is the caller's to hand to the child and to close.
   * Errors: RSE3008 when it cannot be made.
   */
  open(service: ServiceName, run: number): { readonly fd: number; readonly path: string };
  /** Says that the run has ended: followers may finish its file. */
  end(service: ServiceName, run: number): void;
  /** The lines asked for, oldest first, merged by time where it is known. Bounded memory. Ends at once for `once`. */
  read(query: LogQuery, signal: AbortSignal): AsyncIterable<LogLine>;
  /** The exact bytes of the last `tail` lines of the service (null = all kept), without anything added. */
  bytes(service: ServiceName, tail: number | null): Promise<Uint8Array>;
  /** The last lines of a run at once, oldest first; empty when there is no file. */
  last(service: ServiceName, run: number, count: number): readonly string[];
}
