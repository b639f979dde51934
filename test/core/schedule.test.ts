import { describe, expect, test } from 'vitest';
import { given } from './given.ts';

const four = (limit: number) =>
  given.limited(limit, given.service('a'), given.service('b'), given.service('c'), given.service('d'));

describe('the limit of starts at once', () => {
  test('no more runs are ordered than there is room for, and the others wait in turn', () => {
    const told = four(2);
    expect(told.start('a', 'b', 'c', 'd').moves.slice(4)).toEqual(['a waiting → starting', 'b waiting → starting']);
    expect([told.hold('a'), told.hold('c')]).toEqual([null, 'capacity']);
    expect(told.system.spawning).toBe(2);
  });

  test('a run that is said to exist makes room, ready or not', () => {
    const told = given.limited(1, given.service('a').checked(), given.service('b'));
    told.start('a', 'b');
    expect(told.started('a').moves).toEqual(['b waiting → starting']);
    expect(told.phase('a')).toBe('starting');
  });

  test('a start that fails makes room', () => {
    const told = four(1);
    told.start('a', 'b');
    expect(told.fails('a', { code: 'not-found' }).moves).toEqual(['a starting → failed', 'b waiting → starting']);
  });

  test('who queued first starts first', () => {
    const told = four(1);
    told.start('a');
    told.start('d');
    told.start('b');
    expect(told.started('a').moves).toEqual(['a starting → ready', 'd waiting → starting']);
    expect(told.started('d').moves).toEqual(['d starting → ready', 'b waiting → starting']);
  });

  test('who is let go while it queues does not start', () => {
    const told = four(1);
    told.start('a', 'b', 'c');
    told.stop('b');
    expect(told.started('a').moves).toEqual(['a starting → ready', 'c waiting → starting']);
    expect(told.phase('b')).toBe('stopped');
  });

  test('without any room nothing starts, and with the next event that brings room everything goes on', () => {
    const told = four(0);
    expect(told.start('a').moves).toEqual(['a stopped → waiting']);
    expect(told.hold('a')).toBe('capacity');
  });
});

describe('holds', () => {
  const chain = () => {
    const told = given.system(
      given.service('db'),
      given.service('api').requires('db'),
      given.service('web').requires('api').requires('db'),
    );
    told.start('web');
    return told;
  };

  test('a start is held by every dependency that is not there, in the order of the list', () => {
    expect(chain().hold('web')).toBe('dependency: api, db');
  });

  test('a service that was asked for alone is held by none', () => {
    const told = given.system(given.service('db'), given.service('web').requires('db'));
    expect(told.wants('start', ['web'], { scope: 'alone' }).moves).toEqual([
      'web stopped → waiting',
      'web waiting → starting',
    ]);
    expect(told.phase('db')).toBe('stopped');
  });

  test('a stop is held by every dependent that lives, in the order of declaration', () => {
    const told = chain().brings('db', 'api', 'web');
    expect(told.stop('db').moves).toEqual(['web ready → stopping']);
    expect(told.hold('db')).toBe('dependent: api, web');
    expect(told.hold('api')).toBe('dependent: web');
    expect(told.hold('web')).toBe(null);
  });

  test('a stop goes from the top down, each step when the one above has ended', () => {
    const told = chain().brings('db', 'api', 'web');
    told.stop('db');
    expect(told.exits('web', 0).moves).toEqual(['web stopping → stopped', 'api ready → stopping']);
    expect(told.exits('api', 0).moves).toEqual(['api stopping → stopped', 'db ready → stopping']);
    expect(told.exits('db', 0).moves).toEqual(['db stopping → stopped']);
  });

  test('a stop is held by a dependent that lives behind a task that is done', () => {
    const told = given.system(
      given.service('db'),
      given.service('migrate').task().requires('db'),
      given.service('web').requires('migrate', { when: 'completed' }),
    );
    told.start('web');
    told.brings('db', 'migrate', 'web');
    expect(told.stop('db').moves).not.toContain('db ready → stopping');
    expect(told.hold('db')).toBe('dependent: web');
    expect(told.exits('web', 0).moves).toContain('db ready → stopping');
  });

  test('a service that was started alone does not hold what it needs', () => {
    const told = given.system(given.service('db'), given.service('web').requires('db'));
    told.start('db');
    told.wants('start', ['web'], { scope: 'alone' });
    told.brings('db', 'web');
    expect(told.wants('stop', ['db'], { scope: 'alone' }).moves).toEqual(['db ready → stopping']);
    expect(told.phase('web')).toBe('ready');
  });

  test('nothing holds what rests', () => {
    expect(given.system(given.service('db')).hold('db')).toBe(null);
  });
});

describe('a dependency that is optional', () => {
  const mailing = () =>
    given.system(given.service('mail').restarts({ policy: 'no' }), given.service('web').wants('mail'));

  test('is started too, and waited for until it is ready or has failed', () => {
    const told = mailing();
    told.start('web');
    expect(told.hold('web')).toBe('dependency: mail');
    expect(told.fails('mail', { code: 'not-found' }).moves).toEqual([
      'mail starting → failed',
      'web waiting → starting',
    ]);
    expect(mailing().start('web').moves).toContain('mail waiting → starting');
  });

  test('may be stopped, and may crash, without its dependent', () => {
    const stopped = mailing();
    stopped.start('web');
    stopped.brings('mail', 'web');
    expect(stopped.wants('stop', ['mail'], { scope: 'alone' }).moves).toEqual(['mail ready → stopping']);
    expect(stopped.exits('mail', 0).moves).toEqual(['mail stopping → stopped']);
    const crashed = mailing();
    crashed.start('web');
    crashed.brings('mail', 'web');
    expect(crashed.exits('mail', 1).moves).toEqual(['mail ready → failed']);
  });
});

test('what had to happen once concerns nobody after it has happened', () => {
  const told = given.system(
    given.service('migrate').task(),
    given.service('web').requires('migrate', { when: 'completed' }),
  );
  told.start('web');
  told.brings('migrate', 'web');
  told.wants('restart', ['migrate'], { scope: 'alone', completed: 'again' });
  expect(told.phases).toEqual({ migrate: 'starting', web: 'ready' });
  told.started('migrate');
  told.exits('migrate', 1);
  expect(told.phase('web')).toBe('ready');
});

test('lanes that do not need each other stop side by side', () => {
  const told = given.system(
    given.service('db'),
    given.service('api').requires('db'),
    given.service('queue'),
    given.service('worker').requires('queue'),
  );
  told.start('api', 'worker');
  told.brings('db', 'api', 'queue', 'worker');
  expect(told.stop('db', 'api', 'queue', 'worker').moves.toSorted()).toEqual([
    'api ready → stopping',
    'worker ready → stopping',
  ]);
  expect(told.exits('worker', 0).moves).toEqual(['worker stopping → stopped', 'queue ready → stopping']);
  expect(told.phase('db')).toBe('ready');
});
