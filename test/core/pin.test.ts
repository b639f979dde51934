import { expect, test } from 'vitest';
import type { Told } from './given.ts';
import { given } from './given.ts';
import { describeFailure } from '../../src/core/failure.ts';
import { explain } from '../../src/core/explain.ts';
import { judgeTask } from '../../src/core/verdict.ts';

const db = given.service('db');
const web = given.service('web').requires('db');

const pin = (told: Told, service: string, to: 'up' | 'down' | 'none') =>
  told.hears({ type: 'pinned', services: [service], pin: to });

test('pinned up, a service is up, and stays so when its last dependent lets it go', () => {
  const told = given.system(db, web);
  told.start('web');
  told.brings('db', 'web');
  pin(told, 'db', 'up');
  told.stop('web');
  told.exits('web', 0);
  expect(told.of('db')).toMatchObject({ phase: 'ready', demand: 'released', pin: 'up' });
});

test('pinned up, a service that rests is started with what it needs', () => {
  const told = given.system(db, web);
  expect(pin(told, 'web', 'up').moves).toEqual([
    'web stopped → waiting',
    'db stopped → waiting',
    'db waiting → starting',
  ]);
});

test('a stop that reaches a service which is pinned up counts when the pin is taken away', () => {
  const told = given.system(db, web);
  told.start('web');
  told.brings('db', 'web');
  pin(told, 'web', 'up');
  expect(told.stop('db').moves).toEqual([]);
  expect(told.phases).toEqual({ db: 'ready', web: 'ready' });
  expect(pin(told, 'web', 'none').moves).toEqual(['web ready → stopping']);
  expect(told.exits('web', 0).moves).toEqual(['web stopping → stopped', 'db ready → stopping']);
});

test('a stop that waits for what is pinned up has failed, and says so', () => {
  const told = given.system(db, web);
  told.start('web');
  told.brings('db', 'web');
  pin(told, 'web', 'up');
  told.stop('db');
  const verdict = judgeTask(told.system, { kind: 'stop', service: 'db', sinceRun: 1 });
  expect(verdict).toEqual({ state: 'failed', root: 'web' });
  expect(describeFailure(told.system, 'db', 'web')).toBe('web is pinned up and stands in its way');
});

test('pinned down, a service is put to rest, and who requires it is stopped first and then blocked', () => {
  const told = given.system(db, web);
  told.start('web');
  told.brings('db', 'web');
  expect(pin(told, 'db', 'down').moves).toEqual(['web ready → stopping']);
  expect(told.exits('web', 0).moves).toEqual(['web stopping → waiting', 'db ready → stopping']);
  told.exits('db', 0);
  expect(told.of('web').reason).toEqual({ code: 'dependency', service: 'db' });
});

test('pinned down, nothing wakes it: no dependent, no request, no restart policy', () => {
  const told = given.system(db, web);
  pin(told, 'db', 'down');
  told.start('web');
  told.start('db');
  told.restart('db');
  expect(told.phases).toEqual({ db: 'stopped', web: 'waiting' });
  pin(told, 'db', 'none');
  expect(told.phases).toEqual({ db: 'starting', web: 'waiting' });
  told.started('db');
  told.exits('db', 1);
  expect(told.phase('db')).toBe('backoff');
  expect(pin(told, 'db', 'down').moves).toContain('db backoff → stopped');
});

test('an explanation says who pinned what is in the way', () => {
  const told = given.system(db, web);
  pin(told, 'db', 'down');
  told.start('web');
  const evidence = { monotonic: 1000, lastLogs: () => [], checks: () => [], pinnedBy: () => 'ada' };
  const explained = explain(told.system, told.index('web'), evidence);
  expect(explained.text).toContain('blocked (0ms) by db: db is pinned down');
  expect(explained.facts).toContain('db is pinned down by ada');
  expect(explained.fixes[0]).toEqual({ text: 'let db go', command: 'rouse unpin db' });
});

