/** The audit trail: its records in the words of the file, its head, and what a look at the whole found. */
import { z } from 'zod';
import type { AuditRecord, AuditVerdict } from '../model/audit.ts';
import { ROLES } from '../model/role.ts';
import { names, time } from './envelope.ts';

const param = z.union([z.string(), z.number(), z.boolean(), z.null(), names]);
const count = z.number().int();

/** A record, as it stands in the file. */
export const apiAuditRecord = z
  .object({
    v: z.literal(1),
    seq: count,
    ts: time,
    boot: z.string(),
    host: z.string(),
    req: z.string().nullable(),
    stage: z.enum(['request', 'done', 'denied', 'system']),
    actor: z.object({
      via: z.enum(['unix', 'tcp', 'self', 'policy', 'rouse']),
      uid: count.nullable(),
      pid: count.nullable(),
      token: z.string().nullable(),
      name: z.string(),
      role: z.enum(ROLES).nullable(),
    }),
    remote: z.string().nullable(),
    action: z.string(),
    target: z.string().nullable(),
    params: z.record(z.string(), param),
    outcome: z.enum(['ok', 'error', 'denied']).nullable(),
    status: count.nullable(),
    reason: z.string().nullable(),
    ms: z.number().nullable(),
    prev: z.string(),
    hash: z.string(),
  })
  .meta({ id: 'AuditRecord' });

/** The last record: its number (-1 before the first) and hash. `anchor` is both, as `--expect-head` takes it. */
export const apiAuditHead = z.object({ seq: count, hash: z.string(), anchor: z.string() }).meta({ id: 'AuditHead' });

/** Whether entries can be written and nothing contradicts the trail; `why` says what is wrong. */
export const apiAuditState = z.object({
  state: z.enum(['whole', 'degraded', 'none']),
  why: z.string().nullable(),
  /** null for who may not read the trail. */
  head: z.object({ seq: count, hash: z.string() }).nullable(),
});

const HEAD = /^(\d{1,15}):([0-9a-f]{64})$/;

/** The body of `POST /audit/verify`: a head that was noted elsewhere, as `SEQ:HASH`. */
export const auditVerifyOrder = z
  .strictObject({ expect_head: z.string().regex(HEAD).optional() })
  .meta({ id: 'AuditVerifyOrder' });

/** What a look at the whole trail found. */
export const apiAuditVerdict = z
  .object({
    verdict: z.enum(['whole', 'tampered', 'truncated']),
    records: count,
    files: names,
    head: z.object({ seq: count, hash: z.string() }),
    anchors: count,
    faults: z
      .array(
        z.object({
          kind: z.enum(['edited', 'removed-or-reordered', 'rewritten-against-anchor', 'truncated']),
          file: z.string(),
          line: count.nullable(),
          seq: count.nullable(),
          text: z.string(),
        }),
      )
      .readonly(),
    notes: names,
  })
  .meta({ id: 'AuditVerdict' });

/** A record. */
export type ApiAuditRecord = Readonly<z.infer<typeof apiAuditRecord>> & AuditRecord;

/** The last record. */
export type ApiAuditHead = Readonly<z.infer<typeof apiAuditHead>>;

/** What a look at the whole trail found. */
export type ApiAuditVerdict = Readonly<z.infer<typeof apiAuditVerdict>> & AuditVerdict;

/** A head out of `SEQ:HASH`, null when it is none. */
export function headOfText(text: string): { readonly seq: number; readonly hash: string } | null {
  const [, seq, hash] = HEAD.exec(text) ?? [];
  return seq === undefined || hash === undefined ? null : { seq: Number(seq), hash };
}
