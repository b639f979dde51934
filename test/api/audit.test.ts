import { expect, test } from 'vitest';
import { createApp } from '../../src/api/app.ts';
import { ADMIN_DOOR } from '../../src/api/door.ts';
import type { AuditHead, AuditQuery, AuditVerdict } from '../../src/model/audit.ts';
import { contentOf, givenApp, givenParts } from './given.ts';

const VERDICT: AuditVerdict = {
  verdict: 'whole',
  records: 3,
  files: ['/s/audit.jsonl'],
  head: { seq: 2, hash: 'a'.repeat(64) },
  anchors: 1,
  faults: [],
  notes: [],
};

function given() {
  const asked: AuditQuery[] = [];
  const expected: (AuditHead | null)[] = [];
  const trail = {
    page: (query: AuditQuery) => {
      asked.push(query);
      return Promise.resolve({ records: [], next: 7 });
    },
    verify: (head: AuditHead | null) => {
      expected.push(head);
      return Promise.resolve(VERDICT);
    },
  };
  const { parts, audit } = givenParts();
  return { app: createApp({ ...parts, trail }, ADMIN_DOOR), asked, expected, audit };
}

test('a page of the trail has the filters of its query, and the address of the next one', async () => {
  const { app, asked } = given();
  const answer = await app.request('/api/v1/audit?limit=5&action=service.*&stage=denied&since=2026-11-22T13:24:48Z');
  expect(asked).toEqual([
    {
      before: null,
      limit: 5,
      since: Date.UTC(2026, 10, 22, 13, 24, 48),
      until: null,
      action: 'service.*',
      target: null,
      actor: null,
      stage: 'denied',
    },
  ]);
  expect(answer.headers.get('link')).toContain('cursor=7');
  expect((await app.request('/api/v1/audit?since=yesterday')).status).toBe(422);
  expect((await app.request('/api/v1/audit?colour=red')).status).toBe(422);
});

test('the head is told as it is given back to verify, and verify takes it', async () => {
  const { app, expected, audit } = given();
  const head = await contentOf<{ anchor: string }>(await app.request('/api/v1/audit/head'));
  expect(head.anchor).toMatch(/^-?\d+:0{64}$/);
  const body = JSON.stringify({ expect_head: `4:${'b'.repeat(64)}` });
  const headers = { 'content-type': 'application/json' };
  const answer = await app.request('/api/v1/audit/verify', { method: 'POST', body, headers });
  expect(await contentOf(answer)).toEqual(VERDICT);
  expect(expected).toEqual([{ seq: 4, hash: 'b'.repeat(64) }]);
  expect(audit.entries.map(({ action, stage }) => `${action} ${stage}`)).toContain('audit.verify request');
});

test('a program without a trail says so', async () => {
  const { app } = givenApp();
  expect((await app.request('/api/v1/audit')).status).toBe(404);
  expect(await contentOf<{ audit: object }>(await app.request('/api/v1/system'))).toMatchObject({
    audit: { state: 'none' },
  });
});
