/** The audit trail of the daemon. For admins alone. */
import type { ApiAuditHead, ApiAuditRecord, ApiAuditVerdict } from '../contract/api-audit.ts';
import type { AuditStage } from '../model/audit.ts';
import { type Session, pathOf } from './session.ts';

/** Which records. `since` and `until` are RFC 3339; `action` may end in `.*`; `cursor`: only those before that number. */
export interface AuditFilter {
  readonly since?: string;
  readonly until?: string;
  readonly action?: string;
  readonly target?: string;
  readonly actor?: string;
  readonly stage?: AuditStage;
  readonly cursor?: number;
  readonly limit?: number;
}

/** The audit trail. */
export interface AuditClient {
  /** Records, newest first: at most `limit` (100, at most 1000). */
  page(filter?: AuditFilter): Promise<readonly ApiAuditRecord[]>;
  head(): Promise<ApiAuditHead>;
  /** Looks at the whole trail there. `expectHead`: a record that was noted elsewhere, `SEQ:HASH`. */
  verify(expectHead?: string): Promise<ApiAuditVerdict>;
}

/** The trail over a session. */
export function auditClient(session: Session): AuditClient {
  return {
    page: (filter = {}) => session.call('GET', pathOf('audit'), { query: { ...filter } }),
    head: () => session.call('GET', pathOf('audit', 'head')),
    verify: (expectHead) =>
      session.call('POST', pathOf('audit', 'verify'), {
        body: expectHead === undefined ? {} : { expect_head: expectHead },
      }),
  };
}
