import { describe, expect, test } from 'vitest';
import { FAILURES_A_MINUTE } from '../../src/api/rates.ts';
import { ask, codeOf, farDoor, tcpDoor } from './given-door.ts';
import { token } from './fake-access.ts';
import { givenApp } from './given.ts';

const STATUS = '/api/v1/services/status';

test('without a credential only whether the daemon lives is told', async () => {
  const { app } = givenApp(tcpDoor());
  const open = await ask(app, '/healthz');
  expect([open.status, await open.text()]).toEqual([200, '{"status":"ok"}']);
  for (const path of ['/readyz', '/openapi.json', '/docs/errors/RSE4112', '/api/v1/system', '/', '/nothing']) {
    const response = await ask(app, path);
    expect([path, response.status, response.headers.get('www-authenticate')]).toEqual([path, 401, 'Bearer']);
  }
});

describe('a credential is refused', () => {
  test.for([
    ['that is unknown', 'Bearer rse_nobody'],
    ['with another word in front', 'Basic rse_admin'],
    ['with a line in it', 'Bearer rse_admin x'],
    ['that is empty', 'Bearer '],
    ['that is very long', `Bearer rse_${'a'.repeat(5000)}`],
  ] as const)('%s', async ([, authorization]) => {
    const response = await ask(givenApp(tcpDoor()).app, STATUS, { headers: { authorization } });
    expect([response.status, await codeOf(response)]).toEqual([401, 'RSE4112']);
  });

  test('in an address, however valid it is, and is not repeated', async () => {
    const { app, tokens } = givenApp(tcpDoor());
    const long = 'a'.repeat(43);
    tokens.known = [token('admin', { name: long })];
    for (const query of [`token=rse_${long}`, `access_token=rse_${long}`, `q=rse_${long}`]) {
      const response = await ask(app, `${STATUS}?${query}`, { token: long });
      const text = await response.text();
      expect(response.status).toBe(401);
      expect(text).toContain('authorization: Bearer');
      expect(text).not.toContain(long);
    }
  });

  test('on a unix socket by nobody: its file is the credential', async () => {
    const response = await givenApp().get(STATUS, { authorization: 'Bearer rse_nobody' });
    expect(response.status).toBe(200);
  });
});

describe('wrong credentials of one source', () => {
  const fail = (app: Parameters<typeof ask>[0], remote: string): Promise<Response> =>
    ask(app, STATUS, { token: 'wrong', remote });

  test('are looked at ten times a minute, then it is told to wait', async () => {
    const { app, clock } = givenApp(tcpDoor());
    const codes = [];
    for (let count = 0; count < FAILURES_A_MINUTE + 1; count += 1)
      codes.push(await codeOf(await fail(app, '10.1.1.1')));
    expect(codes).toEqual([...Array.from({ length: FAILURES_A_MINUTE }, () => 'RSE4112'), 'RSE4116']);
    const late = await fail(app, '10.1.1.1');
    expect([late.status, late.headers.get('retry-after')]).toEqual([429, '60']);
    expect((await fail(app, '10.1.1.2')).status).toBe(401);
    clock.advance(60_000);
    expect((await fail(app, '10.1.1.1')).status).toBe(401);
  });

  test('do not keep out who has a valid one', async () => {
    const { app } = givenApp(tcpDoor());
    for (let count = 0; count < 20; count += 1) await fail(app, '127.0.0.1');
    expect((await ask(app, STATUS, { token: 'viewer' })).status).toBe(200);
  });

  test('count for the network of 64 bits that an address of IPv6 lies in', async () => {
    const { app } = givenApp(tcpDoor());
    for (let count = 0; count < FAILURES_A_MINUTE; count += 1) await fail(app, `2001:db8::${count.toString(16)}`);
    expect((await fail(app, '2001:db8::ffff')).status).toBe(429);
    expect((await fail(app, '2001:db8:0:1::1')).status).toBe(401);
  });

  test('count for the client that a trusted proxy names, and for no other that is named', async () => {
    const { app } = givenApp(farDoor());
    const from = (remote: string, forwarded: string): Promise<Response> =>
      ask(app, STATUS, { token: 'wrong', remote, headers: { 'x-forwarded-for': forwarded } });
    for (let count = 0; count < FAILURES_A_MINUTE; count += 1) await from('10.0.0.1', `1.2.3.${count}, 9.9.9.9`);
    expect((await from('10.0.0.1', '9.9.9.9')).status).toBe(429);
    expect((await from('10.0.0.1', '8.8.8.8')).status).toBe(401);
    // Not a proxy: what it claims to speak for is not believed.
    expect((await from('7.7.7.7', '9.9.9.9')).status).toBe(401);
  });
});
