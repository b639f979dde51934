import { expect, test } from 'vitest';
import type { Spec } from '../../src/model/spec.ts';
import type { Difference } from '../../src/supervisor/port.ts';
import { given } from '../core/given.ts';
import { BY } from '../engine/given.ts';
import { definition, order, supervise } from './given.ts';

const db = given.service('db');
const web = given.service('web').requires('db');
const changed = (patch: Partial<Spec>) => db.with({ ...patch, hash: 'changed' });
const words = (differences: readonly Difference[]): string[] =>
  differences.map(({ name, action, runs, starts }) => `${name} ${action} ${runs} ${starts}`);

function up() {
  const { on, supervisor } = supervise(db, web);
  supervisor.request(order('up'));
  on.started('db').started('web');
  return { on, supervisor };
}

test('what only concerns Rouse itself holds at once, and nothing is restarted', () => {
  const { on, supervisor } = up();
  const next = definition(changed({ labels: { team: 'a' } }), web);
  expect(words(supervisor.differences(next))).toEqual(['db live yes no', 'web none yes no']);
  expect(supervisor.reload(next, BY, 'outdated')).toMatchObject({ changed: ['db'], unchanged: ['web'], changes: [] });
  expect([on.phase('db'), supervisor.service('db').outdated]).toEqual(['ready', false]);
});

test('what needs a new run is restarted, in one change', () => {
  const { on, supervisor } = up();
  const next = definition(db.revised(), web.revised());
  expect(words(supervisor.differences(next))).toEqual(['db restart yes no', 'web restart yes no']);
  const { changes } = supervisor.reload(next, BY, 'outdated');
  expect(changes).toMatchObject([{ action: 'restart', services: ['db', 'web'] }]);
  expect([on.phase('db'), on.phase('web')]).toEqual(['stopping', 'stopping']);
});

test('without a restart it is only marked, and told as different until it is started anew', () => {
  const { on, supervisor } = up();
  const next = definition(db.revised(), web);
  expect(supervisor.reload(next, BY, 'none').changes).toEqual([]);
  expect([on.phase('db'), supervisor.service('db').outdated]).toEqual(['ready', true]);
  expect(words(supervisor.differences(next))).toEqual(['db restart yes no', 'web none yes no']);
});

test('what is new and starts by itself is started in a project that is up, and what is gone is stopped', () => {
  const { on, supervisor } = up();
  const next = definition(db, given.service('cache'), given.service('idle').with({ autostart: 'no' }));
  expect(words(supervisor.differences(next))).toEqual([
    'db none yes no',
    'cache add no yes',
    'idle add no no',
    'web remove yes no',
  ]);
  const { added, removed, changes } = supervisor.reload(next, BY, 'outdated');
  expect({ added, removed }).toEqual({ added: ['cache', 'idle'], removed: ['web'] });
  expect(changes).toMatchObject([{ action: 'up', services: ['cache'] }]);
  expect([on.phase('web'), on.phase('cache')]).toEqual(['stopping', 'starting']);
});

test('what was stopped by hand stays so', () => {
  const { on, supervisor } = up();
  supervisor.request(order('stop', ['web']));
  on.exits('web', 143);
  const next = definition(db, web.revised());
  expect(words(supervisor.differences(next))).toEqual(['db none yes no', 'web live no no']);
  expect(supervisor.reload(next, BY, 'outdated').changes).toEqual([]);
  expect(on.phase('web')).toBe('stopped');
});

test('nothing is started in a project that is down', () => {
  const { supervisor } = supervise(db);
  const next = definition(db, given.service('cache'));
  expect(words(supervisor.differences(next))).toEqual(['db none no no', 'cache add no no']);
});

test('what has failed is tried again by its new definition', () => {
  const calm = db.restarts({ policy: 'no' });
  const { on, supervisor } = supervise(calm);
  supervisor.request(order('up'));
  on.started('db').exits('db', 1);
  const next = definition(calm.with({ labels: { a: 'b' }, hash: 'changed' }));
  expect(words(supervisor.differences(next))).toEqual(['db restart no no']);
  supervisor.reload(next, BY, 'outdated');
  expect(on.phase('db')).toBe('starting');
});

test('a definition with a fault changes nothing', () => {
  const { supervisor } = up();
  const before = supervisor.definition();
  expect(() => supervisor.reload(definition(db, web.requires('nobody')), BY, 'outdated')).toThrow('does not exist');
  expect(supervisor.definition()).toBe(before);
});

test('reloads that come thick and fast are refused', () => {
  const { supervisor } = up();
  const next = definition(db, web);
  for (let count = 0; count < 20; count += 1) supervisor.reload(next, BY, 'outdated');
  expect(() => supervisor.reload(next, BY, 'outdated')).toThrow(expect.objectContaining({ code: 'RSE4111' }));
});

test('a name of several means all of them', () => {
  const { on, supervisor } = supervise(given.service('web@1'), given.service('web@2'));
  const { services, summary } = supervisor.request(order('start', ['web']));
  expect([services, summary]).toEqual([['web@1', 'web@2'], 'start web (2 services)']);
  expect(supervisor.plan(order('stop', ['web'])).targets).toEqual(['web@1', 'web@2']);
  expect(() => supervisor.request(order('start', ['wab']))).toThrow(expect.objectContaining({ code: 'RSE4001' }));
  expect(on.phase('web@2')).toBe('starting');
});

test('the definition and what follows it are kept by one write, so that a crash leaves no half of it', () => {
  const { on, supervisor } = up();
  const written: string[][] = [];
  const before = on.records.length;
  on.onStart = () => void written.push(on.recorded.slice(before));
  const batches = on.batches.length;
  supervisor.reload(definition(db.revised(), web, given.service('cache')), BY, 'outdated');
  expect(on.batches.slice(batches)).toEqual([['db', 'cache']]);
  expect(written).toHaveLength(1);
  expect(written[0]).toEqual(expect.arrayContaining(['definition.applied', 'change.created', 'service.phase']));
  expect(on.store.changes(10).map(({ id, state }) => [id, state])).toEqual([
    ['3', 'running'],
    ['2', 'running'],
    ['1', 'done'],
  ]);
});

test('a definition after which something could not be started is refused whole', () => {
  const { on, supervisor } = up();
  supervisor.pin(['web'], 'up', BY);
  const last = supervisor.definition().hash;
  const rival = given.service('rival').with({ conflicts: ['web'] });
  expect(() => supervisor.reload(definition(db.revised(), web, rival), BY, 'outdated')).toThrow('rival');
  expect([supervisor.definition().hash, supervisor.services().map(({ name }) => name)]).toEqual([last, ['db', 'web']]);
  expect([on.phase('db'), supervisor.service('db').outdated, supervisor.changes()]).toMatchObject([
    'ready',
    false,
    [{}],
  ]);
});
