import { describe, expect, test } from 'vitest';
import type { Told } from './given.ts';
import { given } from './given.ts';
import { lostBy } from '../../src/core/describe.ts';
import type { OnLoss } from '../../src/model/spec.ts';

const db = given.service('db').checked({ failureThreshold: 1 }, 'none');

/** A database and a service on it, both ready. */
function pair(onLoss: OnLoss): Told {
  const told = given.system(db, given.service('web').requires('db', { onLoss }));
  told.start('web');
  told.started('db');
  told.answers('db', 'pass');
  told.started('web');
  expect(told.phases).toEqual({ db: 'ready', web: 'ready' });
  return told.later(1000);
}

const LOSSES = {
  crash: (told: Told) => void told.exits('db', 1),
  'lasting unhealthiness': (told: Told) => void told.answers('db', 'fail'),
  'an operator restart': (told: Told) => void told.wants('restart', ['db'], { scope: 'alone' }),
} as const;

/** The dependency comes back from whatever happened to it. */
function back(told: Told): void {
  if (told.phase('db') === 'stopping') told.exits('db', 0);
  if (told.phase('db') === 'backoff') told.later(500).fires('db', 'backoff');
  told.later(100);
  if (told.phase('db') === 'starting') told.started('db');
  told.answers('db', 'pass');
}

const cases = Object.entries(LOSSES);

describe('what is lost at run time', () => {
  test.for(cases)(
    'on_loss = "stop": the dependent is stopped at the loss by %s, and comes back by itself',
    ([, lose]) => {
      const told = pair('stop');
      lose(told);
      expect(told.of('web')).toMatchObject({ phase: 'stopping', reason: { code: 'dependency-lost', service: 'db' } });
      told.exits('web', 0);
      expect(told.phase('web')).toBe('waiting');
      back(told);
      expect(told.of('web')).toMatchObject({ phase: 'starting', run: 2 });
    },
  );

  test.for(cases)('on_loss = "restart": the dependent is replaced when the dependency is back from %s', ([, lose]) => {
    const told = pair('restart');
    lose(told);
    expect(told.phase('web')).toBe('ready');
    back(told);
    expect(told.phase('web')).toBe('stopping');
    told.exits('web', 0);
    expect(told.of('web')).toMatchObject({ phase: 'starting', run: 2 });
  });

  test.for(cases)('on_loss = "ignore": the dependent stays up through %s, degraded by what it lost', ([, lose]) => {
    const told = pair('ignore');
    lose(told);
    expect(told.phase('web')).toBe('ready');
    expect(lostBy(told.system, told.index('web'))).toEqual(['db']);
    back(told);
    expect(lostBy(told.system, told.index('web'))).toEqual([]);
    expect(told.of('web')).toMatchObject({ phase: 'ready', run: 1 });
  });

  test('an unhealthy dependency lets nobody start, and one that is healthy again does', () => {
    const told = given.system(db, given.service('web').requires('db'));
    told.start('db');
    told.started('db');
    told.answers('db', 'pass');
    told.answers('db', 'fail');
    told.start('web');
    expect(told.hold('web')).toBe('dependency: db');
    expect(told.answers('db', 'pass').moves).toEqual(['web waiting → starting']);
  });

  test('the verdict of an earlier run is not held against the present one', () => {
    const told = given.system(db, given.service('web').requires('db'));
    told.start('db');
    told.started('db');
    told.answers('db', 'pass');
    told.answers('db', 'fail');
    told.wants('restart', ['db'], { scope: 'alone' });
    told.exits('db', 0);
    told.start('web');
    told.started('db');
    told.answers('db', 'pass');
    expect(told.phase('web')).toBe('starting');
  });

  test('a loss that happened while the daemon was away is made up for when the dependent is found', () => {
    const web = given.service('web').requires('db', { onLoss: 'stop' });
    const told = given.found(
      given.state('backoff', db),
      given.state('unknown', web, { reason: { code: 'unverified', was: 'ready' } }),
    );
    told.hears({ type: 'recovered', service: 'web', run: 1, found: 'alive', pid: 812 });
    expect(told.of('web')).toMatchObject({ phase: 'stopping', reason: { code: 'dependency-lost', service: 'db' } });
  });
});
