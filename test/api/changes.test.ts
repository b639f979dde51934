import { describe, expect, test } from 'vitest';
import { change, liveDependents } from './fake-supervisor.ts';
import { contentOf, givenApp } from './given.ts';

test('an order is answered at once with the change and the place to look for it', async () => {
  const given = givenApp();
  const response = await given.post('/api/v1/changes', { action: 'up', services: ['web'] });
  expect([response.status, response.headers.get('location')]).toEqual([202, '/api/v1/changes/1']);
  expect(await contentOf(response)).toEqual({
    id: '1',
    action: 'up',
    services: ['web'],
    state: 'running',
    summary: 'start web (1 service)',
    by: { user: 'unix:admin.sock', via: 'api' },
    created_at: '2026-11-22T12:04:31.004Z',
    ended_at: null,
    progress: { done: 0, total: 1 },
    tasks: [
      {
        id: '1.1',
        service: 'web',
        kind: 'start',
        state: 'doing',
        waiting_for: [],
        started_at: '2026-11-22T12:04:31.004Z',
        ended_at: null,
        error: null,
        root: null,
        log: [],
      },
    ],
    error: null,
  });
});

test.for([
  ['up', 'closure', 'leave', 'keep'],
  ['start', 'settings', 'leave', 'keep'],
  ['run', 'settings', 'leave', 'again'],
  ['restart', 'settings', 'leave', 'again'],
  ['stop', 'alone', 'refuse', 'keep'],
  ['down', 'alone', 'include', 'keep'],
] as const)('%s without options means: %s, %s, %s', async ([action, dependencies, dependents, completed]) => {
  const given = givenApp();
  await given.post('/api/v1/changes', { action });
  const by = { via: 'api', name: 'unix:admin.sock' };
  expect(given.supervisor.asked).toEqual([{ action, services: [], dependencies, dependents, completed, by }]);
});

test('options reach the supervisor, and the face that asked is named', async () => {
  const given = givenApp();
  const options = { dependencies: 'alone', dependents: 'include', completed: 'again' };
  await given.post('/api/v1/changes', { action: 'stop', services: ['db'], options }, { 'rouse-via': 'cli' });
  expect(given.supervisor.asked).toMatchObject([{ action: 'stop', ...options, by: { via: 'cli' } }]);
});

test.for(['start', 'stop', 'restart'] as const)('POST /services/{name}/%s needs no body', async (action) => {
  const given = givenApp();
  const response = await given.post(`/api/v1/services/web/${action}`);
  expect(response.status).toBe(202);
  expect(given.supervisor.asked).toMatchObject([{ action, services: ['web'] }]);
});

test('a stop that others depend on is refused with their names', async () => {
  const given = givenApp();
  given.supervisor.refuse = liveDependents();
  const response = await given.post('/api/v1/services/db/stop');
  expect(response.status).toBe(409);
  expect(await response.json()).toMatchObject({ code: 'RSE4005', service: 'db', dependents: ['web'], success: false });
});

test('a dry run answers with the plan and asks for nothing', async () => {
  const given = givenApp();
  for (const response of [
    await given.post('/api/v1/changes', { action: 'up', services: ['web'], dry_run: true }),
    await given.post('/api/v1/services/web/start', { dry_run: true }),
    await given.post('/api/v1/plan', { action: 'up', services: ['web'] }),
  ]) {
    expect(response.status).toBe(200);
    expect(await contentOf(response)).toEqual({
      targets: ['web'],
      order: ['web'],
      waves: [['web']],
      steps: [{ service: 'web', action: 'start', why: 'it was asked for' }],
      critical_path: ['web'],
    });
  }
  expect(given.supervisor.asked).toEqual([]);
});

