// What holds for every route: who is let in, what is read, what a refusal looks like.
import { describe, expect, test } from 'vitest';
import { ROUTES } from '../../src/api/routes.ts';
import { contentOf, givenApp } from './given.ts';

const STATUS = '/api/v1/services/status';

async function problemOf(response: Response): Promise<Record<string, unknown>> {
  expect(response.headers.get('content-type')).toBe('application/problem+json; charset=utf-8');
  return (await response.json()) as Record<string, unknown>;
}

test('every answer carries the headers that keep it private', async () => {
  const response = await givenApp().get(STATUS);
  expect(Object.fromEntries(response.headers)).toEqual({
    'cache-control': 'no-store',
    'content-type': 'application/json; charset=utf-8',
    'cross-origin-resource-policy': 'same-origin',
    'x-content-type-options': 'nosniff',
    'x-request-id': expect.stringMatching(/^req_[0-9A-Z]{26}-1$/) as string,
  });
});

test('a refusal is a problem document with the id of its request', async () => {
  const response = await givenApp().get('/api/v1/services/nope');
  const problem = await problemOf(response);
  expect(response.status).toBe(404);
  expect(problem).toEqual({
    type: '/docs/errors/RSE4001',
    title: 'Unknown service',
    status: 404,
    detail: 'cannot find "nope": there is no such service',
    success: false,
    code: 'RSE4001',
    instance: '/api/v1/services/nope',
    request_id: response.headers.get('x-request-id'),
    errors: [],
  });
});

test('an unknown path is refused with 404', async () => {
  const response = await givenApp().get('/api/v1/nothing');
  expect(response.status).toBe(404);
  expect(await problemOf(response)).toMatchObject({ code: 'RSE4003' });
});

test('a method that the path does not have is refused with what it has', async () => {
  const response = await givenApp().app.request('/api/v1/definition', { method: 'DELETE' });
  expect(response.status).toBe(405);
  expect(response.headers.get('allow')).toBe('GET, PUT, HEAD');
  expect(await problemOf(response)).toMatchObject({ code: 'RSE4004' });
});

test('HEAD answers as GET does, without a body', async () => {
  const response = await givenApp().app.request(STATUS, { method: 'HEAD' });
  expect([response.status, await response.text()]).toEqual([200, '']);
});

describe('a request of a web page is refused', () => {
  test.for([
    [{ origin: 'null' }, 'RSE4106'],
    [{ origin: 'http://localhost' }, 'RSE4106'],
    [{ 'sec-fetch-site': 'cross-site' }, 'RSE4106'],
    [{ 'sec-fetch-site': 'same-site' }, 'RSE4106'],
  ] as const)('with %o', async ([headers, code]) => {
    const response = await givenApp().get(STATUS, headers);
    expect(response.status).toBe(403);
    expect(await problemOf(response)).toMatchObject({ code });
  });
});

test('an address of more than 8,192 characters is refused with 414', async () => {
  const response = await givenApp().get(`${STATUS}?q=${'a'.repeat(8200)}`);
  expect(response.status).toBe(414);
  expect(await problemOf(response)).toMatchObject({ code: 'RSE4108' });
});

describe('a body is refused', () => {
  const send = (body: string, type = 'application/json'): Promise<Response> =>
    Promise.resolve(
      givenApp().app.request('/api/v1/changes', { method: 'POST', headers: { 'content-type': type }, body }),
    );

  test.for([
    ['text/plain', 415, 'RSE4104'],
    ['application/json\t; charset=utf-8', 415, 'RSE4104'],
    ['application/json; charset=latin1', 415, 'RSE4104'],
    ['application/jsonx', 415, 'RSE4104'],
    ['multipart/form-data; boundary=application/json', 415, 'RSE4104'],
  ] as const)('with the content type %s', async ([type, status, code]) => {
    const response = await send('{"action":"up"}', type);
    expect(response.status).toBe(status);
    expect(await problemOf(response)).toMatchObject({ code });
  });

  test.for([
    ['that is not JSON', '{"action":', 400, 'RSE4101'],
    ['that is empty', '', 400, 'RSE4101'],
    ['that is nested deeper than 32', '['.repeat(33) + ']'.repeat(33), 400, 'RSE4101'],
    ['with a key that reaches a prototype', '{"action":"up","options":{"__proto__":{}}}', 400, 'RSE4101'],
    ['with a constructor', '{"constructor":{}}', 400, 'RSE4101'],
    ['above 256 KiB', JSON.stringify({ action: 'up', services: ['a'.repeat(256 * 1024)] }), 413, 'RSE4103'],
    ['with a number where a word belongs', '{"action":1}', 422, 'RSE4102'],
    ['with a word that is not known', '{"action":"fly"}', 422, 'RSE4102'],
    ['with "true" in place of true', '{"action":"up","dry_run":"true"}', 422, 'RSE4102'],
    ['with a list in place of a table', '[]', 422, 'RSE4102'],
  ] as const)('%s', async ([, body, status, code]) => {
    const response = await send(body);
    expect(response.status).toBe(status);
    expect(await problemOf(response)).toMatchObject({ code, success: false });
  });

  test('with an unknown key, naming the nearest', async () => {
    const response = await send('{"action":"up","servces":["web"]}');
    expect(await problemOf(response)).toMatchObject({
      code: 'RSE4102',
      hint: 'did you mean "services"',
      errors: [{ pointer: '/servces', message: 'unknown key "servces"', suggestion: 'services' }],
    });
  });
});

