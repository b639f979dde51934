import { describe, expect, test } from 'vitest';
import { step } from '../../src/core/step.ts';
import { given } from './given.ts';

const shop = () =>
  given.system(
    given.service('cache'),
    given.service('db').checked(),
    given.service('migrate').task().requires('db'),
    given.service('web').requires('cache').requires('migrate', { when: 'completed' }),
  );

describe('one event at a time', () => {
  test('a start wakes everything below and orders only what needs nothing', () => {
    const told = shop();
    const { effects, moves } = told.start('web');
    expect(effects).toEqual([
      'cache#1 start',
      'cache#1 set-timer startup 60000',
      'db#1 start',
      'db#1 set-timer startup 60000',
    ]);
    expect(moves).toEqual([
      'cache stopped → waiting',
      'db stopped → waiting',
      'migrate stopped → waiting',
      'web stopped → waiting',
      'cache waiting → starting',
      'db waiting → starting',
    ]);
    expect(told.hold('web')).toBe('dependency: cache, migrate');
  });

  test('each dependency that is ready lets its dependents go on, down to the last', () => {
    const told = shop();
    told.start('web');
    expect(told.started('cache').moves).toEqual(['cache starting → ready']);
    expect(told.started('db').effects).toEqual(['db#1 start-probe health starting']);
    expect(told.answers('db', 'pass').effects).toEqual([
      'db#1 clear-timers',
      'db#1 start-probe health running',
      'migrate#1 start',
    ]);
    expect(told.started('migrate').effects).toEqual([]);
    expect(told.exits('migrate', 0).moves).toEqual(['migrate starting → completed', 'web waiting → starting']);
    expect(told.started('web').moves).toEqual(['web starting → ready']);
    expect(told.hold('web')).toBe(null);
  });

  test('a failed start blocks its dependents with the chain, and lets other branches go on', () => {
    const told = shop();
    told.start('web');
    const { moves } = told.fails('db', { code: 'not-found', program: 'postgres' });
    expect(moves).toEqual(['db starting → failed']);
    expect(told.of('migrate').reason).toEqual({ code: 'dependency', service: 'db' });
    expect(told.of('web').reason).toEqual({ code: 'dependency', service: 'migrate' });
    expect(told.started('cache').moves).toEqual(['cache starting → ready']);
  });

  test('what was blocked comes up by itself when the cause is gone', () => {
    const told = shop();
    told.start('web');
    told.brings('cache');
    told.fails('db', { code: 'not-found' });
    told.start('db');
    expect([told.of('migrate').reason, told.of('web').reason]).toEqual([{ code: 'needed' }, { code: 'asked' }]);
    expect(told.brings('db', 'migrate', 'web').phases).toEqual({
      cache: 'ready',
      db: 'ready',
      migrate: 'completed',
      web: 'ready',
    });
  });

  test('a dependency that is tried again blocks nobody', () => {
    const told = shop();
    told.start('web');
    told.started('db');
    expect(told.exits('db', 1).moves).toEqual(['db starting → backoff']);
    expect(told.of('migrate').reason).toEqual({ code: 'needed' });
    expect(told.fires('db', 'backoff').moves).toEqual(['db backoff → waiting', 'db waiting → starting']);
  });
});

describe('late and foreign reports', () => {
  test('a report of another run changes nothing', () => {
    const told = shop();
    told.start('db');
    told.started('db');
    for (const run of [0, 2]) {
      const { effects, moves, result } = told.hears({ type: 'exited', service: 'db', run, exitCode: 1, signal: null });
      expect([effects, moves, result.transitions]).toEqual([[], [], []]);
    }
    expect(told.phase('db')).toBe('starting');
  });

  test('a report of a service that is not there changes nothing', () => {
    const told = shop();
    const { effects, result } = told.hears({ type: 'started', service: 'ghost', run: 1, pid: 1 });
    expect([effects, result.transitions]).toEqual([[], []]);
  });

  test('the end of a run is counted once, however often it is reported', () => {
    const told = shop();
    told.start('db');
    told.started('db');
    told.exits('db', 1);
    expect(told.exits('db', 1).moves).toEqual([]);
    expect(told.of('db').restarts).toBe(1);
  });

  test('a timer of an earlier phase changes nothing', () => {
    const told = shop();
    told.start('cache');
    told.started('cache');
    expect(told.fires('cache', 'startup').moves).toEqual([]);
    expect(told.phase('cache')).toBe('ready');
  });
});

describe('what is told', () => {
  test('an answer that changes nothing but a count is no transition', () => {
    const told = shop();
    told.start('db');
    told.started('db');
    expect(told.answers('db', 'fail').result.transitions).toEqual([]);
  });

  test('a verdict that changes inside a phase is a transition', () => {
    const told = given.system(given.service('db').checked({ failureThreshold: 1 }, 'none'));
    told.start('db');
    told.brings('db');
    const { result } = told.answers('db', 'fail');
    expect(result.transitions.map(({ before, after }) => [before.health.verdict, after.health.verdict])).toEqual([
      ['healthy', 'unhealthy'],
    ]);
  });

  test('a step without room for a start is a bug of the caller only when the room is negative', () => {
    const { system } = shop();
    const event = { type: 'timer', timer: 'stable', service: 'db', run: 0, at: 1000, draw: 0 } as const;
    expect(() => step(system, event, { startsAtOnce: -1 })).toThrow('a limit is not negative');
    expect(step(system, event, { startsAtOnce: 0 }).effects).toEqual([]);
  });

  test('chance outside 0..1 is a bug of the caller', () => {
    const event = { type: 'timer', timer: 'stable', service: 'db', run: 0, at: 1000, draw: 1 } as const;
    expect(() => step(shop().system, event, { startsAtOnce: 1 })).toThrow('a draw is in 0..1');
  });
});

describe('losing a dependency while it is needed', () => {
  const lost = (onLoss: 'ignore' | 'restart' | 'stop') => {
    const told = given.system(given.service('db'), given.service('web').requires('db', { onLoss }));
    told.start('web');
    return told.brings('db', 'web').later(100);
  };

  test('a dependent that ignores it stays ready', () => {
    const told = lost('ignore');
    expect(told.exits('db', 1).moves).toEqual(['db ready → backoff']);
    expect(told.phase('web')).toBe('ready');
  });

  test('a dependent that restarts waits until the dependency is back', () => {
    const told = lost('restart');
    told.exits('db', 1);
    expect(told.phase('web')).toBe('ready');
    told.fires('db', 'backoff');
    expect(told.started('db').moves).toEqual(['db starting → ready', 'web ready → stopping']);
    expect(told.of('web').reason).toEqual({ code: 'dependency-lost', service: 'db' });
    expect(told.exits('web', 0).moves).toEqual(['web stopping → waiting', 'web waiting → starting']);
    expect(told.of('web').restarts).toBe(0);
  });

  test('a dependent that stops is stopped at once, and comes back with the dependency', () => {
    const told = lost('stop');
    expect(told.exits('db', 1).moves).toEqual(['db ready → backoff', 'web ready → stopping']);
    expect(told.exits('web', 0).moves).toEqual(['web stopping → waiting']);
    told.fires('db', 'backoff');
    expect(told.started('db').moves).toEqual(['db starting → ready', 'web waiting → starting']);
  });
});
