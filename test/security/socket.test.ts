// Rows about who reaches the daemon, and how: other users of the machine, pages in a browser, requests made to mislead.
import { chmodSync, statSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type AttackWorld, STRANGER, asStranger, attackWorld } from './attack-world.ts';

let ground: AttackWorld;
beforeAll(async () => {
  ground = await attackWorld();
});
afterAll(async () => {
  await ground[Symbol.asyncDispose]();
});

const STOP = '{"mode":"down"}';

test('row 1: another user of the machine cannot speak to the daemon, nor look into its folders', async () => {
  const { socket, runtime, state, audit, store } = ground.shop.paths;
  const before = await ground.stateOf();
  for (const uid of [STRANGER, 65_534]) {
    const spoke = asStranger(['curl', '-sS', '--unix-socket', socket, '-d', STOP, 'http://h/api/v1/system/stop'], uid);
    expect(spoke.code).toBe(7);
    for (const folder of [runtime, state]) expect(asStranger(['ls', folder], uid).text).toContain('Permission denied');
    for (const file of [audit, store]) expect(asStranger(['cat', file], uid).text).toContain('Permission denied');
  }
  expect(await ground.stateOf()).toEqual(before);
  expect(statSync(socket).mode & 0o777).toBe(0o600);
  expect(statSync(runtime).mode & 0o777).toBe(0o700);
});

test('row 2: who asks is what the kernel says, whatever the request and the name of the socket at the other end say', async () => {
  const own = join(ground.shop.root, 'a;uid=1234;');
  const server = createServer().listen(own);
  const claims = ['x-uid: 1234', 'x-remote-user: alice', 'forwarded: for=10.0.0.1', 'x-forwarded-for: 10.0.0.1'];
  const answer = await ground.ask('POST', '/api/v1/services/web/start', { body: '{}', headers: claims });
  server.close();
  expect(answer.status).toBeLessThan(300);
  const record = ground.records().findLast(({ action }) => action === 'service.start');
  expect(JSON.stringify(record)).not.toMatch(/1234|alice|10\.0\.0\.1/);
  expect(record?.['actor']).toMatchObject({ via: 'unix', role: 'admin' });
  expect([0, null]).toContain(Reflect.get(Object(record?.['actor']), 'uid'));
});

test.for([
  ['more than one Host', ['host: localhost', 'host: evil.example'], 421, 'RSE4105'],
  ['a page on another site', ['origin: http://evil.example'], 403, 'RSE4106'],
  ['a page without an origin', ['origin: null'], 403, 'RSE4106'],
  ['a page of a neighbouring site', ['sec-fetch-site: same-site'], 403, 'RSE4106'],
] as const)('row 4: %s is turned away before its route is known', async ([, headers, status, code]) => {
  for (const path of ['/api/v1/system/stop', '/nowhere'])
    expect(
      await ground.refusedWithoutTrace(() => ground.ask('POST', path, { body: STOP, headers }), {
        status,
        code,
        recorded: 'denied',
      }),
    ).toBe('refused');
});

test.for(['text/plain', 'application/x-www-form-urlencoded', 'multipart/form-data', 'application/json\t; x', ''])(
  'row 5: a form of a page, sent as "%s", changes nothing',
  async (type) => {
    const attack = () => ground.ask('POST', '/api/v1/system/stop', { body: STOP, headers: [`content-type: ${type}`] });
    expect(await ground.refusedWithoutTrace(attack, { status: 415, code: 'RSE4104', recorded: 'denied' })).toBe(
      'refused',
    );
  },
);

test('row 5: nothing is changed by GET', async () => {
  const attack = () => ground.ask('GET', '/api/v1/system/stop');
  expect(await ground.refusedWithoutTrace(attack, { status: 405, code: 'RSE4004', recorded: 'no' })).toBe('refused');
});

test('row 6: no connection becomes a web socket, and streams are behind the same checks', async () => {
  const upgrade = ['connection: Upgrade', 'upgrade: websocket', 'sec-websocket-version: 13', 'sec-websocket-key: eA=='];
  const answer = await ground.ask('GET', '/api/v1/events', { headers: [...upgrade, 'origin: http://evil.example'] });
  expect(answer.status).toBe(403);
  expect(answer.headers).not.toMatch(/101 |upgrade: websocket/i);
});

test('row 7: no answer lets a page of another origin read it, or sets a cookie', async () => {
  for (const [method, path] of [
    ['GET', '/healthz'],
    ['GET', '/api/v1/services/status'],
    ['OPTIONS', '/api/v1/system/stop'],
    ['GET', '/nowhere'],
  ] as const) {
    const { headers } = await ground.ask(method, path);
    expect(headers.toLowerCase()).not.toMatch(/access-control-|set-cookie|^server:|x-powered-by/m);
    expect(headers.toLowerCase()).toContain('x-content-type-options: nosniff');
    expect(headers.toLowerCase()).toContain('cross-origin-resource-policy: same-origin');
  }
});

test('row 9: a name that is none of the routes, or a property of every object, leads nowhere', async () => {
  for (const name of ['__proto__', 'constructor', 'toString', '..%2f..%2fsystem%2fstop', 'web%2e__class__'])
    expect(
      await ground.refusedWithoutTrace(() => ground.ask('POST', `/api/v1/services/${name}/start`, { body: '{}' }), {
        status: 404,
        code: 'RSE4001',
        recorded: 'no',
      }),
    ).toBe('refused');
});

test('row 19: no answer is a page, whatever services say', async () => {
  for (const path of ['/', '/docs', '/docs/errors/RSE4001', '/openapi.json', '/api/v1/logs', '/<script>'])
    expect((await ground.ask('GET', path)).headers.toLowerCase()).not.toContain('text/html');
});

test('row 35: root believes no definition that others can write', async () => {
  const [file = ''] = ground.shop.order.files;
  const before = await ground.stateOf();
  chmodSync(file, 0o666);
  const body = JSON.stringify({ files: [file], variables: {} });
  const answer = await ground.ask('POST', '/api/v1/definition/load', { body });
  chmodSync(file, 0o600);
  expect(answer.status).toBeGreaterThanOrEqual(400);
  expect(answer.body).toContain('can be written by everybody');
  expect(await ground.stateOf()).toEqual(before);
});

test('row 29: each refusal of these attacks is on record', async () => {
  expect(await ground.onRecord()).toBe('on record');
});
