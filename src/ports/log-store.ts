/** The output of services, as a port. */
import type { LogLine, LogPlace } from '../model/log-line.ts';
import type { ServiceName } from '../model/spec.ts';

/** Which lines are wanted, by what they say. */
export interface LogFilter {
  /** An expression of RE2; null = every line. */
  readonly pattern: string | null;
  readonly letters: 'exact' | 'any-case';
  /** `without` = those that do not match. */
  readonly wanted: 'with' | 'without';
  /** The least severe level that is wanted; null = any. A line that names no level has none, and is not wanted then. */
  readonly level: LogLevel | null;
}

/** How severe a line is, the least first. */
export const LOG_LEVELS = ['trace', 'debug', 'info', 'warn', 'error', 'fatal'] as const;

/** How severe a line is. */
export type LogLevel = (typeof LOG_LEVELS)[number];

/** What to read. All bounds optional. */
export interface LogQuery {
  /** Empty = every service. */
  readonly services: readonly ServiceName[];
  /** The last so many lines (over all services together) that are wanted; null = all that is kept. */
  readonly tail: number | null;
  /** `follow` goes on with new lines, through restarts, until aborted. */
  readonly mode: 'once' | 'follow';
  /** `previous` = the run before the last; `last` = the present or last run; `all` = every kept run. */
  readonly runs: 'all' | 'last' | 'previous';
  /** Goes on from these places, one a service: nothing before them is given. Services without one are read as asked. */
  readonly after?: readonly LogPlace[];
  /** Lines written from then on; epoch ms. Left out = no bound. */
  readonly since?: number | undefined;
  /** Lines written until then; epoch ms. Left out = no bound. */
  readonly until?: number | undefined;
  readonly filter?: LogFilter | undefined;
  /** `told`: while following, a `here` for each service says when what was stored has been given. */
  readonly places?: 'told' | 'untold';
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
  /**
   * The lines asked for, oldest first, merged by time as far as it is known. Bounded memory. Ends at once for `once`.
   * Errors: RSE4102, at the call itself, when the pattern is no expression of RE2.
   */
  read(query: LogQuery, signal: AbortSignal): AsyncIterable<LogLine>;
  /** The bytes of the last `tail` lines of the service (null = all kept), without anything added; secrets are hidden in them. */
  bytes(service: ServiceName, tail: number | null): Promise<Uint8Array>;
  /** The last lines of a run at once, oldest first; empty when there is no file. */
  last(service: ServiceName, run: number, count: number): readonly string[];
  /** Notes that something was found in the output of a run, so that it is known when the output itself is given back. */
  mark?(service: ServiceName, run: number, text: string): void;
  /** Whether it was noted, by whichever daemon. */
  isMarked?(service: ServiceName, run: number, text: string): boolean;
  /** How room is made for new output; see docs/reference/logs.md. Left out where nothing is given back. */
  retention?(): LogRetention;
}

/** How room is made: in blocks out of the oldest output (`holes`), or by whole files of ended runs. */
export type LogRetention = 'holes' | 'whole-files';

/**
 * Gives back the first `length` bytes of the file behind the descriptor, which read as zeros from then on; its size stays.
 * Shapes: `length` is a multiple of 4096; may be called again for what is given back already.
 * Errors: never rejects; `unsupported` when this machine or file system cannot do it, `failed` when it did not this time.
 */
export type Punch = (fd: number, length: number) => Promise<'done' | 'unsupported' | 'failed'>;