test('what conflicts with a service that is pinned up is blocked by it, and starts when the pin and the service are gone', () => {
  const told = given.system(given.service('blue'), given.service('green').with({ conflicts: ['blue'] }));
  pin(told, 'blue', 'up');
  told.brings('blue');
  told.start('green');
  expect(told.of('green')).toMatchObject({ phase: 'waiting', reason: { code: 'conflict', service: 'blue' } });
  expect(judgeTask(told.system, { kind: 'start', service: 'green', sinceRun: 0 })).toEqual({
    state: 'failed',
    root: 'blue',
  });
  pin(told, 'blue', 'none');
  told.exits('blue', 0);
  expect(told.phases).toEqual({ blue: 'stopped', green: 'starting' });
});

test('who waits for what is pinned down is blocked, also while another pin holds that up', () => {
  const told = given.system(db, web, given.service('late').requires('db'));
  told.start('web');
  told.brings('db', 'web');
  pin(told, 'web', 'up');
  pin(told, 'db', 'down');
  told.start('late');
  expect([told.phase('db'), told.of('late').reason]).toEqual(['ready', { code: 'dependency', service: 'db' }]);
  expect(judgeTask(told.system, { kind: 'start', service: 'late', sinceRun: 0 })).toMatchObject({ state: 'failed' });
});

test('what was done before it was pinned down is still done for whom it concerns', () => {
  const needs = given.service('web').requires('migrate', { when: 'completed' }).requires('db');
  const told = given.system(db, given.service('migrate').task(), needs);
  told.start('web');
  told.brings('db', 'migrate', 'web');
  pin(told, 'migrate', 'down');
  told.exits('db', 1);
  expect(told.phases).toEqual({ db: 'backoff', migrate: 'completed', web: 'ready' });
});

test('a start that waits for a run to exist does not take one that is about to be replaced', () => {
  const near = given.service('near').requires('db', { when: 'started' });
  const told = given.system(db, given.service('far').requires('db'), near);
  told.start('far');
  told.brings('db', 'far');
  told.stop('far');
  told.restart('db');
  told.start('near');
  expect(told.phases).toMatchObject({ db: 'ready', near: 'waiting' });
});

test('who waited for the end of a pin has it out with its other rivals then, also while it waits for its turn', () => {
  const green = given
    .service('green')
    .with({ conflicts: ['blue', 'red'] })
    .requires('slow', { need: 'order' });
  const told = given.system(given.service('blue'), given.service('red'), given.service('slow').settles(500), green);
  pin(told, 'blue', 'up');
  told.start('red', 'slow');
  told.brings('blue', 'red');
  told.started('slow');
  told.start('green');
  expect(told.phases).toEqual({ blue: 'ready', red: 'ready', slow: 'starting', green: 'waiting' });
  expect(pin(told, 'blue', 'none').moves).toEqual(['blue ready → stopping', 'red ready → stopping']);
});

test('a service that is to rest is pinned before its daemon knows what became of its run', () => {
  for (const [to, phase] of [
    ['up', 'ready'],
    ['down', 'stopping'],
    ['none', 'stopping'],
  ] as const) {
    const reason = { code: 'unverified', was: 'ready' } as const;
    const told = given.found(given.state('unknown', db, { demand: 'none', reason }));
    expect(pin(told, 'db', to).moves).toEqual([]);
    told.hears({ type: 'recovered', service: 'db', run: 1, found: 'alive', pid: 812 });
    expect(told.phase('db')).toBe(phase);
  }
});

test('pinning twice changes nothing', () => {
  const told = given.system(db);
  pin(told, 'db', 'up');
  expect(pin(told, 'db', 'up').result.transitions).toEqual([]);
});

test('a service that left the definition is kept by no pin', () => {
  const told = given.system(db, web);
  pin(told, 'web', 'up');
  told.brings('db', 'web');
  told.redefines(db);
  expect(told.phase('web')).toBe('stopping');
});
