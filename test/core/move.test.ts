import { describe, expect, test } from 'vitest';
import type { Told } from './given.ts';
import { given } from './given.ts';

const plain = given.service('db');
const prepared = (service = plain.hooked('beforeStart', 'afterReady')): Told => {
  const told = given.system(service);
  told.start('db');
  return told;
};

describe('the hook before a start', () => {
  test('a run is ordered when its before_start hook has ended well, and not before', () => {
    const told = given.system(plain.hooked('beforeStart'));
    expect(told.start('db').effects).toEqual(['db#1 run-hook beforeStart', 'db#1 set-timer startup 60000']);
    expect([told.phase('db'), told.of('db').step]).toEqual(['starting', 'before-start']);
    expect(told.hookEnds('db', 'beforeStart').effects).toEqual(['db#1 start']);
    expect(told.of('db').step).toBe('none');
  });

  test('the hook takes one of the places for starts, as the run does after it', () => {
    const told = given.limited(1, plain.hooked('beforeStart'), given.service('web'));
    told.start('db', 'web');
    expect(told.phases).toEqual({ db: 'starting', web: 'waiting' });
    told.hookEnds('db', 'beforeStart');
    expect(told.phase('web')).toBe('waiting');
    told.started('db');
    expect(told.phase('web')).toBe('starting');
  });

  test('a before_start hook that fails is a failed start, and the restart policy applies', () => {
    const told = prepared();
    told.hookEnds('db', 'beforeStart', 'failed');
    expect([told.phase('db'), told.of('db').failedStarts, told.of('db').restarts]).toEqual(['backoff', 1, 1]);
    expect(told.of('db').reason).toEqual({
      code: 'start-failed',
      fault: { code: 'hook-failed', message: 'exit 7', program: null, hint: null },
    });
    const never = prepared(plain.hooked('beforeStart').restarts({ policy: 'no' }));
    never.hookEnds('db', 'beforeStart', 'failed');
    expect(never.phase('db')).toBe('failed');
  });

  test('the limit of a start covers its hook, which is then killed', () => {
    const told = prepared();
    expect(told.fires('db', 'startup').effects).toEqual([
      'db#1 clear-timers',
      'db#1 stop-probes',
      'db#1 kill',
      'db#1 set-timer kill 5000',
    ]);
    told.hookEnds('db', 'beforeStart', 'failed');
    expect(told.of('db').reason).toEqual({
      code: 'startup-timeout',
      timeoutMs: 60_000,
      message: 'its before_start hook has not ended',
    });
    expect(told.phase('db')).toBe('backoff');
  });

  test('needs that are lost while the hook runs are waited for again, and nothing is counted', () => {
    const told = given.system(given.service('db'), given.service('web').requires('db').hooked('beforeStart'));
    told.start('web');
    told.brings('db');
    told.exits('db', 1);
    expect(told.phases).toEqual({ db: 'backoff', web: 'starting' });
    expect(told.hookEnds('web', 'beforeStart').moves).toEqual(['web starting → waiting']);
    expect([told.of('web').restarts, told.of('web').failedStarts]).toEqual([0, 0]);
    told.fires('db', 'backoff');
    told.brings('db');
    expect([told.phase('web'), told.of('web').run, told.of('web').step]).toEqual(['starting', 2, 'before-start']);
  });

  test('reports of a run that was not ordered are not believed', () => {
    const told = prepared();
    const before = told.of('db');
    told.started('db');
    told.exits('db', 0);
    expect(told.of('db')).toBe(before);
  });

  test('while nothing can be recorded the hook does not begin, and the service waits again', () => {
    const told = prepared();
    told.fails('db', { code: 'never-begun' });
    expect([told.of('db').run, told.of('db').restarts]).toEqual([2, 0]);
  });
});

describe('the hook after readiness', () => {
  test('an after_ready hook runs once the gate is passed, and its failure changes nothing', () => {
    const told = prepared();
    told.hookEnds('db', 'beforeStart');
    expect(told.started('db').effects).toEqual(['db#1 clear-timers', 'db#1 run-hook afterReady']);
    const ready = told.of('db');
    told.hookEnds('db', 'afterReady', 'failed');
    expect(told.of('db')).toBe(ready);
  });
});

describe('the reset of restarts', () => {
  const crashed = (times: number, service = plain): Told => {
    const told = given.system(service);
    told.start('db');
    told.brings('db');
    for (let crash = 0; crash < times; crash += 1) {
      told.exits('db', 1);
      told.fires('db', 'backoff');
      if (crash < times - 1) told.brings('db');
    }
    return told;
  };

  test('restarts are forgiven after the time of the policy in ready, and no earlier', () => {
    const told = crashed(1);
    expect(told.started('db').effects).toContain('db#2 set-timer stable 60000');
    expect(told.of('db').restarts).toBe(1);
    told.fires('db', 'stable');
    expect([told.of('db').restarts, told.of('db').recentRestarts]).toEqual([0, []]);
  });

  test('a delay that has grown long asks for twice as long in ready', () => {
    const told = crashed(7, plain.restarts({ delayMs: 1000, maxDelayMs: 64_000, resetAfterMs: 10_000 }));
    expect(told.started('db').effects).toContain('db#8 set-timer stable 128000');
  });
});