test('a body of exactly 256 KiB is read', async () => {
  const given = givenApp();
  const frame = JSON.stringify({ action: 'up', services: [''] });
  const body = frame + ' '.repeat(256 * 1024 - frame.length);
  const headers = { 'content-type': 'application/json' };
  const response = await given.app.request('/api/v1/changes', { method: 'POST', headers, body });
  expect(response.status).toBe(404);
});

test.for(['?nothing=1', '?ask=1', '?ask=true&ask=true', '?ask=yes'])('the query %s is refused', async (query) => {
  const response = await givenApp().get(`/api/v1/services/web/health${query}`);
  expect(response.status).toBe(422);
  expect(await problemOf(response)).toMatchObject({ code: 'RSE4102' });
});

test('a name of more than 70 characters is refused before it is looked up', async () => {
  const response = await givenApp().get(`/api/v1/services/${'a'.repeat(71)}`);
  expect(response.status).toBe(422);
});

test('a fault of ours tells its id and nothing else', async () => {
  const given = givenApp();
  given.supervisor.refuse = new TypeError('a secret detail');
  const response = await given.post('/api/v1/changes', { action: 'up' });
  const problem = await problemOf(response);
  expect(response.status).toBe(500);
  expect(problem).toMatchObject({ code: 'RSE9001', request_id: response.headers.get('x-request-id') });
  expect(JSON.stringify(problem)).not.toContain('secret');
  expect(given.reported).toEqual([given.supervisor.refuse]);
});

test('every route names a role, and no path and method stand there twice', () => {
  const lines = ROUTES.map(({ method, path }) => `${method} ${path}`);
  expect(new Set(lines).size).toBe(lines.length);
  const open = ROUTES.filter(({ role }) => !['viewer', 'operator', 'admin'].includes(role));
  expect(open.map(({ path, role }) => `${path} ${role}`)).toEqual(['/healthz anyone']);
});

test('whatever defines, ends or reads the definition, or tells what is in an environment, is for admins', () => {
  const admins = ROUTES.filter(({ role }) => role === 'admin').map(({ method, path }) => `${method} ${path}`);
  expect(admins).toEqual([
    'POST /api/v1/services/{name}/launch',
    'GET /api/v1/definition',
    'PUT /api/v1/definition',
    'POST /api/v1/definition/validate',
    'POST /api/v1/definition/load',
    'POST /api/v1/definition/reload',
    'POST /api/v1/system/stop',
    'POST /api/v1/system/watch',
    'GET /api/v1/audit',
    'GET /api/v1/audit/head',
    'POST /api/v1/audit/verify',
    'GET /api/v1/tokens',
    'POST /api/v1/tokens',
    'DELETE /api/v1/tokens/{id}',
  ]);
});

test('every route that changes something is a POST or a PUT, and every other is a GET', () => {
  const readingPosts = ['/api/v1/plan', '/api/v1/definition/validate'];
  const viewers = ROUTES.filter(({ role, method }) => role === 'viewer' && method !== 'GET').map(({ path }) => path);
  expect(viewers).toEqual(readingPosts.slice(0, 1));
});

describe('an Idempotency-Key', () => {
  const key = { 'idempotency-key': 'k-1' };

  test('makes an order that is sent twice count once', async () => {
    const given = givenApp();
    const first = await given.post('/api/v1/changes', { action: 'up' }, key);
    const second = await given.post('/api/v1/changes', { action: 'up' }, key);
    expect(given.supervisor.asked).toHaveLength(1);
    expect([second.status, second.headers.get('location')]).toEqual([202, '/api/v1/changes/1']);
    expect(second.headers.get('idempotency-replayed')).toBe('true');
    expect(await contentOf(second)).toEqual(await contentOf(first));
  });

  test('with another body is refused', async () => {
    const given = givenApp();
    await given.post('/api/v1/changes', { action: 'up' }, key);
    const response = await given.post('/api/v1/changes', { action: 'down' }, key);
    expect(response.status).toBe(422);
    expect(await problemOf(response)).toMatchObject({ code: 'RSE4107' });
  });

  test('of an order that is still being answered is refused', async () => {
    const given = givenApp();
    const first = given.post('/api/v1/changes?wait=10s', { action: 'up' }, key);
    await given.supervisor.ordered;
    const response = await given.post('/api/v1/changes?wait=10s', { action: 'up' }, key);
    expect(response.status).toBe(409);
    expect(await problemOf(response)).toMatchObject({ code: 'RSE4110' });
    given.supervisor.endChange('1');
    expect((await first).status).toBe(200);
  });

  test('of a refused order may be sent again', async () => {
    const given = givenApp();
    given.supervisor.refuse = new Error('broken');
    await given.post('/api/v1/changes', { action: 'up' }, key);
    given.supervisor.refuse = null;
    const response = await given.post('/api/v1/changes', { action: 'up' }, key);
    expect(response.status).toBe(202);
  });

  test('is forgotten after 24 hours', async () => {
    const given = givenApp();
    await given.post('/api/v1/changes', { action: 'up' }, key);
    given.clock.advance(24 * 3_600_000 + 1);
    await given.post('/api/v1/changes', { action: 'up' }, key);
    expect(given.supervisor.asked).toHaveLength(2);
  });

  test('that is not printable is refused', async () => {
    const response = await givenApp().post('/api/v1/changes', { action: 'up' }, { 'idempotency-key': 'a b' });
    expect(response.status).toBe(400);
  });
});
