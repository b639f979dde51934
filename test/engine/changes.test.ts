import { expect, test } from 'vitest';
import { given } from '../core/given.ts';
import { never, stage } from './given.ts';

const db = given.service('db');
const web = given.service('web').requires('db');

test('a change is done when its last task has a verdict, and tells everyone who waits', async () => {
  const on = stage(db, web);
  const { id } = on.wants('start', ['web']);
  const waits = [on.engine.changes.settled(id, never()), on.engine.changes.settled(id, never())];
  on.started('db').started('web');
  const ends = await Promise.all(waits);
  expect(ends.map(({ state }) => state)).toEqual(['done', 'done']);
  expect(ends[0]?.tasks.map(({ service, state }) => [service, state])).toEqual([
    ['db', 'done'],
    ['web', 'done'],
  ]);
});

test('a wait for a change that has ended is over at once', async () => {
  const on = stage(db);
  const { id } = on.wants('start', ['db']);
  on.started('db');
  await expect(on.engine.changes.settled(id, never())).resolves.toMatchObject({ state: 'done' });
});

test('a wait ends with the reason of its signal', async () => {
  const on = stage(db);
  const { id } = on.wants('start', ['db']);
  const impatience = new AbortController();
  const wait = on.engine.changes.settled(id, impatience.signal);
  impatience.abort(new Error('too long'));
  await expect(wait).rejects.toThrow('too long');
});

test('a wait ends with RSE3007 when the engine is disposed', async () => {
  const on = stage(db);
  const { id } = on.wants('start', ['db']);
  const wait = on.engine.changes.settled(id, never());
  on.engine[Symbol.dispose]();
  await expect(wait).rejects.toMatchObject({ code: 'RSE3007' });
});

test('a wait that begins after the engine was disposed ends with RSE3007, unless the change has ended', async () => {
  const on = stage(db, given.service('job'));
  const { id } = on.wants('start', ['db']);
  const over = on.wants('stop', ['job']);
  on.engine[Symbol.dispose]();
  await expect(on.engine.changes.settled(id, never())).rejects.toMatchObject({ code: 'RSE3007' });
  await expect(on.engine.changes.settled(over.id, never())).resolves.toMatchObject({ id: over.id });
});

test('a later request to the contrary cancels a task', () => {
  const on = stage(db);
  const { id } = on.wants('start', ['db']);
  on.wants('stop', ['db']);
  expect(on.engine.changes.get(id)).toMatchObject({ state: 'failed', error: 'a later request took its place' });
});

test('a change that is aborted goes on until what it takes back has ended, and says so', () => {
  const on = stage(db);
  const { id } = on.wants('start', ['db']);
  on.engine.changes.markAborting(id);
  on.wants('stop', ['db'], 'alone');
  on.later(9000);
  expect(on.engine.changes.get(id)).toMatchObject({ state: 'aborting', endedAt: null, tasks: [{ state: 'doing' }] });
  on.exits('db', 143);
  expect(on.engine.changes.get(id)).toMatchObject({
    state: 'aborted',
    error: null,
    tasks: [{ state: 'canceled', error: 'the change was aborted' }],
  });
});

test('a task names what it waits for', () => {
  const on = stage(db, web);
  const { id } = on.wants('start', ['web']);
  const task = on.engine.changes.get(id).tasks.find(({ service }) => service === 'web');
  expect(task).toMatchObject({ state: 'waiting', waitingFor: ['db'] });
});

test('an unknown change is RSE4002', async () => {
  const on = stage(db);
  expect(() => on.engine.changes.get('7')).toThrow('cannot find change "7"');
  await expect(on.engine.changes.settled('7', never())).rejects.toMatchObject({ code: 'RSE4002' });
  expect(on.engine.changes.has('7')).toBe(false);
});

test('the tasks without a verdict are counted', () => {
  const on = stage(db, web);
  on.wants('start', ['web']);
  expect(on.engine.changes.openCount).toBe(2);
  on.started('db');
  expect(on.engine.changes.openCount).toBe(1);
});
