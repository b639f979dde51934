import { createHash } from 'node:crypto';
import { expect, test } from 'vitest';
import { lineOf, linkOf } from '../../src/audit/line.ts';
import { NO_RECORD } from '../../src/model/audit.ts';
import { entryOf } from './given.ts';

const STAMP = { at: Date.UTC(2026, 10, 22, 13, 24, 48, 123), boot: 'b7', host: 'vm' };

test('a line has its keys in the order of the page, and its hash is that of the bytes before it', () => {
  const { text, hash } = lineOf(entryOf('service.stop', { params: { signal: 'SIGTERM' } }), NO_RECORD, STAMP);
  const hashed = text.slice(0, text.indexOf(',"hash":"'));
  expect(hashed).toBe(
    `{"v":1,"seq":0,"ts":"2026-11-22T13:24:48.123Z","boot":"b7","host":"vm","req":"req_1","stage":"request",` +
      `"actor":{"via":"unix","uid":0,"pid":7,"token":null,"name":"unix:admin.sock","role":"admin"},"remote":null,` +
      `"action":"service.stop","target":"web","params":{"signal":"SIGTERM"},"outcome":null,"status":null,` +
      `"reason":null,"ms":null,"prev":"${'0'.repeat(64)}"`,
  );
  expect(hash).toBe(createHash('sha256').update(hashed).digest('hex'));
  expect(text).toBe(`${hashed},"hash":"${hash}"}`);
  expect(linkOf(Buffer.from(text))).toEqual({ state: 'whole', seq: 0, prev: '0'.repeat(64), hash });
});

test('a newline, a control character and hidden text stay inside their string', () => {
  const reason = 'a\n{"v":1}\u001b[2J\u202e\u0085x","hash":"';
  const { text } = lineOf(entryOf('x', { reason }), NO_RECORD, STAMP);
  expect(text).toMatch(/^[^\p{Cc}\p{Cf}]*$/u);
  expect(JSON.parse(text)).toMatchObject({ reason });
  expect(linkOf(Buffer.from(text)).state).toBe('whole');
});

test('what is too long is cut, and the line stays bounded', () => {
  const list = Array.from({ length: 500 }, () => 'y'.repeat(1000));
  const params = Object.fromEntries(Array.from({ length: 100 }, (_, at) => [`k${at}`, list]));
  const { text } = lineOf(entryOf('z'.repeat(1000), { params }), NO_RECORD, STAMP);
  expect(text.length).toBeLessThan(20_000);
  expect((JSON.parse(text) as { action: string }).action).toHaveLength(256);
  const some = JSON.parse(lineOf(entryOf('x', { params: { a: list.slice(0, 3) } }), NO_RECORD, STAMP).text) as {
    params: { a: string[] };
  };
  expect(some.params.a.map(({ length }) => length)).toEqual([256, 256, 256]);
});

test('a line of anything is edited, and never an error', () => {
  for (const text of ['', '{}', 'x'.repeat(500), `{"v":1,"seq":3,"hash":"${'a'.repeat(64)}"}`])
    expect(linkOf(Buffer.from(text)).state).toBe('edited');
});
