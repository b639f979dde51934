import { expect, test } from 'vitest';
import { memoryStore } from '../../src/store/memory-store.ts';
import { given } from '../core/given.ts';
import { BY, Stage, never } from '../engine/given.ts';
import { createSystem } from '../../src/core/system.ts';
import { definition, definitionWith, order, supervise, superviseOn } from './given.ts';

const db = given.service('db');
const web = given.service('web').requires('db');
const job = given.service('job');

test('an order is carried out and its change waited for', async () => {
  const { on, supervisor } = supervise(db, web);
  const { id, summary } = supervisor.request(order('up', ['web']));
  const ended = supervisor.settled(id, never());
  on.started('db').started('web');
  await expect(ended).resolves.toMatchObject({ state: 'done' });
  expect(summary).toBe('up web (2 services)');
});

test('the statuses are the words of the views', () => {
  const { on, supervisor } = supervise(db, web, job);
  supervisor.request(order('up', ['web']));
  on.started('db');
  expect(supervisor.statuses()).toEqual([
    { name: 'db', status: 'Running' },
    { name: 'web', status: 'Unknown' },
    { name: 'job', status: 'Stopped' },
  ]);
  expect(supervisor.statuses()).toEqual(supervisor.services().map(({ name, status }) => ({ name, status })));
});

test('disposal ends every wait with RSE3007, and nothing is taken any more', async () => {
  const { supervisor } = supervise(db);
  supervisor.request(order('up'));
  const down = supervisor.down(BY);
  const wait = supervisor.settled('2', never());
  await Promise.all([
    expect(wait).rejects.toMatchObject({ code: 'RSE3007' }),
    expect(down).rejects.toMatchObject({ code: 'RSE3007' }),
    supervisor[Symbol.asyncDispose](),
  ]);
  for (const action of ['up', 'down'] as const)
    expect(() => supervisor.request(order(action))).toThrow('the daemon is stopping');
  expect(() => supervisor.define(definition(db), BY)).toThrow('the daemon is stopping');
});

test('a reader that comes after disposal ends at once', async () => {
  const { supervisor } = supervise(db);
  await supervisor[Symbol.asyncDispose]();
  const events = supervisor.subscribe({ types: [], services: [], capacity: 10 }, never());
  await expect(events[Symbol.asyncIterator]().next()).resolves.toMatchObject({ done: true });
});

test('an aborted change takes back what is not ready yet, and is aborting until that has stopped', async () => {
  const { on, supervisor } = supervise(db, web, job);
  const { id } = supervisor.request(order('up'));
  on.started('db', 'job');
  expect(supervisor.abort(id).state).toBe('aborting');
  const ended = supervisor.settled(id, never());
  on.exits('web', 143);
  await expect(ended).resolves.toMatchObject({ state: 'aborted' });
  expect([on.phase('db'), on.phase('web'), on.phase('job')]).toEqual(['ready', 'stopped', 'ready']);
});

test('aborting a restart leaves its dependents as they are', () => {
  const { on, supervisor } = supervise(db, web);
  supervisor.request(order('up'));
  on.started('db').started('web');
  const { id } = supervisor.request(order('restart', ['db']));
  on.exits('db', 143);
  supervisor.abort(id);
  on.exits('db', 143);
  expect([on.phase('db'), on.phase('web')]).toEqual(['stopped', 'ready']);
  expect(supervisor.change(id).state).toBe('aborted');
});

test('what was only needed goes when its change is aborted', () => {
  const { on, supervisor } = supervise(db, web);
  const { id } = supervisor.request(order('start', ['web']));
  supervisor.abort(id);
  on.exits('db', 143);
  expect([on.phase('db'), on.phase('web')]).toEqual(['stopped', 'stopped']);
  expect(supervisor.change(id).state).toBe('aborted');
});

test('what somebody else waits for is not taken back', () => {
  const { on, supervisor } = supervise(db, web, given.service('api').requires('db'));
  supervisor.request(order('start', ['api']));
  const { id } = supervisor.request(order('start', ['web']));
  supervisor.abort(id);
  on.started('db').started('api');
  expect([on.phase('db'), on.phase('web'), on.phase('api')]).toEqual(['ready', 'stopped', 'ready']);
  expect(supervisor.change(id).state).toBe('aborted');
});

test('a stop cannot be aborted', () => {
  const { on, supervisor } = supervise(db);
  supervisor.request(order('up'));
  on.started('db');
  const { id } = supervisor.request(order('stop', ['db']));
  expect(supervisor.abort(id).state).toBe('running');
  on.exits('db', 143);
  expect(supervisor.change(id).state).toBe('done');
});

test('a change is not marked as aborting when its abort cannot be recorded', () => {
  const { on, supervisor } = supervise(db, web);
  const { id } = supervisor.request(order('up'));
  on.disk = 'full';
  on.started('db');
  expect(() => supervisor.abort(id)).toThrow('no space left');
  expect(supervisor.change(id).state).toBe('running');
});

test('everything stops although nothing can be recorded', async () => {
  const { on, supervisor } = supervise(db, web);
  supervisor.request(order('up'));
  on.started('db').started('web');
  on.disk = 'full';
  on.exits('db', 1);
  expect(on.engine.storeFault).not.toBeNull();
  const down = supervisor.down(BY);
  expect(on.calls.at(-1)).toBe('stop web 1');
  on.exits('web', 143);
  await expect(down).resolves.toBeUndefined();
});

