// What somebody sees and does whose token reaches the service "web", which needs "db".
import { describe, expect, test } from 'vitest';
import { reaching } from '../../src/api/reach.ts';
import { token } from './fake-access.ts';
import { change, fakeSupervisor, phaseBody, record, view } from './fake-supervisor.ts';
import { type Asking, ask, codeOf, tcpDoor } from './given-door.ts';
import { type Given, contentOf, givenApp } from './given.ts';

function givenScoped(services: readonly string[] = ['web']): Given {
  const given = givenApp(tcpDoor());
  given.tokens.known = [token('admin', { name: 'me', services })];
  given.supervisor.views = [view('db'), view('web', { dependsOn: ['db'], waitingFor: ['db'] })];
  return given;
}

const read = async <T>(given: Given, path: string): Promise<T> =>
  contentOf<T>(await ask(given.app, path, { token: 'me' }));
const order = (given: Given, path: string, body: object = {}): Promise<Response> =>
  ask(given.app, path, { method: 'POST', token: 'me', body });
const nameOf = ({ name }: { readonly name: string }): string => name;

describe('only what is reached is shown', () => {
  test('in every list', async () => {
    const given = givenScoped();
    for (const path of ['/api/v1/services', '/api/v1/services/list', '/api/v1/services/status'])
      expect((await read<{ name: string }[]>(given, path)).map(nameOf)).toEqual(['web']);
    const [web] = await read<Record<string, unknown>[]>(given, '/api/v1/services');
    expect(web).toMatchObject({ depends_on: [], waiting_for: [] });
    expect(await read(given, '/api/v1/graph')).toMatchObject({ services: ['web'], edges: [], waves: [['web']] });
    expect(await read(given, '/api/v1/system')).toMatchObject({ services: 1 });
  });

  test('and no difference is told between what is not reached and what is not there', async () => {
    const given = givenScoped();
    for (const name of ['db', 'nothing'])
      for (const part of ['', '/health', '/explain', '/checks', '/impact', '/events', '/logs']) {
        const response = await ask(given.app, `/api/v1/services/${name}${part}`, { token: 'me' });
        expect([name, part, response.status, await codeOf(response)]).toEqual([name, part, 403, 'RSE4114']);
      }
  });

  test('in events that are kept, and in those that come', async () => {
    const given = givenScoped();
    given.supervisor.kept = [record(1, phaseBody('db')), record(2, phaseBody('web'))];
    const kept = await read<{ seq: number }[]>(given, '/api/v1/events');
    expect(kept.map(({ seq }) => seq)).toEqual([2]);
    const seen = reaching(given.supervisor, ['web']).subscribe(
      { types: [], services: [], capacity: 9 },
      given.ending.signal,
    );
    const next = seen[Symbol.asyncIterator]().next();
    given.supervisor.publish(record(3, phaseBody('db')));
    given.supervisor.publish(record(4, phaseBody('web')));
    expect((await next).value).toMatchObject({ seq: 4 });
    given.ending.abort();
  });

  test('of a change that others have a part in', async () => {
    const given = givenScoped();
    const [task] = change('1').tasks;
    const tasks = task === undefined ? [] : [task, { ...task, service: 'db', id: '1.2' }];
    given.supervisor.known = [
      change('1', { services: ['db', 'web'], summary: 'start db, web', tasks }),
      change('2', { services: ['db'], tasks: [] }),
    ];
    const changes = await read<{ id: string; services: string[]; summary: string; tasks: object[] }[]>(
      given,
      '/api/v1/changes',
    );
    expect(changes).toMatchObject([{ id: '1', services: ['web'], summary: 'start web' }]);
    expect(changes[0]?.tasks).toHaveLength(1);
    expect(JSON.stringify(changes)).not.toContain('db');
    const hidden = await ask(given.app, '/api/v1/changes/2', { token: 'me' });
    expect([hidden.status, await codeOf(hidden)]).toEqual([404, 'RSE4002']);
  });

  test('of a cause that lies elsewhere: that there is one', async () => {
    const body = { ...phaseBody('web'), reason: { code: 'dependency', service: 'db' }, text: 'db failed' } as const;
    const given = givenScoped();
    given.supervisor.kept = [record(1, body)];
    expect(JSON.stringify(await read(given, '/api/v1/events'))).not.toContain('db');
  });
});

