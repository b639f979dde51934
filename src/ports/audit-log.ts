/** Where things are put on record before they are done. */
import type { AuditEntry, AuditHead, AuditPage, AuditQuery, AuditVerdict } from '../model/audit.ts';

/** A trail that is being written. */
export interface AuditLog {
  /**
   * Resolves when the entry is on disk, so that what it announces may be done. Entries that come together are synced
   * together. Errors: RSE4119 when it cannot be written and the policy is to refuse then; what it announces must not be done.
   */
  before(entry: AuditEntry): Promise<void>;
  /** Puts on record what has happened; it is on disk within a second. Never throws: see `fault`. */
  after(entry: AuditEntry): void;
  /** The last record. */
  head(): AuditHead;
  /** Why entries cannot be written at present, in words; null while they can. */
  readonly fault: string | null;
  /** What was found to contradict the trail when it was opened, in words: records are missing or changed. */
  readonly contradiction?: string | null;
}

/** A trail that is read. */
export interface AuditTrail {
  /** Errors: RSE0103 when a file cannot be read. */
  page(query: AuditQuery): Promise<AuditPage>;
  /** Looks at every record; `expected` is a record that somebody has noted elsewhere. Errors: RSE0103. */
  verify(expected: AuditHead | null): Promise<AuditVerdict>;
}
