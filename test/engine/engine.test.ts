import { expect, test } from 'vitest';
import { given } from '../core/given.ts';
import { BY, specsOf, stage } from './given.ts';

const db = given.service('db');
const web = given.service('web').requires('db');

test('a request is recorded before it is performed', () => {
  const on = stage(db);
  let seen: readonly string[] = [];
  on.onStart = () => (seen = on.recorded);
  on.wants('start', ['db']);
  expect(seen).toContain('service.phase');
  expect(on.calls).toEqual(['start db 1']);
});

test('reports of one turn are one batch', () => {
  const on = stage(db, given.service('cache'));
  on.wants('start', ['db', 'cache']);
  const before = on.batches.length;
  on.started('db', 'cache');
  expect(on.batches.slice(before)).toEqual([['db', 'cache']]);
});

test('a report of an earlier run changes nothing', () => {
  const on = stage(db);
  on.wants('start', ['db']);
  on.started('db');
  on.wants('restart', ['db'], 'alone');
  on.exits('db', 143);
  on.started('db');
  on.exits('db', 1, 1);
  expect([on.phase('db'), on.of('db').run]).toEqual(['ready', 2]);
});

test('a request that is made while a start is carried out opens its change as any other', () => {
  const on = stage(db, given.service('tail'));
  on.onStart = (service) => {
    if (service === 'db') on.wants('start', ['tail']);
  };
  on.wants('start', ['db']);
  expect(on.calls).toEqual(['start db 1', 'start tail 1']);
  const created = on.records.flatMap(({ body, actor }) =>
    body.type === 'change.created' ? [{ id: body.change.id, by: actor }] : [],
  );
  expect(created).toEqual([
    { id: '1', by: BY },
    { id: '2', by: BY },
  ]);
  on.started('db', 'tail');
  expect(['1', '2'].map((id) => on.engine.changes.get(id).state)).toEqual(['done', 'done']);
  expect(on.store.changes(10).map(({ id, state }) => [id, state])).toEqual([
    ['2', 'done'],
    ['1', 'done'],
  ]);
});

test('a change without a task is told to be done', () => {
  const on = stage(db);
  on.wants('start', ['db']);
  on.started('db');
  const { id } = on.wants('start', ['db']);
  const told = on.records.flatMap(({ body }) => ('change' in body && body.change.id === id ? [body.type] : []));
  expect(told).toEqual(['change.created', 'change.done']);
});

test('while the store cannot be written nothing new is started, and what runs is supervised', () => {
  const on = stage(db, web);
  on.wants('start', ['web']);
  on.disk = 'full';
  on.started('db');
  expect(on.engine.storeFault).toMatchObject({ code: 'RSE3008' });
  expect(() => on.wants('start', ['web'])).toThrow('no space left');
  expect(on.calls).not.toContain('start web 1');
  on.exits('db', 1);
  expect(on.phase('db')).toBe('backoff');
});

test('what was held up by a full disk goes on by itself, and nothing is lost', () => {
  const on = stage(db, web);
  on.wants('start', ['web']);
  on.disk = 'full';
  on.started('db');
  on.disk = 'fine';
  on.later(2000);
  expect(on.engine.storeFault).toBeNull();
  expect(on.calls.filter((call) => call.startsWith('start web'))).toHaveLength(1);
  const moves = on.records.flatMap(({ body }) => (body.type === 'service.phase' ? [`${body.service} ${body.to}`] : []));
  expect(moves).toContain('db ready');
  expect(on.records.map(({ seq }) => seq)).toEqual(on.records.map((_, place) => place + 1));
});

test('a stop that is insisted on is carried out although nothing can be recorded', () => {
  const on = stage(db);
  on.wants('start', ['db']);
  on.disk = 'full';
  on.started('db');
  const want = {
    type: 'want',
    action: 'stop',
    services: ['db'],
    scope: 'closure',
    completed: 'keep',
    intent: 9,
  } as const;
  on.engine.insist(want, BY, null);
  expect(on.calls).toContain('stop db 1');
});

test('twenty restarts at once replace the run once', () => {
  const on = stage(db);
  on.wants('start', ['db']);
  on.started('db');
  const ids = Array.from({ length: 20 }, () => on.wants('restart', ['db'], 'alone').id);
  on.exits('db', 143);
  on.started('db');
  expect(on.calls.filter((call) => call.startsWith('st'))).toEqual(['start db 1', 'stop db 1', 'start db 2']);
  expect(new Set(ids.map((id) => on.engine.changes.get(id).state))).toEqual(new Set(['done']));
});

