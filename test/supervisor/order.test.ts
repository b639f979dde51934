import { expect, test } from 'vitest';
import { given } from '../core/given.ts';
import { orderOf } from '../../src/supervisor/order.ts';
import { plan } from '../../src/supervisor/offline.ts';
import { definition, definitionWith, order } from './given.ts';

const db = given.service('db');
const web = given.service('web').requires('db');
const tool = given.service('tool').with({ autostart: 'no' });
const shop = definition(db, web, tool);

test.for([
  ['up', ['db', 'web']],
  ['start', ['db', 'web']],
  ['down', ['db', 'web', 'tool']],
  ['stop', ['db', 'web', 'tool']],
  ['restart', ['db', 'web', 'tool']],
] as const)('%s without names means %j', ([action, names]) => {
  const { system } = given.system(db, web, tool);
  expect(orderOf(system, order(action), shop).services).toEqual(names);
});

test('an order and its plan have the same targets', () => {
  const { system } = given.system(db, web, tool);
  for (const action of ['up', 'start', 'run', 'down', 'stop', 'restart'] as const)
    expect(plan(shop, order(action)).targets).toEqual(orderOf(system, order(action), shop).services);
});

test('a stop is refused with the names of those who live on it', () => {
  const told = given.system(db, web);
  told.start('web');
  told.brings('db', 'web');
  expect(() => orderOf(told.system, order('stop', ['db']), shop)).toThrow('cannot stop "db": "web" depends on it');
  expect(orderOf(told.system, order('stop', ['db'], { dependents: 'include' }), shop).want.scope).toBe('closure');
  expect(orderOf(told.system, order('stop', ['db'], { dependents: 'leave' }), shop).want.scope).toBe('alone');
});

test('a stop is not refused for one that can do without it, which stays', () => {
  const told = given.system(db, given.service('web').wants('db'));
  told.start('web');
  told.brings('db', 'web');
  const { want, cases } = orderOf(told.system, order('stop', ['db']), shop);
  expect(cases.map((each) => each.service)).toEqual(['db']);
  told.hears({ ...want, intent: 9 });
  expect(told.phases).toEqual({ db: 'stopping', web: 'ready' });
});

test('a start is refused when dependencies are not to be started and one is not there', () => {
  const told = given.system(db, web);
  const dependencyStartOrigin = { file: '/srv/rouse.toml', line: 4, column: 1 };
  const strict = definitionWith({ dependencyStart: 'refused', dependencyStartOrigin }, db, web);
  expect(() => orderOf(told.system, order('start', ['web']), strict)).toThrow(
    'cannot start "web": it needs "db" ready, and auto_start_dependencies is false (/srv/rouse.toml:4)',
  );
  expect(orderOf(told.system, order('start', ['web'], { dependencies: 'closure' }), strict).cases).toHaveLength(2);
  told.start('db');
  told.brings('db');
  expect(orderOf(told.system, order('start', ['web']), strict).cases).toHaveLength(1);
});

test('what is external is neither stopped nor restarted', () => {
  const { system } = given.system(given.service('mail').external());
  for (const action of ['stop', 'restart'] as const)
    expect(() => orderOf(system, order(action, ['mail']), shop)).toThrow('it is external, Rouse only watches it');
});

test('an unknown target names the nearest that is there', () => {
  const { system } = given.system(db, web);
  expect(() => orderOf(system, order('up', ['wbe']), shop)).toThrow(
    expect.objectContaining({ code: 'RSE4001', hint: 'did you mean "web"?' }),
  );
});

test('a stop is not refused for a dependent that is going already', () => {
  const told = given.system(db, web);
  told.start('web');
  told.brings('db', 'web');
  told.stop('web');
  expect(orderOf(told.system, order('stop', ['db']), shop).services).toEqual(['db']);
});
