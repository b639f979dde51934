import { expect, test } from 'vitest';
import { view } from './fake-supervisor.ts';
import { givenApp } from './given.ts';

test('a daemon that answers lives', async () => {
  const response = await givenApp().get('/healthz');
  expect([response.status, await response.text()]).toEqual([200, '{"status":"ok"}']);
});

test('readiness is asked of everything that is wanted, or of those named', async () => {
  const given = givenApp();
  given.supervisor.views = [
    view('db'),
    view('migrate', { ready: false, phase: 'completed' }),
    view('web', { ready: false, phase: 'starting' }),
    view('off', { ready: false, phase: 'stopped', desired: 'down' }),
  ];
  const ask = async (query: string): Promise<unknown> => {
    const response = await given.get(`/readyz${query}`);
    return [response.status, await response.json()];
  };
  expect(await ask('')).toEqual([503, { status: 'not-ready', not_ready: ['web'] }]);
  expect(await ask('?services=db,migrate')).toEqual([200, { status: 'ready', not_ready: [] }]);
  expect(await ask('?services=db,off')).toEqual([503, { status: 'not-ready', not_ready: ['off'] }]);
  expect((await given.get('/readyz?services=nope')).status).toBe(404);
});

test('a code is explained where its problem document points to', async () => {
  const given = givenApp();
  const page = await given.get('/docs/errors/RSE4005');
  expect([page.headers.get('content-type'), await page.text()]).toEqual([
    'text/plain; charset=utf-8',
    'RSE4005: Services depend on it\n\nstatus 409 of the API, exit code 6 of the command line\n',
  ]);
  const json = await given.get('/docs/errors/RSE4005', { accept: 'application/json' });
  expect(await json.json()).toEqual({ code: 'RSE4005', title: 'Services depend on it', status: 409, exit: 6 });
  const unknown = await given.get('/docs/errors/RSE4999');
  expect([unknown.status, await unknown.json()]).toMatchObject([404, { code: 'RSE4003' }]);
  expect((await given.get('/docs/errors/constructor')).status).toBe(404);
});
