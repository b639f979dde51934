/** How much is kept: everything that grows has a bound. */

/** Bounds of a store. */
export interface Retention {
  /** Records kept, at least 1; the newest ones. */
  readonly records: number;
  /** A record this much older than the newest one may go, ms; Infinity = never for its age. */
  readonly recordAgeMs: number;
  /** Changes kept, at least 1; a change that still runs is kept always. */
  readonly changes: number;
}

/** What a project on disk keeps: 200 000 records are some 60 MB and, on a lively platform, weeks. */
export const DISK_RETENTION: Retention = { records: 200_000, recordAgeMs: Infinity, changes: 1000 };

/** What a program keeps in its own memory. */
export const MEMORY_RETENTION: Retention = { records: 10_000, recordAgeMs: Infinity, changes: 1000 };

/** How far a bound may be overstepped before the oldest go, so that they go in bulk: a hundredth. */
export function slackOf(bound: number): number {
  return Math.floor(bound / 100);
}
