import { expect, test } from 'vitest';
import { apiSystem } from '../../src/contract/api-system.ts';
import { contentOf, givenApp, readerOf } from './given.ts';

test('the daemon says what it is', async () => {
  const system = await contentOf<Record<string, unknown>>(await givenApp().get('/api/v1/system'));
  expect(Object.keys(system)).toEqual(Object.keys(apiSystem.shape));
  expect(system).toMatchObject({
    project: 'shop',
    files: ['/p/rouse.toml'],
    pid: 4711,
    version: '0.1.0',
    started_at: '2026-11-22T12:04:31.004Z',
    uptime_ms: 10_000,
    started_by: 'up',
    state: 'running',
    socket: '/run/rouse/shop/admin.sock',
    leases: 0,
    runs_as_root: ['db', 'web'],
    services: 2,
    api_versions: ['v1'],
  });
});

test.for(['down', 'daemon'])('ending by %s is handed to the daemon', async (mode) => {
  const given = givenApp();
  expect(await contentOf(await given.post('/api/v1/system/stop', { mode }))).toEqual({
    mode,
    change: null,
    daemon: 'ends',
  });
  expect(given.stops).toEqual([mode]);
});

test('a lease is lost when its connection ends', async () => {
  const given = givenApp();
  const reader = readerOf(await given.post('/api/v1/lease', { scope: 'services', services: ['web'] }));
  expect(JSON.parse(await reader.next())).toEqual({ id: 'lease-1', scope: 'services', services: ['web'] });
  expect(given.lost).toEqual([]);
  await reader.end();
  expect(given.lost).toEqual(['lease-1']);
});

test('a lease whose caller has gone before its first word is lost as well', async () => {
  const given = givenApp();
  const gone = new AbortController();
  await given.app.request('/api/v1/lease', {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: '{"scope":"all"}',
    signal: gone.signal,
  });
  gone.abort();
  expect(given.lost).toEqual(['lease-1']);
});

test('a lease ends with the daemon', async () => {
  const given = givenApp();
  const reader = readerOf(await given.post('/api/v1/lease', { scope: 'all' }));
  await reader.next();
  const next = reader.next();
  given.ending.abort();
  expect([await next, given.lost]).toEqual(['<end>', []]);
});

test('a lease that is given up ends its connection', async () => {
  const given = givenApp();
  const reader = readerOf(await given.post('/api/v1/lease', { scope: 'all' }));
  await reader.next();
  const next = reader.next();
  expect((await given.post('/api/v1/lease/lease-1/detach')).status).toBe(200);
  expect(await next).toBe('<end>');
  expect((await given.post('/api/v1/lease/lease-1/detach')).status).toBe(404);
});
