import { expect, test } from 'vitest';
import { given } from '../core/given.ts';
import { BY } from '../engine/given.ts';
import { order, supervise } from './given.ts';

const db = given.service('db');
const web = given.service('web').requires('db');

test('a pin is recorded with who set it, shown, and told of in an explanation', () => {
  const { on, supervisor } = supervise(db, web);
  expect(supervisor.pin(['db'], 'down', BY)).toMatchObject([{ name: 'db', pin: 'down' }]);
  supervisor.request(order('start', ['web']));
  expect(supervisor.explain('web').facts).toContain('db is pinned down by ada');
  expect(on.records.find(({ body }) => body.type === 'service.pinned')).toMatchObject({
    actor: BY,
    body: { service: 'db', pin: 'down' },
  });
});

test('a pin that came in by a socket of nobody in particular is told of without its name', () => {
  const { supervisor } = supervise(db);
  supervisor.pin(['db'], 'down', { ...BY, name: 'unix:admin.sock' });
  expect(supervisor.explain('db').facts).toContain('db is pinned down');
});

test('nothing is pinned down while something live requires it', () => {
  const { on, supervisor } = supervise(db, web);
  supervisor.request(order('start', ['web']));
  on.started('db').started('web');
  expect(() => supervisor.pin(['db'], 'down', BY)).toThrow('cannot pin "db" down: needed by "web"');
  expect(on.of('db').pin).toBe('none');
});

test('what is only watched is not pinned down', () => {
  const { supervisor } = supervise(given.service('mail').external());
  expect(() => supervisor.pin(['mail'], 'down', BY)).toThrow(expect.objectContaining({ code: 'RSE4014' }));
});

test('two that conflict are not both pinned up', () => {
  const { on, supervisor } = supervise(given.service('blue'), given.service('green').with({ conflicts: ['blue'] }));
  expect(() => supervisor.pin(['green', 'blue'], 'up', BY)).toThrow('they are never up together');
  supervisor.pin(['blue'], 'up', BY);
  on.started('blue');
  expect(() => supervisor.pin(['green'], 'up', BY)).toThrow('cannot pin "green" up: "blue" is pinned up');
});

test('a name that is not there is refused, and nothing is pinned', () => {
  const { on, supervisor } = supervise(db);
  expect(() => supervisor.pin(['db', 'dbb'], 'up', BY)).toThrow(expect.objectContaining({ code: 'RSE4001' }));
  expect(on.of('db').pin).toBe('none');
});

test('open incidents are told with their root and whom they affect', () => {
  const { on, supervisor } = supervise(db, web);
  supervisor.request(order('start', ['web']));
  on.started('db').started('web').exits('db', 1);
  expect(supervisor.incidents()).toMatchObject([{ service: 'db', text: 'exit 1', services: ['web'] }]);
});

test('a name of several pins each of them', () => {
  const several = [1, 2].map((number) => given.service(`api@${number}`).with({ replica: { of: 'api', number } }));
  const { supervisor } = supervise(...several);
  expect(supervisor.pin(['api'], 'down', BY).map(({ name, pin }) => [name, pin])).toEqual([
    ['api@1', 'down'],
    ['api@2', 'down'],
  ]);
});
