import { describe, expect, test } from 'vitest';
import { given } from './given.ts';

const db = given.service('db');
const web = given.service('web').requires('db');

describe('order alone (after)', () => {
  const late = given.service('late').requires('db', { need: 'order' });

  test('it wakes nobody', () => {
    const told = given.system(db, late);
    told.start('late');
    expect(told.phases).toEqual({ db: 'stopped', late: 'starting' });
    expect(told.system.services[0]?.demand).toBe('none');
  });

  test('a start waits while the other is on its way up, and no longer', () => {
    const told = given.system(db.gated(), late);
    told.start('db', 'late');
    expect([told.phase('late'), told.hold('late')]).toEqual(['waiting', 'dependency: db']);
    told.started('db');
    expect(told.phase('late')).toBe('waiting');
    told.answers('db', 'pass', 'readiness');
    expect(told.phase('late')).toBe('starting');
  });

  test('a failure of the other satisfies it', () => {
    const told = given.system(db, late);
    told.start('db', 'late');
    told.fails('db', { code: 'not-found' });
    expect(told.phases).toEqual({ db: 'failed', late: 'starting' });
  });

  test('a retry of the other is not waited for', () => {
    const told = given.system(db, late);
    told.start('db', 'late');
    told.started('db');
    told.exits('db', 1);
    expect(told.phase('late')).not.toBe('waiting');
  });

  test('a blocked service is not waited for', () => {
    const told = given.system(db, web, given.service('late').requires('web', { need: 'order' }));
    told.start('web', 'late');
    told.fails('db', { code: 'not-found' });
    expect(told.phases).toEqual({ db: 'failed', web: 'waiting', late: 'starting' });
  });

  test('the stop order is the reverse of the start order over these edges too', () => {
    const told = given.system(db, late);
    told.start('db', 'late');
    told.brings('db', 'late');
    expect(told.stop('db', 'late').moves).toEqual(['late ready → stopping']);
    expect(told.hold('db')).toBe('dependent: late');
    expect(told.exits('late', 0).moves).toEqual(['late stopping → stopped', 'db ready → stopping']);
  });

  test('a stop does not wait for who only comes after it and stays', () => {
    const told = given.system(db, late);
    told.start('db', 'late');
    told.brings('db', 'late');
    expect(told.stop('db').moves).toEqual(['db ready → stopping']);
    expect(told.phase('late')).toBe('ready');
  });

  test('between a stop and a start the stop goes first, whichever way the edge points', () => {
    const told = given.system(db, late);
    told.start('db', 'late');
    told.brings('db', 'late');
    told.stop('late');
    told.exits('db', 1);
    told.later(500).fires('db', 'backoff');
    expect(told.hold('db')).toBe('dependent: late');
    told.exits('late', 0);
    expect(told.phase('db')).toBe('starting');
  });
});

describe('retries while a dependency is down', () => {
  const both = () => {
    const told = given.system(db, web);
    told.start('web');
    return told.brings('db', 'web');
  };

  test('a service that ends while a required dependency is down waits for that, and its end is not counted', () => {
    const told = both();
    told.exits('db', 1);
    expect(told.exits('web', 1).moves).toEqual(['web ready → waiting']);
    expect(told.of('web')).toMatchObject({ restarts: 0, recentRestarts: [], failedStarts: 0 });
    expect(told.of('web').reason).toEqual({ code: 'dependency-lost', service: 'db' });
    expect(told.hold('web')).toBe('dependency: db');
  });

  test('a retry under way is held when a required dependency is lost, and goes on when it is back', () => {
    const told = both();
    told.exits('web', 1);
    expect(told.phase('web')).toBe('backoff');
    expect(told.exits('db', 1).moves).toEqual(['db ready → backoff', 'web backoff → waiting']);
    told.later(500).fires('db', 'backoff');
    expect(told.phase('web')).toBe('waiting');
    told.started('db');
    expect(told.phase('web')).toBe('starting');
    expect(told.of('web').restarts).toBe(1);
  });

  test('the limit of restarts is not reached while a dependency is down', () => {
    const told = given.system(db, web.restarts({ limit: 1 }));
    told.start('web');
    told.brings('db', 'web');
    told.exits('web', 1);
    told.later(500).fires('web', 'backoff');
    told.brings('web');
    told.exits('db', 1);
    told.exits('web', 1);
    expect(told.phase('web')).toBe('waiting');
  });

  test('a service that is never restarted fails, whatever it has lost', () => {
    const told = given.system(db, web.restarts({ policy: 'no' }));
    told.start('web');
    told.brings('db', 'web');
    told.exits('db', 1);
    told.exits('web', 1);
    expect(told.phase('web')).toBe('failed');
  });

  test('a wait survives the restarts of what is waited for', () => {
    const told = given.system(db, web);
    told.start('web');
    told.started('db');
    told.stop('web');
    const again = given.system(db.gated(), web);
    again.start('web');
    again.started('db');
    again.exits('db', 1);
    expect(again.of('web')).toMatchObject({ phase: 'waiting', reason: { code: 'asked' } });
    again.later(500).fires('db', 'backoff');
    again.started('db');
    expect(again.answers('db', 'pass', 'readiness').moves).toEqual(['db starting → ready', 'web waiting → starting']);
  });
});