test('a service is stopped although nothing can be recorded, and nothing new is begun', () => {
  const { on, supervisor } = supervise(db, web);
  supervisor.request(order('up'));
  on.started('db').started('web');
  on.disk = 'full';
  on.exits('web', 1);
  expect(on.engine.storeFault).not.toBeNull();
  const { id } = supervisor.request(order('stop', ['db'], { dependents: 'include' }));
  expect(on.calls.at(-1)).toBe('stop db 1');
  on.exits('db', 143);
  expect(supervisor.change(id).state).toBe('done');
  expect(() => supervisor.request(order('start', ['web']))).toThrow('no space left');
  expect(supervisor.request(order('down')).state).toBe('done');
});

test('what outlives SIGKILL is named when everything was to stop', async () => {
  const { on, supervisor } = supervise(db);
  supervisor.request(order('up'));
  on.started('db');
  const down = supervisor.down(BY);
  on.later(25_000);
  await expect(down).rejects.toMatchObject({ code: 'RSE2107', fields: { services: ['db'] }, pids: [812] });
});

test('the grace of everything is that of the definition it runs with', async () => {
  const { on, supervisor } = supervise(db);
  supervisor.request(order('up'));
  on.started('db');
  supervisor.define(definition(db.revised().with({ stop: { ...db.spec.stop, timeoutMs: 10 } })), BY);
  const down = supervisor.down(BY);
  on.later(24_000).exits('db', 137);
  await expect(down).resolves.toBeUndefined();
});

test('once everything stops, only a stop is taken', async () => {
  const { supervisor } = supervise(db);
  await supervisor.down(BY);
  expect(() => supervisor.request(order('up'))).toThrow('the daemon is stopping');
  expect(supervisor.request(order('down')).state).toBe('done');
});

test('an order sees what was reported in the same turn', () => {
  const { on, supervisor } = supervise(db.restarts({ policy: 'no' }));
  supervisor.request(order('up'));
  on.started('db');
  on.engine.report({ type: 'exited', service: 'db', run: 1, exitCode: 1, signal: null });
  const { tasks } = supervisor.request(order('up'));
  expect(tasks).toMatchObject([{ service: 'db', kind: 'start', state: 'doing' }]);
});

test('a change of an earlier daemon is known, ended, and its wait over', async () => {
  const kept = memoryStore();
  const first = superviseOn(new Stage(createSystem([db.spec], 0), kept), definition(db));
  const { id } = first.supervisor.request(order('up'));
  first.on.started('db');
  const next = superviseOn(new Stage(createSystem([db.spec], 0), kept), definition(db));
  await expect(next.supervisor.settled(id, never())).resolves.toMatchObject({ state: 'done' });
  expect(next.supervisor.abort(id).state).toBe('done');
  expect(next.supervisor.request(order('up')).id).toBe('2');
  await expect(next.supervisor.settled('9', never())).rejects.toMatchObject({ code: 'RSE4002' });
});

test('a definition is applied as one, and what it starts is started by its settings', () => {
  const { on, supervisor } = supervise(db, web);
  supervisor.request(order('up'));
  on.started('db').started('web');
  const next = definitionWith({ nuPath: '/opt/nu' }, db, given.service('api'));
  expect(supervisor.define(next, BY)).toEqual({ added: ['api'], changed: [], removed: ['web'], unchanged: ['db'] });
  expect(on.recorded).toContain('definition.applied');
  expect(on.calls).toContain('stop web 1');
});

test('a definition that cannot be recorded is not the present one', () => {
  const { on, supervisor } = supervise(db, web);
  supervisor.request(order('up'));
  on.disk = 'full';
  on.started('db');
  const { hash } = supervisor.definition();
  expect(() => supervisor.define(definition(db), BY)).toThrow('no space left');
  expect(supervisor.definition().hash).toBe(hash);
});

test('a definition with a circle changes nothing', () => {
  const { supervisor } = supervise(db, web);
  const { hash } = supervisor.definition();
  expect(() => supervisor.define(definition(db.requires('web'), web), BY)).toThrow();
  expect(supervisor.definition().hash).toBe(hash);
  expect(supervisor.graph().edges).toHaveLength(1);
});

test('an order is refused with the place where orchestration is switched off', () => {
  const { on } = supervise(db);
  const orchestrationOrigin = { file: '/srv/rouse.toml', line: 3, column: 1 };
  const { supervisor } = superviseOn(on, definitionWith({ orchestration: 'disabled', orchestrationOrigin }, db));
  expect(() => supervisor.request(order('up'))).toThrow(
    'cannot bring services up: orchestration is switched off in /srv/rouse.toml:3',
  );
  expect(() => supervisor.request(order('start', ['db']))).toThrow('cannot start "db": orchestration is switched off');
});

test('a service that is not there is RSE4001 wherever it is named', () => {
  const { supervisor } = supervise(db);
  for (const ask of [
    () => supervisor.service('dbb'),
    () => supervisor.explain('dbb'),
    () => supervisor.checks('dbb'),
    () => supervisor.impact('dbb'),
    () => supervisor.plan(order('up', ['dbb'])),
    () => supervisor.request(order('up', ['dbb'])),
  ])
    expect(ask).toThrow('cannot find service "dbb"');
});
