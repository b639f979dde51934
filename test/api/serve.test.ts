// Who may do what: every route of the table, asked by everybody.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import type { Route } from '../../src/api/route.ts';
import { ROUTES } from '../../src/api/routes.ts';
import { isMutation } from '../../src/api/serve.ts';
import { ConnectionError } from '../../src/model/errors.ts';
import { PLAIN_POLICY } from '../../src/model/policy.ts';
import { ROLES, mayUse } from '../../src/model/role.ts';
import { token } from './fake-access.ts';
import { definition, spec } from './fake-supervisor.ts';
import { ask, codeOf, farDoor, tcpDoor } from './given-door.ts';
import { givenApp } from './given.ts';

const nameOf = ({ method, path }: Pick<Route, 'method' | 'path'>): string => `${method} ${path}`;
const addressOf = ({ path }: Route): string => path.replaceAll('{name}', 'web').replaceAll(/\{\w+\}/g, '1');
const asked = (route: Route, name: string | null): Promise<Response> =>
  ask(givenApp(tcpDoor()).app, addressOf(route), {
    method: route.method,
    ...(name === null ? {} : { token: name }),
    ...(route.body === undefined ? {} : { body: {} }),
  });

describe.each(ROUTES.map((route) => [nameOf(route), route] as const))('%s', (_, route) => {
  test('is for its role and those above it', async () => {
    const nobody = await asked(route, null);
    expect(nobody.status).toBe(route.role === 'anyone' ? 200 : 401);
    await nobody.body?.cancel();
    for (const role of ROLES) {
      const response = await asked(route, role);
      const isAllowed = route.role === 'anyone' || mayUse(role, route.role);
      const isHidden = role === 'viewer' && route.path.endsWith('/logs');
      const code = response.status === 403 ? await codeOf(response) : null;
      expect([role, response.status === 401, code]).toEqual([role, false, isAllowed && !isHidden ? null : 'RSE4113']);
      if (code === null) await response.body?.cancel();
    }
  });
});

test('the table of roles holds: what is defined, shown in full, or ended for good is for admins', () => {
  const of = (role: string): string[] => ROUTES.filter((route) => route.role === role).map(nameOf);
  expect(of('anyone')).toEqual(['GET /healthz']);
  expect(of('operator')).toEqual([
    'POST /api/v1/services/{name}/signal',
    'POST /api/v1/pins',
    'POST /api/v1/changes',
    'POST /api/v1/services/{name}/start',
    'POST /api/v1/services/{name}/stop',
    'POST /api/v1/services/{name}/restart',
    'POST /api/v1/changes/{id}/abort',
    'POST /api/v1/services/{name}/scale',
    'POST /api/v1/lease',
    'POST /api/v1/lease/{id}/detach',
  ]);
  const viewers = ROUTES.filter(({ role }) => role === 'viewer');
  expect(viewers.filter((route) => isMutation(route)).map(nameOf)).toEqual([]);
});

test('the description says of every operation its role and its credential', () => {
  const file = readFileSync(join(import.meta.dirname, '../../schema/openapi.json'), 'utf8');
  const { paths } = JSON.parse(file) as { paths: Record<string, Record<string, Record<string, unknown>>> };
  for (const { method, path, role } of ROUTES) {
    const operation = paths[path]?.[method.toLowerCase()];
    expect([path, operation?.['x-rouse-role'], operation?.['security']]).toEqual([
      path,
      role,
      role === 'anyone' ? [] : [{ token: [] }],
    ]);
  }
});

describe('an operator', () => {
  const order = async (path: string, body: object): Promise<string> => {
    const response = await ask(givenApp(tcpDoor()).app, path, { method: 'POST', token: 'operator', body });
    return response.status < 400 ? 'done' : codeOf(response);
  };

  test.for(['SIGTERM', 'SIGHUP', 'SIGUSR1', 'SIGUSR2', 'SIGINT'])('sends %s', async (signal) => {
    expect(await order('/api/v1/services/web/signal', { signal })).toBe('done');
  });

  test.for(['SIGKILL', 'SIGSTOP', 'SIGSEGV', 'SIGQUIT'])('does not send %s', async (signal) => {
    expect(await order('/api/v1/services/web/signal', { signal })).toBe('RSE4113');
  });

  test('neither kills without a word, nor runs what is not started by itself, nor holds the whole project', async () => {
    expect(await order('/api/v1/services/web/stop', { grace: 'none' })).toBe('RSE4113');
    expect(await order('/api/v1/changes', { action: 'run', services: ['web'] })).toBe('RSE4113');
    expect(await order('/api/v1/lease', { scope: 'all' })).toBe('RSE4113');
    expect(await order('/api/v1/changes', { action: 'stop', services: ['web'] })).toBe('done');
  });
});

