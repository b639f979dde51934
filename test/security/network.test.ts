// Rows about a listener on an address: who has no token, who has one of a lower role, and pages that were led there.
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Route } from '../../src/api/route.ts';
import { ROUTES } from '../../src/api/routes.ts';
import { ROLES, mayUse } from '../../src/model/role.ts';
import { type Ask, type AttackWorld, type Place, asStranger, attackWorld } from './attack-world.ts';

const OPERATORS = 61_300;
const VIEWERS = 61_301;
/** Tokens of each role, by turns: one may not change something so often. */
const SETS = 5;
const STOP = '{"mode":"down"}';
const SERVICES = `
[security]
operate_group = "${OPERATORS}"
view_group = "${VIEWERS}"
[services.db]
command = "sleep 1000"
env = { PLAIN = "plain-value" }
[services.web]
command = "sleep 1000"
depends_on = ["db"]
`;

let ground: AttackWorld;
let place: Exclude<Place, string>;
const credentials: Record<string, string> = {};
beforeAll(async () => {
  const listen = [{ host: '127.0.0.1', port: 0, tls: null, plainHttp: 'loopback-only' } as const];
  ground = await attackWorld(SERVICES, { order: { listen } });
  const { listeners } = await ground.shop.connect().daemon.status();
  const address = listeners.find(({ kind }) => kind === 'tcp')?.address ?? '';
  place = { host: '127.0.0.1', port: Number(address.split(':')[1]) };
  for (const role of ROLES) credentials[role] = await made({ name: role, role });
  for (let at = 0; at < SETS; at += 1)
    for (const role of ['viewer', 'operator'] as const)
      credentials[`${role}-${at}`] = await made({ name: `${role}-${at}`, role });
  credentials['scoped'] = await made({ name: 'scoped', role: 'operator', services: ['db'] });
  credentials['revoked'] = await made({ name: 'revoked', role: 'admin' });
  credentials['ended'] = await made({ name: 'ended', role: 'admin', expires_in_ms: 1 });
  expect((await ground.ask('DELETE', '/api/v1/tokens/revoked')).status).toBe(200);
});
afterAll(async () => {
  await ground[Symbol.asyncDispose]();
});

async function made(order: object): Promise<string> {
  const { body } = await ground.ask('POST', '/api/v1/tokens', { body: JSON.stringify(order) });
  return /"token":"(rse_[^"]+)"/.exec(body)?.[1] ?? '';
}

/** Asks over the network, with the credential of that name. */
const from = (who: string | null, method: string, path: string, { headers = [], ...more }: Partial<Ask> = {}) =>
  ground.ask(method, path, {
    ...more,
    to: place,
    headers: [...(who === null ? [] : [`authorization: Bearer ${credentials[who]}`]), ...headers],
  });

/** A request that its schema would let through, as far as the table says. */
const plainly = ({ method, path }: Pick<Route, 'method' | 'path'>) =>
  [method, path.replaceAll('{name}', 'web').replaceAll('{id}', 'x'), method === 'GET' ? {} : { body: '{}' }] as const;

const closed = ROUTES.flatMap((route) => (route.role === 'anyone' ? [] : [{ ...route, role: route.role }]));

test('row 3: every route has a role, and only the sign of life needs no credential', () => {
  expect(ROUTES.filter(({ role }) => role === 'anyone').map(({ path }) => path)).toEqual(['/healthz']);
  expect(closed.length).toBeGreaterThan(30);
  expect(closed.filter(({ role }) => !ROLES.some((known) => known === role))).toEqual([]);
});

test.for(closed.map((route, at) => [`${route.method} ${route.path}`, route, at] as const))(
  'row 3: %s is closed to who has no token or a lower role',
  async ([, route, at]) => {
    const [method, path, more] = plainly(route);
    for (const role of [null, 'viewer', 'operator'] as const) {
      if (role !== null && mayUse(role, route.role)) continue;
      const wanted = role === null ? { status: 401, code: 'RSE4112' } : { status: 403, code: 'RSE4113' };
      const who = role === null ? null : `${role}-${at % SETS}`;
      expect(
        await ground.refusedWithoutTrace(() => from(who, method, path, more), { ...wanted, recorded: 'denied' }),
      ).toBe('refused');
    }
  },
);

test('row 8: a listener tells nobody without a credential more than that somebody lives', async () => {
  const answer = await from(null, 'GET', '/api/v1/system');
  expect(answer.headers.toLowerCase()).toContain('www-authenticate: bearer');
  for (const path of ['/healthz', '/nowhere', '/api/v1/services', '/openapi.json'])
    expect(JSON.stringify(await from(null, 'GET', path))).not.toMatch(/shop|sleep|"db"|rouse\/\d/);
});

