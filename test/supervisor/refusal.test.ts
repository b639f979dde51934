import { expect, test } from 'vitest';
import { given } from '../core/given.ts';
import { BY, never } from '../engine/given.ts';
import { order, supervise } from './given.ts';

const db = given.service('db');
const web = given.service('web').requires('db');
const blue = given.service('blue');
const green = given.service('green').with({ conflicts: ['blue'] });

test('two that conflict cannot be asked for at once, by name or along with others', () => {
  const { supervisor } = supervise(blue, green, given.service('app').requires('blue'));
  const refused = expect.objectContaining({ code: 'RSE4016', services: ['blue', 'green'] });
  expect(() => supervisor.request(order('start', ['green', 'blue']))).toThrow(refused);
  expect(() => supervisor.request(order('start', ['green', 'app']))).toThrow(refused);
  expect(() => supervisor.plan(order('up'))).toThrow('cannot start "blue" and "green": they are never up together');
  expect(supervisor.request(order('start', ['green'])).state).toBe('running');
});

test('a request that names a pinned service to the contrary is refused', () => {
  const { on, supervisor } = supervise(db, web);
  supervisor.pin(['db'], 'down', BY);
  for (const action of ['start', 'run', 'restart'] as const)
    expect(() => supervisor.request(order(action, ['db']))).toThrow(expect.objectContaining({ code: 'RSE4017' }));
  supervisor.pin(['db'], 'none', BY);
  supervisor.pin(['web'], 'up', BY);
  on.started('db').started('web');
  expect(() => supervisor.request(order('stop', ['web']))).toThrow('cannot stop "web": "web" is pinned up');
  expect(() => supervisor.request(order('stop', ['db'], { dependents: 'include' }))).toThrow(
    'cannot stop "db" with all that needs it: "web" is pinned up',
  );
});

test('a start that would need something pinned up to make way is refused', () => {
  const { on, supervisor } = supervise(blue, green, given.service('app').requires('blue'));
  supervisor.pin(['app'], 'up', BY);
  on.started('blue').started('app');
  expect(() => supervisor.request(order('start', ['green']))).toThrow('cannot start "green": "app" is pinned up');
});

test('the end of everything takes pins away', () => {
  const { on, supervisor } = supervise(db, web);
  supervisor.pin(['web'], 'up', BY);
  on.started('db').started('web');
  supervisor.request(order('down'));
  on.exits('web', 0).exits('db', 0);
  expect([on.phase('web'), on.phase('db'), on.of('web').pin]).toEqual(['stopped', 'stopped', 'none']);
});

test('a start of a service whose last run cannot be ended says what still runs', () => {
  const { on, supervisor } = supervise(db);
  supervisor.request(order('start', ['db']));
  on.started('db');
  supervisor.request(order('stop', ['db'], { grace: 'none' }));
  on.hears({ type: 'lingering', service: 'db', run: 1, pids: [812, 813], text: 'state D' });
  expect(() => supervisor.request(order('start', ['db']))).toThrow(
    'cannot start "db": processes 812, 813 of its last run cannot be ended (state D)',
  );
  on.exits('db', 0);
  expect(supervisor.request(order('start', ['db'])).state).toBe('running');
});

test('where it is not to take the place of another change, a contrary order is refused with its number', async () => {
  const { on, supervisor } = supervise(db, web);
  const { id } = supervisor.request(order('start', ['web']));
  const contrary = order('stop', ['web'], { onConflict: 'refuse' });
  expect(() => supervisor.request(contrary)).toThrow(`cannot stop "web": change ${id} is at work on "web"`);
  expect(() => supervisor.request(contrary)).toThrow(expect.objectContaining({ code: 'RSE4009', services: ['web'] }));
  const joined = supervisor.request(order('start', ['db'], { onConflict: 'refuse' }));
  on.started('db').started('web');
  await expect(supervisor.settled(joined.id, never())).resolves.toMatchObject({ state: 'done' });
  expect(supervisor.request(contrary).state).toBe('running');
});

test('a stop cannot be taken back', () => {
  const { on, supervisor } = supervise(db);
  supervisor.request(order('start', ['db']));
  on.started('db');
  const { id } = supervisor.request(order('stop', ['db']));
  expect(supervisor.abort(id).state).toBe('running');
  on.exits('db', 0);
  expect(supervisor.change(id).state).toBe('done');
});
