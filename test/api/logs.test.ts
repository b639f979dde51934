import { expect, test } from 'vitest';
import type { LogLine } from '../../src/model/log-line.ts';
import { AT } from './fake-supervisor.ts';
import { type Given, contentOf, givenApp, readerOf } from './given.ts';

const line = (service: string, offset: number): LogLine => ({
  service,
  run: 1,
  offset,
  next: offset + 1,
  at: AT,
  text: `line ${offset}`,
  cut: 'no',
  kind: 'line',
});

const SHOWN = { type: 'line', run: 1, at: '2026-11-22T12:04:31.004Z', cut: false };

function givenLines(count: number): Given {
  const given = givenApp();
  given.supervisor.lines = Array.from({ length: count }, (_, at) => line(at % 2 === 0 ? 'web' : 'db', at));
  return given;
}

const offsets = async (response: Response): Promise<number[]> =>
  (await contentOf<{ offset: number }[]>(response)).map(({ offset }) => offset);

test('a page holds the last lines, oldest first', async () => {
  const response = await givenLines(4).get('/api/v1/logs?limit=2');
  expect(await contentOf(response)).toEqual([
    { ...SHOWN, service: 'web', offset: 2, text: 'line 2', cursor: 'web:1:3' },
    { ...SHOWN, service: 'db', offset: 3, text: 'line 3', cursor: 'db:1:4' },
  ]);
});

test('a page holds 200 lines unless another number is asked for, and never more than 1,000', async () => {
  const given = givenLines(1200);
  expect(await offsets(await given.get('/api/v1/logs'))).toHaveLength(200);
  expect(await offsets(await given.get('/api/v1/logs?limit=1000'))).toHaveLength(1000);
  expect((await given.get('/api/v1/logs?limit=1001')).status).toBe(422);
});

test('lines of the services that were asked for are told, of an unknown one none', async () => {
  const given = givenLines(4);
  expect(await offsets(await given.get('/api/v1/logs?services=db'))).toEqual([1, 3]);
  expect(await offsets(await given.get('/api/v1/services/web/logs'))).toEqual([0, 2]);
  expect((await given.get('/api/v1/logs?services=db,nope')).status).toBe(404);
});

test('a stream without follow ends after the kept lines, however many', async () => {
  const response = await givenLines(1200).get('/api/v1/logs?follow=false', { accept: 'application/x-ndjson' });
  const lines = (await response.text()).trimEnd().split('\n');
  expect(lines).toHaveLength(1200);
  expect(JSON.parse(lines.at(-1) ?? '')).toMatchObject({ service: 'db', offset: 1199 });
});

test('a stream that follows stays open, each line with its place as id', async () => {
  const given = givenLines(1);
  const reader = readerOf(await given.get('/api/v1/services/web/logs', { accept: 'text/event-stream' }));
  await reader.next();
  expect(await reader.next()).toMatch(/^id: web:1:1\nevent: log\ndata: \{"type":"line","service":"web",/);
  const next = reader.next();
  given.ending.abort();
  expect(await next).toBe('event: end\ndata: {}\n\n');
});

test.for([
  ['?format=raw&limit=3', {}, 'web 3'],
  ['', { accept: 'application/octet-stream' }, 'web null'],
] as const)("the service's own bytes come with %s %o", async ([query, headers, text]) => {
  const response = await givenLines(1).get(`/api/v1/services/web/logs${query}`, headers);
  expect(response.headers.get('content-type')).toBe('application/octet-stream');
  expect(await response.text()).toBe(`${text}\u001b[0m\n`);
});