describe('an order is refused whole', () => {
  const REFUSED = { status: 403, code: 'RSE4114', asked: [], signals: [] };
  const result = async (given: Given, path: string, body: object = {}): Promise<object> => {
    const response = await order(given, path, body);
    const { asked, signals } = given.supervisor;
    return { status: response.status, code: await codeOf(response), asked, signals };
  };

  test('when it names a service that is not reached, alone or among others', async () => {
    const given = givenScoped();
    for (const action of ['start', 'stop', 'restart'])
      expect(await result(given, `/api/v1/services/db/${action}`)).toEqual(REFUSED);
    expect(await result(given, '/api/v1/services/db/signal', { signal: 'SIGHUP' })).toEqual(REFUSED);
    expect(await result(given, '/api/v1/services/db/scale', { replicas: 2 })).toEqual(REFUSED);
    expect(await result(given, '/api/v1/changes', { action: 'stop', services: ['web', 'db'] })).toEqual(REFUSED);
    expect(await result(givenScoped(), '/api/v1/pins', { services: ['web', 'db'], pin: 'down' })).toEqual(REFUSED);
  });

  test('when it would touch one as a dependency', async () => {
    const given = givenScoped();
    const plain = fakeSupervisor();
    given.supervisor.plan = (asked) => ({
      ...plain.plan(asked),
      steps: [
        { service: 'db', action: 'start', why: '"web" needs it' },
        { service: 'web', action: 'start', why: 'asked for' },
      ],
    });
    expect(await result(given, '/api/v1/services/web/start')).toEqual(REFUSED);
    const text = await (await order(given, '/api/v1/services/web/start')).text();
    expect(text).not.toContain('db');
  });

  test('when one would follow it down by the rule of its own edge', async () => {
    const given = givenScoped(['db']);
    const plain = fakeSupervisor();
    given.supervisor.plan = (asked) => ({
      ...plain.plan(asked),
      steps: asked.services.map((service) => ({ service, action: 'restart', why: 'asked for' })),
    });
    expect((await order(given, '/api/v1/services/db/restart')).status).toBe(202);
    given.supervisor.asked.length = 0;
    given.supervisor.graph = () => ({
      ...plain.graph(),
      edges: plain.graph().edges.map((edge) => ({ ...edge, onLoss: 'restart' })),
    });
    expect(await result(given, '/api/v1/services/db/restart')).toEqual(REFUSED);
  });

  test('when it is about the whole project', async () => {
    const given = givenScoped();
    expect(await result(given, '/api/v1/definition/load', { files: ['/p/rouse.toml'] })).toEqual(REFUSED);
    expect(await result(given, '/api/v1/system/stop', { mode: 'down' })).toEqual(REFUSED);
    expect(await result(given, '/api/v1/tokens', { name: 'x', role: 'admin' })).toEqual(REFUSED);
    expect(await result(given, '/api/v1/lease', { scope: 'all' })).toEqual(REFUSED);
  });

  test('and is denied on record', async () => {
    const given = givenScoped();
    await order(given, '/api/v1/services/db/stop');
    expect(given.audit.entries.at(-1)).toMatchObject({
      stage: 'denied',
      action: 'service.stop',
      target: 'db',
      status: 403,
    });
  });
});

describe('an order without names', () => {
  test('means what is reached', async () => {
    const given = givenScoped(['w*']);
    expect((await order(given, '/api/v1/changes', { action: 'down' })).status).toBe(202);
    expect((await order(given, '/api/v1/changes', { action: 'up' })).status).toBe(202);
    expect(given.supervisor.asked.map(({ services }) => services)).toEqual([['web'], ['web']]);
  });

  test('means nothing, and never everything, for who reaches nothing', async () => {
    const given = givenScoped(['other-*']);
    for (const action of ['up', 'down', 'stop', 'restart'])
      expect(await codeOf(await order(given, '/api/v1/changes', { action }))).toBe('RSE4114');
    expect(given.supervisor.asked).toEqual([]);
  });
});

test('a glob of a declared name reaches its replicas, and one of a replica no other', () => {
  const given = givenApp(tcpDoor());
  given.supervisor.views = [view('web@1'), view('web@2')];
  const names = (globs: readonly string[]): string[] => reaching(given.supervisor, globs).services().map(nameOf);
  expect(names(['web'])).toEqual(['web@1', 'web@2']);
  expect(names(['web@1'])).toEqual(['web@1']);
});

test('output is shown to viewers where that was said, and with it the last words of a change', async () => {
  const given = givenApp(tcpDoor());
  given.tokens.known = [token('viewer', { name: 'blind' }), token('viewer', { name: 'reader', logs: 'read' })];
  const failed = change('1').tasks.map((task) => ({ ...task, state: 'failed' as const, root: 'web' }));
  given.supervisor.known = [change('1', { tasks: failed })];
  const asking = (name: string): Asking => ({ token: name });
  expect((await ask(given.app, '/api/v1/logs', asking('blind'))).status).toBe(403);
  expect((await ask(given.app, '/api/v1/logs', asking('reader'))).status).toBe(200);
  const words = async (name: string): Promise<string> =>
    (await ask(given.app, '/api/v1/changes/1', asking(name))).text();
  expect(await words('blind')).not.toContain('the last of');
  expect(await words('reader')).toContain('the last of');
});