describe('definitions from beyond this machine', () => {
  const routes = ROUTES.filter(({ takes }) => takes === 'definitions');
  const put = async (door = farDoor(), given = givenApp(door)): Promise<string[]> => {
    const codes = [];
    for (const route of routes) {
      const response = await ask(given.app, addressOf(route), {
        method: route.method,
        token: 'admin',
        body: {},
        remote: '9.9.9.9',
      });
      codes.push(response.status < 400 ? 'taken' : await codeOf(response));
    }
    return codes;
  };

  test('are refused, whoever sends them', async () => {
    expect(routes.map(nameOf)).toEqual([
      'PUT /api/v1/definition',
      'POST /api/v1/definition/validate',
      'POST /api/v1/definition/load',
      'POST /api/v1/definition/reload',
    ]);
    expect(await put()).toEqual(routes.map(() => 'RSE4118'));
  });

  test('are refused also when a proxy on this machine hands them on', async () => {
    const { app } = givenApp(tcpDoor({ isProxy: () => true }));
    const headers = { 'x-forwarded-for': '9.9.9.9' };
    const response = await ask(app, '/api/v1/definition/validate', {
      method: 'POST',
      token: 'admin',
      body: {},
      headers,
    });
    expect(await codeOf(response)).toBe('RSE4118');
  });

  test('are taken where the rules allow it', async () => {
    const given = givenApp(farDoor());
    const policy = { ...PLAIN_POLICY, remoteDefinitions: 'allowed' } as const;
    given.supervisor.definitionNow = definition([spec('web')], { policy });
    expect(await put(farDoor(), given)).not.toContain('RSE4118');
  });
});

describe('an order is on record', () => {
  const stop = { method: 'POST', token: 'operator', body: {} } as const;

  test('before it is carried out, and with its result after', async () => {
    const { app, audit } = givenApp(tcpDoor());
    await ask(app, '/api/v1/services/web/stop', stop);
    expect(audit.entries).toMatchObject([
      { stage: 'request', action: 'service.stop', target: 'web', outcome: null, actor: { token: 'tok_operator' } },
      { stage: 'done', action: 'service.stop', target: 'web', outcome: 'ok', status: 202 },
    ]);
    expect(new Set(audit.entries.map(({ request }) => request)).size).toBe(1);
  });

  test('by the word of what is asked where one address takes several', async () => {
    const { app, audit } = givenApp(tcpDoor());
    await ask(app, '/api/v1/changes', { ...stop, body: { action: 'restart', services: ['web'] } });
    expect(audit.entries[0]).toMatchObject({ action: 'service.restart', target: 'web', params: { services: ['web'] } });
  });

  test('or it is not carried out', async () => {
    const given = givenApp(tcpDoor());
    given.audit.refuse = new ConnectionError('RSE4119', 'cannot put it on record: the disk is full');
    const response = await ask(given.app, '/api/v1/services/web/stop', stop);
    expect([response.status, await codeOf(response)]).toEqual([503, 'RSE4119']);
    expect(given.supervisor.asked).toEqual([]);
    expect((await ask(given.app, '/api/v1/services', { token: 'viewer' })).status).toBe(200);
  });

  test('once, however often it is sent with its key; and the key is that of its sender alone', async () => {
    const given = givenApp(tcpDoor());
    const keyed = { ...stop, headers: { 'idempotency-key': 'k' } };
    for (const who of ['operator', 'operator', 'admin'])
      await ask(given.app, '/api/v1/services/web/stop', { ...keyed, token: who });
    expect(given.supervisor.asked).toHaveLength(2);
    expect(given.audit.entries.filter(({ stage }) => stage === 'request')).toHaveLength(2);
  });

  test('unless it only asks what would happen', async () => {
    const { app, audit } = givenApp(tcpDoor());
    await ask(app, '/api/v1/services/web/stop', { ...stop, body: { dry_run: true } });
    await ask(app, '/api/v1/plan', { ...stop, body: { action: 'up' } });
    expect(audit.entries).toEqual([]);
  });

  test.for(ROUTES.filter((route) => isMutation(route)).map((route) => [nameOf(route), route] as const))(
    '%s has a word of its own',
    async ([, route]) => {
      expect(route.action).toMatch(/^[a-z]+\.[a-z-]+$/);
    },
  );
});

test('faults tell admins where they are, and others that they are', async () => {
  const tell = async (role: 'operator' | 'admin'): Promise<string> => {
    const given = givenApp(tcpDoor());
    given.tokens.known = [token(role)];
    given.supervisor.refuse = new ConnectionError('RSE3008', 'cannot write "/var/lib/rouse/shop/rouse.db": no room', {
      hint: 'make room on /var/lib; see GET /api/v1/system',
    });
    return (await ask(given.app, '/api/v1/services/web/stop', { method: 'POST', token: role, body: {} })).text();
  };
  expect(await tell('admin')).toContain('/var/lib/rouse/shop/rouse.db');
  const kept = await tell('operator');
  expect(kept).not.toContain('/var/lib');
  expect(kept).toContain('GET /api/v1/system');
});