test('a start during a stop starts again once the run has ended', () => {
  const on = stage(db);
  on.wants('start', ['db']);
  on.started('db');
  const stop = on.wants('stop', ['db']);
  const start = on.wants('start', ['db']);
  expect(on.calls).not.toContain('start db 2');
  on.exits('db', 143);
  on.started('db');
  expect([stop, start].map(({ id }) => on.engine.changes.get(id).state)).toEqual(['failed', 'done']);
});

test('a stop during a start is said again once there is something to stop', () => {
  const on = stage(db);
  on.wants('start', ['db']);
  on.wants('stop', ['db']);
  on.started('db');
  expect(on.calls.filter((call) => call === 'stop db 1')).toHaveLength(2);
  on.exits('db', 143);
  expect(on.phase('db')).toBe('stopped');
});

test('a new definition in flight is for the next run; the present one keeps its own', () => {
  const on = stage(db);
  on.wants('start', ['db']);
  on.engine.request({ type: 'spec-changed', specs: specsOf(db.revised()) }, BY, null);
  on.started('db');
  expect([on.of('db').runSpec?.hash, on.of('db').spec.hash]).toEqual([db.spec.hash, db.revised().spec.hash]);
});

test('who leaves the definition is kept as it ended', () => {
  const on = stage(db, given.service('old'));
  on.wants('start', ['old']);
  on.started('old');
  on.engine.request({ type: 'spec-changed', specs: specsOf(db) }, BY, null);
  expect(on.calls).toContain('stop old 1');
  on.exits('old', 143);
  expect(on.engine.system.services.map(({ spec }) => spec.name)).toEqual(['db']);
  expect(on.store.services().find(({ name }) => name === 'old')).toMatchObject({ phase: 'stopped', pid: null });
});

test('nothing is taken after disposal, and no timer is left', () => {
  const on = stage(db);
  on.wants('start', ['db']);
  on.started('db');
  on.wants('stop', ['db']);
  on.engine[Symbol.dispose]();
  on.hears({ type: 'exited', service: 'db', run: 1, exitCode: 0, signal: null });
  expect(on.phase('db')).toBe('stopping');
  expect(() => on.wants('start', ['db'])).toThrow('the daemon is stopping');
  expect(() =>
    on.engine.note({ type: 'definition.applied', hash: '', added: [], changed: [], removed: [] }, BY),
  ).toThrow('the daemon is stopping');
  expect(on.clock.pending()).toBe(0);
});

test('whoever catches up sees what was reported in this turn', () => {
  const on = stage(db);
  on.wants('start', ['db']);
  on.engine.report({ type: 'started', service: 'db', run: 1, pid: 7 });
  expect(on.phase('db')).toBe('starting');
  on.engine.catchUp();
  expect(on.phase('db')).toBe('ready');
  expect(on.engine.waiting).toBe(0);
});

test('a start during a stop for a fault of its own starts again, whatever the policy', () => {
  const on = stage(db.gated().restarts({ policy: 'no' }).with({ startTimeoutMs: 100 }));
  on.wants('start', ['db']);
  on.started('db').later(100);
  expect(on.phase('db')).toBe('stopping');
  const { id } = on.wants('start', ['db']);
  on.exits('db', 143);
  expect(on.calls).toContain('start db 2');
  on.started('db').answers('db', 'pass', 'readiness');
  expect(on.engine.changes.get(id).state).toBe('done');
});

test('everyone in a long chain fails with the one at its root that keeps failing', () => {
  const flaky = given.service('s0').restarts({ delayMs: 1 });
  const chain = Array.from({ length: 5000 }, (_, place) => given.service(`s${place + 1}`).requires(`s${place}`));
  const on = stage(flaky, ...chain);
  const { id } = on.wants('start', ['s5000']);
  const fault = { code: 'refused', message: 'no', program: null, hint: null } as const;
  for (let run = 1; run <= 5; run += 1)
    on.hears({ type: 'start-failed', service: 's0', run, fault }).later(run < 5 ? 100 : 0);
  const { state, tasks } = on.engine.changes.get(id);
  expect(state).toBe('failed');
  expect(new Set(tasks.map(({ root }) => root))).toEqual(new Set(['s0']));
});