test.for(['revoked', 'ended'])('row 8: a credential that is %s opens nothing', async (who) => {
  const attack = () => from(who, 'POST', '/api/v1/system/stop', { body: STOP });
  expect(await ground.refusedWithoutTrace(attack, { status: 401, code: 'RSE4112', recorded: 'denied' })).toBe(
    'refused',
  );
});

test.for([
  ['in the address', (token: string) => ({ path: `/api/v1/system?token=${token}`, headers: [] })],
  ['in a cookie', (token: string) => ({ path: '/api/v1/system', headers: [`cookie: token=${token}`] })],
  ['as a password', (token: string) => ({ path: '/api/v1/system', headers: [`authorization: Basic ${token}`] })],
  ['in two headers', (token: string) => ({ path: '/api/v1/system', headers: [`x-token: ${token}`] })],
] as const)('row 8: a credential %s is none', async ([, of]) => {
  const { path, headers } = of(credentials['admin'] ?? '');
  const attack = () => from(null, 'GET', path, { headers });
  expect(await ground.refusedWithoutTrace(attack, { status: 401, code: 'RSE4112', recorded: 'denied' })).toBe(
    'refused',
  );
});

test('row 9: who may look at services learns nothing of their commands and variables', async () => {
  const readable = ROUTES.filter(
    ({ method, role, stream }) => method === 'GET' && role === 'viewer' && stream === undefined,
  );
  expect(readable.length).toBeGreaterThan(5);
  for (const route of readable) {
    const [method, path] = plainly(route);
    const answer = await from('viewer', method, path);
    expect([401, 403]).not.toContain(answer.code === 'RSE4114' ? 0 : answer.status);
    expect(answer.body).not.toMatch(/sleep 1000|"sleep"|plain-value/);
  }
});

test('row 9: a token that reaches one service neither sees nor touches another', async () => {
  expect((await from('scoped', 'GET', '/api/v1/services/list')).body).not.toContain('"web"');
  for (const [method, path] of [
    ['GET', '/api/v1/services/web'],
    ['GET', '/api/v1/services/web/logs'],
    ['POST', '/api/v1/services/web/stop'],
    // Its dependent would be touched.
    ['POST', '/api/v1/services/db/stop'],
  ] as const) {
    const attack = () => from('scoped', method, path, method === 'POST' ? { body: '{"dependents":"include"}' } : {});
    const before = await ground.stateOf();
    const { status } = await attack();
    expect([path, [403, 404, 409, 422].includes(status)]).toEqual([path, true]);
    expect(await ground.stateOf()).toEqual(before);
  }
  // Whether there is such a service is not told.
  const [there, not] = await Promise.all(
    ['web', 'wax'].map(async (name) => from('scoped', 'GET', `/api/v1/services/${name}`)),
  );
  expect([there?.status, there?.code]).toEqual([not?.status, not?.code]);
});

test('row 2: an address and a user that a request claims are not believed', async () => {
  const headers = ['x-forwarded-for: 10.9.8.7', 'forwarded: for=10.9.8.7', 'x-remote-user: alice', 'x-uid: 0'];
  const answer = await from('operator', 'POST', '/api/v1/services/web/start', { body: '{}', headers });
  expect(answer.status).toBeLessThan(300);
  const record = ground.records().findLast(({ action }) => action === 'service.start');
  expect(JSON.stringify(record)).not.toMatch(/10\.9\.8\.7|alice/);
  expect(record).toMatchObject({
    actor: { via: 'tcp', uid: null, name: 'operator', role: 'operator' },
    remote: expect.stringMatching(/^127\.0\.0\.1:\d+$/),
  });
});

test.for([
  ['a name that was pointed here', (port: number) => [`host: evil.example:${port}`]],
  ['another port', () => ['host: 127.0.0.1:1']],
  ['an address that means any', (port: number) => [`host: 0.0.0.0:${port}`]],
  ['two names', (port: number) => [`host: 127.0.0.1:${port}`, 'host: evil.example']],
] as const)('row 4: %s is turned away even with a token, whatever it asks for', async ([, headersOf]) => {
  for (const [method, path] of [
    ['POST', '/api/v1/system/stop'],
    ['GET', '/api/v1/events'],
    ['GET', '/nowhere'],
  ] as const) {
    const more = { headers: headersOf(place.port), ...(method === 'POST' ? { body: STOP } : {}) };
    const attack = () => from('admin', method, path, more);
    expect(await ground.refusedWithoutTrace(attack, { status: 421, code: 'RSE4105', recorded: 'denied' })).toBe(
      'refused',
    );
  }
});

test('row 5: a form of a page changes nothing, with the credential or without it', async () => {
  const headers = ['content-type: text/plain'];
  for (const who of ['admin', null]) {
    const attack = () => from(who, 'POST', '/api/v1/system/stop', { body: STOP, headers });
    expect(await ground.refusedWithoutTrace(attack, { status: 415, code: 'RSE4104', recorded: 'denied' })).toBe(
      'refused',
    );
  }
});

