/** Where the audit trail is read: the files of the project on this machine, or the daemon at an address. */
import { pageOfTrail } from '../audit/page.ts';
import { headOfTrail, verifyTrail } from '../audit/verify.ts';
import type { AuditHead, AuditQuery, AuditRecord, AuditVerdict } from '../model/audit.ts';
import { connect } from './connection.ts';
import { onlyHere } from './only-here.ts';
import { projectOf } from './project.ts';
import type { Session } from './session.ts';

/** What to verify. `from`, `anchorFiles`: empty = what lies beside the trail. */
export interface VerifyWish {
  readonly expected: AuditHead | null;
  readonly from: readonly string[];
  readonly anchorFiles: readonly string[];
}

/** A trail that can be read. Errors: RSE0103 of the files; those of a connection with `--host`. */
export interface AuditSource extends Disposable {
  /** Newest first. */
  records(query: AuditQuery): Promise<readonly AuditRecord[]>;
  head(): Promise<AuditHead>;
  verify(wish: VerifyWish): Promise<AuditVerdict>;
}

/** Opens it. Errors: RSE0101; those of a connection with `--host`. */
export async function openAudit(session: Session): Promise<AuditSource> {
  if (session.flags.host !== null) return auditElsewhere(session);
  const { paths } = await projectOf(session);
  const path = paths.audit;
  return {
    records: async (query) => (await pageOfTrail(path, query)).records,
    head: () => headOfTrail(path),
    verify: ({ expected, from, anchorFiles }) =>
      verifyTrail({ path, from: from.length === 0 ? null : from, expected, anchorFiles }),
    [Symbol.dispose]: () => undefined,
  };
}

async function auditElsewhere(session: Session): Promise<AuditSource> {
  const { client, [Symbol.dispose]: close } = await connect(session);
  return {
    records: ({ before, limit, since, until, action, target, actor, stage }) =>
      client.audit.page({
        limit,
        ...(before === null ? {} : { cursor: before }),
        ...(since === null ? {} : { since: new Date(since).toISOString() }),
        ...(until === null ? {} : { until: new Date(until).toISOString() }),
        ...(action === null ? {} : { action }),
        ...(target === null ? {} : { target }),
        ...(actor === null ? {} : { actor }),
        ...(stage === null ? {} : { stage }),
      }),
    head: () => client.audit.head(),
    verify: ({ expected, from, anchorFiles }) => {
      if (from.length + anchorFiles.length > 0) onlyHere(session, 'look at files');
      return client.audit.verify(expected === null ? undefined : `${expected.seq}:${expected.hash}`);
    },
    [Symbol.dispose]: close,
  };
}