describe('waiting', () => {
  test.for([
    ['?wait=30s', {}],
    ['', { prefer: 'wait=30' }],
    ['', { prefer: 'respond-async, wait=30' }],
  ] as const)('with %s %o holds the answer until the change has ended', async ([query, headers]) => {
    const given = givenApp();
    const answer = given.post(`/api/v1/changes${query}`, { action: 'up' }, headers);
    await given.supervisor.ordered;
    given.supervisor.endChange('1');
    expect((await answer).status).toBe(200);
    expect(await contentOf(await answer)).toMatchObject({ id: '1', state: 'done' });
  });

  test('longer than was asked for ends with 202 and the change as it is', async () => {
    const given = givenApp();
    const answer = given.post('/api/v1/changes?wait=30s', { action: 'up' });
    await given.supervisor.ordered;
    given.clock.advance(30_000);
    expect((await answer).status).toBe(202);
    expect(await contentOf(await answer)).toMatchObject({ state: 'running' });
  });

  test('ends with the daemon', async () => {
    const given = givenApp();
    given.supervisor.known = [change('7')];
    const answer = given.get('/api/v1/changes/7/wait');
    given.ending.abort();
    expect((await answer).status).toBe(202);
  });

  test('for a change that has ended answers at once', async () => {
    const given = givenApp();
    given.supervisor.known = [change('7', { state: 'failed', endedAt: 1 })];
    const response = await given.get('/api/v1/changes/7/wait?timeout=10m');
    expect([response.status, await contentOf(response)]).toMatchObject([200, { state: 'failed' }]);
  });

  test.for(['?wait=11m', '?wait=30', '?wait=-1s'])('with %s is refused', async (query) => {
    const response = await givenApp().post(`/api/v1/changes${query}`, { action: 'up' });
    expect(response.status).toBe(422);
  });

  test('with Prefer above 10 minutes is refused, and does nothing', async () => {
    const given = givenApp();
    const response = await given.post('/api/v1/changes', { action: 'up' }, { prefer: 'wait=601' });
    expect(response.status).toBe(422);
    expect(given.supervisor.asked).toEqual([]);
  });
});

test('changes are listed by state', async () => {
  const given = givenApp();
  given.supervisor.known = [change('2'), change('1', { state: 'done', endedAt: 5 })];
  const ids = async (query: string): Promise<string[]> =>
    (await contentOf<{ id: string }[]>(await given.get(`/api/v1/changes${query}`))).map(({ id }) => id);
  expect([await ids(''), await ids('?state=running'), await ids('?state=done')]).toEqual([['2', '1'], ['2'], ['1']]);
});

test('a failed task comes with the last lines of its service, one that failed for another does not', async () => {
  const given = givenApp();
  const task = {
    id: '1.1',
    service: 'db',
    kind: 'start',
    sinceRun: 0,
    state: 'failed',
    waitingFor: [],
    startedAt: 1,
    endedAt: 2,
    error: 'it exited with 1',
    root: 'db',
  } as const;
  const tasks = [task, { ...task, id: '1.2', service: 'web', error: 'db failed' }];
  given.supervisor.known = [change('1', { state: 'failed', endedAt: 2, tasks })];
  expect(await contentOf(await given.get('/api/v1/changes/1'))).toMatchObject({
    progress: { done: 2, total: 2 },
    tasks: [
      { service: 'db', log: ['db run 1: the last of 10'] },
      { service: 'web', log: [], root: 'db' },
    ],
  });
});

test('a change is aborted, and an unknown one is refused', async () => {
  const given = givenApp();
  given.supervisor.known = [change('1')];
  expect(await contentOf(await given.post('/api/v1/changes/1/abort'))).toMatchObject({ state: 'aborting' });
  const response = await given.post('/api/v1/changes/9/abort');
  expect([response.status, await response.json()]).toMatchObject([404, { code: 'RSE4002' }]);
});

test('a body where none belongs may be empty, and nothing else', async () => {
  const given = givenApp();
  given.supervisor.known = [change('1')];
  expect((await given.post('/api/v1/changes/1/abort', {})).status).toBe(200);
  expect((await given.post('/api/v1/changes/1/abort', { undo: true })).status).toBe(422);
});
