import { expect, test } from 'vitest';
import { auditLine, verdictScreen } from '../../../src/cli/render/audit.ts';
import type { AuditRecord } from '../../../src/model/audit.ts';

const RECORD: AuditRecord = {
  v: 1,
  seq: 7,
  ts: '2026-11-22T13:24:48.123Z',
  boot: '',
  host: 'vm',
  req: 'req_1',
  stage: 'done',
  actor: { via: 'tcp', uid: null, pid: null, token: 'tok_1', name: 'ci\u001b[2J', role: 'operator' },
  remote: '10.0.0.1:5',
  action: 'service.stop',
  target: 'web',
  params: { services: ['a', 'b'] },
  outcome: 'ok',
  status: 202,
  reason: null,
  ms: 4,
  prev: '0'.repeat(64),
  hash: '1'.repeat(64),
};

test('a record is one line, with nothing in it that moves the terminal', () => {
  const line = auditLine(RECORD, { style: { color: 'off', glyphs: 'ascii' }, times: 'utc' });
  expect(line).toMatch(
    /^ {5}7 {2}2026-11-22T13:24:48.123Z {2}done {5}service.stop web {2}by ci.* \(tok_1, operator, 10/,
  );
  expect(line).toMatch(/ok 202 4 ms {2}services=a,b$/);
  expect(line).not.toMatch(/\p{Cc}/u);
});

test('a verdict names each fault with its file, line and number', () => {
  const fault = { kind: 'edited', file: '/s/audit.jsonl', line: 3, seq: 2, text: 'line 3 is not' } as const;
  const head = { seq: 4, hash: 'a'.repeat(64) };
  const found = { verdict: 'tampered', records: 5, files: ['/s/audit.jsonl'], head, anchors: 2 } as const;
  expect(verdictScreen({ ...found, faults: [fault], notes: ['a note'] })).toEqual([
    `tampered: 5 records in 1 file, up to 4:${'a'.repeat(64)}; compared with 2 anchors`,
    '  edited: /s/audit.jsonl, line 3, seq 2: line 3 is not',
    '  note: a note',
  ]);
});
