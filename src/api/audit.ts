/** The audit trail, for admins: its records, its head, and a look at the whole. */
import { z } from 'zod';
import { apiAuditHead, apiAuditRecord, apiAuditVerdict, auditVerifyOrder, headOfText } from '../contract/api-audit.ts';
import { envelope, pageEnvelope } from '../contract/envelope.ts';
import { NotFoundError } from '../model/errors.ts';
import type { AuditTrail } from '../ports/audit-log.ts';
import { answer, refusals } from './answers.ts';
import { countQuery, limitQuery } from './parameters.ts';
import type { ApiParts } from './parts.ts';
import { type Reply, ok, page } from './reply.ts';
import { type Call, type Route, route } from './route.ts';
import { nextAddress } from './services.ts';

const PAGE = 100;
const TAG = 'audit';

const momentQuery = z
  .string()
  .max(40)
  .transform((text, context) => {
    const at = /^\d{4}-\d\d-\d\dT\d\d:\d\d/.test(text) ? Date.parse(text) : Number.NaN;
    if (!Number.isNaN(at)) return at;
    context.addIssue({ code: 'custom', message: 'a moment such as 2026-11-22T13:24:48Z is needed' });
    return z.NEVER;
  });

const word = z.string().min(1).max(256);

const auditQuery = z.strictObject({
  cursor: countQuery.optional(),
  limit: limitQuery.optional(),
  since: momentQuery.optional(),
  until: momentQuery.optional(),
  action: word.optional(),
  target: word.optional(),
  actor: word.optional(),
  stage: z.enum(['request', 'done', 'denied', 'system']).optional(),
});

/** The routes of the audit trail. */
export const auditRoutes: readonly Route[] = [
  route({
    method: 'GET',
    path: '/api/v1/audit',
    role: 'admin',
    action: 'audit.read',
    tag: TAG,
    summary: 'What was asked, refused, and done by Rouse itself, newest first',
    query: auditQuery,
    answers: {
      200: { description: 'A page of records', content: { 'application/json': pageEnvelope(apiAuditRecord) } },
      ...refusals(404, 422),
    },
    run: pageFor,
  }),
  route({
    method: 'GET',
    path: '/api/v1/audit/head',
    role: 'admin',
    action: 'audit.head',
    tag: TAG,
    summary: 'The number and hash of the last record, to be kept on another machine',
    answers: { 200: answer('The head', envelope(apiAuditHead)), ...refusals(404) },
    run: ({ parts }) => {
      trailOf(parts);
      const { seq, hash } = parts.audit.head();
      return ok({ seq, hash, anchor: `${seq}:${hash}` });
    },
  }),
  route({
    method: 'POST',
    path: '/api/v1/audit/verify',
    role: 'admin',
    action: 'audit.verify',
    tag: TAG,
    summary: 'Look at every record, and compare with the head, the anchors and what you expect',
    body: { schema: auditVerifyOrder, need: 'optional' },
    answers: { 200: answer('What was found', envelope(apiAuditVerdict)), ...refusals(404, 422) },
    run: async ({ parts, body }) => {
      const expected = body.expect_head === undefined ? null : headOfText(body.expect_head);
      return ok(await trailOf(parts).verify(expected));
    },
  }),
];

async function pageFor(call: Call<unknown, z.output<typeof auditQuery>>): Promise<Reply> {
  const { query, parts, path } = call;
  const { records, next } = await trailOf(parts).page({
    before: query.cursor ?? null,
    limit: query.limit ?? PAGE,
    since: query.since ?? null,
    until: query.until ?? null,
    action: query.action ?? null,
    target: query.target ?? null,
    actor: query.actor ?? null,
    stage: query.stage ?? null,
  });
  const cursor = next === null ? null : String(next);
  return page(records, { next_cursor: cursor, total: null }, nextAddress(path, cursor));
}

function trailOf({ trail }: ApiParts): AuditTrail {
  if (trail === undefined) throw new NotFoundError('RSE4003', 'cannot show the audit trail: this program keeps none');
  return trail;
}