test('row 6: a stream needs its credential, and no page of another origin opens one', async () => {
  const upgrade = ['connection: Upgrade', 'upgrade: websocket', 'sec-websocket-version: 13', 'sec-websocket-key: eA=='];
  const stream = ['accept: text/event-stream'];
  for (const headers of [upgrade, stream]) {
    const without = await from(null, 'GET', '/api/v1/events', { headers });
    expect([without.status, /101 |text\/event-stream/.test(without.headers)]).toEqual([401, false]);
    const foreign = await from('admin', 'GET', '/api/v1/events', {
      headers: [...headers, 'origin: http://evil.example'],
    });
    expect([foreign.status, foreign.code]).toEqual([403, 'RSE4106']);
  }
});

test('row 7: no answer of a listener lets a page of another origin read it, or sets a cookie', async () => {
  for (const [who, method, path] of [
    ['admin', 'GET', '/api/v1/services/status'],
    [null, 'GET', '/api/v1/services/status'],
    [null, 'OPTIONS', '/api/v1/system/stop'],
    [null, 'GET', '/healthz'],
  ] as const) {
    const { headers } = await from(who, method, path);
    expect(headers.toLowerCase()).not.toMatch(/access-control-|set-cookie|^server:|x-powered-by/m);
    expect(headers.toLowerCase()).toContain('x-content-type-options: nosniff');
  }
});

test.for(['viewer', 'operator'])('row 11: who is %s defines nothing', async (who) => {
  const body = JSON.stringify({ name: 'shop', services: { evil: { command: ['/bin/sleep', '1000'] } } });
  for (const [method, path] of [
    ['PUT', '/api/v1/definition'],
    ['POST', '/api/v1/definition/load'],
    ['POST', '/api/v1/tokens'],
  ] as const) {
    const attack = () => from(who, method, path, { body, headers: ['if-match: *'] });
    expect(await ground.refusedWithoutTrace(attack, { status: 403, code: 'RSE4113', recorded: 'denied' })).toBe(
      'refused',
    );
  }
});

/** The status that somebody of a group gets at a socket; 0: the kernel keeps him out. */
function statusAt(socket: string, gid: number, [method, path]: readonly [method: string, path: string]): number {
  const body = method === 'POST' ? ['-H', 'content-type: application/json', '-d', STOP] : [];
  const words = ['curl', '-s', '-o', '/dev/null', '-w', '%{http_code}', '--unix-socket', socket, '-X', method, ...body];
  return Number(asStranger([...words, `http://localhost${path}`], 61_184, gid).text);
}

test('row 1: the socket of a group is for that group alone, and gives its role and no more', async () => {
  const { socket, operateSocket, viewSocket } = ground.shop.paths;
  const before = await ground.stateOf();
  const look = ['GET', '/api/v1/services/status'] as const;
  const start = ['POST', '/api/v1/services/web/restart'] as const;
  const stop = ['POST', '/api/v1/system/stop'] as const;
  for (const gid of [OPERATORS, VIEWERS, 61_184]) expect(statusAt(socket, gid, stop)).toBe(0);
  expect([look, stop].map((what) => statusAt(operateSocket, OPERATORS, what))).toEqual([200, 403]);
  expect([look, start, stop].map((what) => statusAt(viewSocket, VIEWERS, what))).toEqual([200, 403, 403]);
  expect([VIEWERS, 61_184].map((gid) => statusAt(operateSocket, gid, look))).toEqual([0, 0]);
  expect([OPERATORS, 61_184].map((gid) => statusAt(viewSocket, gid, look))).toEqual([0, 0]);
  const { runtime, state } = ground.shop.paths;
  for (const folder of [runtime, state])
    expect(asStranger(['ls', folder], 61_184, OPERATORS).text).toContain('Permission denied');
  expect(await ground.stateOf()).toEqual(before);
});

test('row 8: who guesses is told to wait, and who holds a credential is let in meanwhile', async () => {
  const before = await ground.stateOf();
  const statuses: number[] = [];
  for (let nth = 0; nth < 15; nth += 1) {
    const headers = [`authorization: Bearer rse_${String(nth).padStart(43, 'x')}`];
    statuses.push((await from(null, 'GET', '/api/v1/system', { headers })).status);
  }
  expect(statuses.slice(0, 3)).toEqual([401, 401, 401]);
  expect(statuses.slice(-3)).toEqual([429, 429, 429]);
  expect((await from('viewer', 'GET', '/api/v1/services/status')).status).toBe(200);
  expect(await ground.stateOf()).toEqual(before);
});

test('row 8: each refusal of these attacks is on record, and no credential is', async () => {
  expect(await ground.onRecord()).toBe('on record');
  const text = JSON.stringify(ground.records());
  for (const credential of Object.values(credentials)) expect(text).not.toContain(credential);
});
