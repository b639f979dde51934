// The checks that come before the route is looked up, in their order.
import { describe, expect, test } from 'vitest';
import { socketDoor } from '../../src/api/door.ts';
import { type Asking, PLACE, ask, codeOf, tcpDoor } from './given-door.ts';
import { givenApp } from './given.ts';

const STATUS = '/api/v1/services/status';
const answers = async (path: string, asking: Asking): Promise<string> => {
  const response = await ask(givenApp(tcpDoor()).app, path, asking);
  return response.status < 400 ? String(response.status) : `${response.status} ${await codeOf(response)}`;
};

describe('a listener on an address answers', () => {
  test.for([PLACE, 'localhost:7878', 'LOCALHOST:7878', '[::1]:7878'])('to its own name %s', async (host) => {
    expect(await answers(STATUS, { token: 'viewer', hosts: [host] })).toBe('200');
  });

  test.for([
    ['a name that was pointed here', ['evil.example:7878']],
    ['its name with another port', ['127.0.0.1:7879']],
    ['its name without the port', ['127.0.0.1']],
    ['the address that means any', ['0.0.0.0:7878']],
    ['a name that begins like its own', ['127.0.0.1:7878.evil.example']],
    ['two names, of which the first is its own', [PLACE, 'evil.example']],
    ['the same name twice', [PLACE, PLACE]],
    ['no name', []],
  ] as const)('with 421 to %s', async ([, hosts]) => {
    for (const path of [STATUS, '/healthz', '/nothing', '/api/v1/events'])
      expect(await answers(path, { token: 'admin', hosts })).toBe('421 RSE4105');
  });
});

test('a unix socket takes any one name that looks like one', async () => {
  const { app } = givenApp(socketDoor('unix:view.sock', 'viewer'));
  const statuses = [];
  for (const hosts of [['localhost'], ['anything.example:1'], ['a', 'b'], ['<x>'], ['']])
    statuses.push((await ask(app, STATUS, { hosts })).status);
  expect(statuses).toEqual([200, 200, 421, 421, 421]);
});

describe('a page', () => {
  test.for([
    [{ origin: `http://${PLACE}` }, '200'],
    [{ 'sec-fetch-site': 'same-origin' }, '200'],
    [{ origin: `https://${PLACE}` }, '403 RSE4106'],
    [{ origin: 'http://localhost' }, '403 RSE4106'],
    [{ origin: 'http://127.0.0.1:3000' }, '403 RSE4106'],
    [{ origin: 'null' }, '403 RSE4106'],
    [{ 'sec-fetch-site': 'cross-site' }, '403 RSE4106'],
    [{ 'sec-fetch-site': 'same-site' }, '403 RSE4106'],
  ] as const)('with %o is answered %s', async ([headers, answer]) => {
    expect(await answers(STATUS, { token: 'admin', headers })).toBe(answer);
  });

  test('is never told that it may read the answer, nor given a cookie', async () => {
    const { app } = givenApp(tcpDoor());
    const headers = { origin: 'https://evil.example', 'access-control-request-method': 'POST' };
    for (const method of ['OPTIONS', 'GET', 'POST']) {
      const response = await ask(app, STATUS, { method, headers, token: 'admin' });
      expect(response.status).toBe(403);
      expect([...response.headers.keys()].filter((name) => /^access-control|^set-cookie/.test(name))).toEqual([]);
    }
  });
});

test('each check comes before those that stand after it, and the route comes last', async () => {
  const foreign = {
    hosts: ['evil.example'],
    headers: { origin: 'null', 'content-type': 'text/plain', 'content-length': '2' },
  };
  const long = `/nothing?q=${'a'.repeat(9000)}`;
  const method = 'POST';
  expect(await answers(long, { ...foreign, method })).toBe('421 RSE4105');
  expect(await answers(long, { ...foreign, method, hosts: [PLACE] })).toBe('403 RSE4106');
  const own = { 'content-type': 'text/plain', 'content-length': '2' };
  expect(await answers(long, { method, headers: own })).toBe('414 RSE4108');
  expect(await answers('/nothing', { method, headers: own })).toBe('415 RSE4104');
  expect(await answers('/nothing', { method })).toBe('401 RSE4112');
  expect(await answers('/nothing', { method, token: 'viewer' })).toBe('404 RSE4003');
  expect(await answers(STATUS, { method, token: 'viewer' })).toBe('405 RSE4004');
});

test('whoever is turned away is put on record, with the reason and without the credential', async () => {
  const { app, audit } = givenApp(tcpDoor());
  await ask(app, '/api/v1/system?x=1', { hosts: ['evil.example'] });
  await ask(app, STATUS, { token: 'wrong' });
  await ask(app, '/api/v1/definition', { token: 'viewer' });
  expect(audit.entries.map(({ stage, outcome, status, reason }) => [stage, outcome, status, reason])).toEqual([
    ['denied', 'denied', 421, 'RSE4105'],
    ['denied', 'denied', 401, 'RSE4112'],
    ['denied', 'denied', 403, 'RSE4113'],
  ]);
  const [first, , last] = audit.entries;
  expect(first).toMatchObject({ remote: '127.0.0.1:50122', params: { method: 'GET', path: '/api/v1/system' } });
  expect(last?.actor).toMatchObject({ via: 'tcp', token: 'tok_viewer', name: 'viewer', role: 'viewer' });
  expect(JSON.stringify(audit.entries)).not.toContain('rse_');
});
