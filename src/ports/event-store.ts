/** Where records and the last state of services are kept, as a port. */
import type { Change } from '../model/change.ts';
import type { ProjectRecord } from '../model/record.ts';
import type { Service } from '../model/service.ts';
import type { ServiceName } from '../model/spec.ts';

/** What one batch of events leaves behind; written in one transaction or not at all. */
export interface Batch {
  readonly records: readonly ProjectRecord[];
  /** Services that changed, as they are now. */
  readonly services: readonly Service[];
  readonly changes: readonly Change[];
}

/** Everything of a service but its definitions. */
export type ServiceState = Omit<Service, 'spec' | 'runSpec'>;

/**
 * What an earlier daemon left of a service. A row of an older version lacks what that one did not keep.
 * Units: times are monotonic ms of `boot`, and mean nothing to any other; empty where the machine does not say.
 */
export interface StoredService
  extends
    Pick<ServiceState, 'demand' | 'phase' | 'run' | 'pid' | 'exitCode'>,
    Partial<Omit<ServiceState, 'demand' | 'phase' | 'run' | 'pid' | 'exitCode'>> {
  readonly name: ServiceName;
  /** Hash of the definition that the last run was started with. */
  readonly specHash: string;
  readonly boot?: string;
}

/** Which records to read. `sinceSeq` excluded; `types` and `services` empty = all; `limit` keeps the newest. */
export interface RecordQuery {
  readonly sinceSeq: number;
  readonly types: readonly string[];
  readonly services: readonly ServiceName[];
  readonly limit: number;
}

/** The store of a project. */
export interface EventStore {
  /** Writes the batch. Errors: throws RSE3008 when it cannot; then nothing of it was written. */
  append(batch: Batch): void;
  /** Records in order of `seq`, oldest first. */
  records(query: RecordQuery): readonly ProjectRecord[];
  /** Changes, newest first, at most `limit`. */
  changes(limit: number): readonly Change[];
  /** What is known of services from before, also of those that left the definition: their runs are not counted anew. */
  services(): readonly StoredService[];
  /** The last sequence number given, 0 when empty; and the oldest still kept. */
  extent(): { readonly oldest: number; readonly newest: number };
}
