import { describe, expect, test } from 'vitest';
import { describeFailure } from '../../src/core/failure.ts';
import { onHurry } from '../../src/core/stop.ts';
import { judgeTask } from '../../src/core/verdict.ts';
import type { Told } from './given.ts';
import { given } from './given.ts';

const plain = given.service('db');
const hooked = plain.drains(2000).hooked('beforeStop', 'afterStop');
const ready = (service = plain): Told => {
  const told = given.system(service);
  told.start('db');
  return told.brings('db');
};
/** Without grace, as a request for it comes to the machine. */
const hurry = (told: Told): readonly string[] => {
  const { next, effects } = onHurry(told.of('db'));
  const index = told.index('db');
  told.system = { ...told.system, services: told.system.services.map((each, at) => (at === index ? next : each)) };
  return effects.map((effect) => effect.type);
};

describe('the sequence of a stop', () => {
  test('a stop drains, runs its before_stop hook, asks to end, kills after the grace, and runs its after_stop hook', () => {
    const told = ready(hooked);
    expect(told.stop('db').effects).toEqual(['db#1 clear-timers', 'db#1 stop-probes', 'db#1 set-timer drain 2000']);
    expect([told.phase('db'), told.of('db').step]).toEqual(['stopping', 'draining']);
    expect(told.fires('db', 'drain').effects).toEqual(['db#1 run-hook beforeStop', 'db#1 set-timer kill 2000']);
    expect(told.hookEnds('db', 'beforeStop').effects).toEqual(['db#1 stop', 'db#1 set-timer kill 10000']);
    expect(told.fires('db', 'kill').effects).toEqual(['db#1 kill', 'db#1 set-timer kill 5000']);
    expect(told.of('db').step).toBe('killing');
    expect(told.exits('db', 'SIGKILL').effects).toEqual([
      'db#1 clear-timers',
      'db#1 stop-probes',
      'db#1 run-hook afterStop',
      'db#1 set-timer kill 2000',
    ]);
    expect(told.of('db').ending).toEqual({ exitCode: null, signal: 'SIGKILL' });
    expect(told.hookEnds('db', 'afterStop').effects).toEqual(['db#1 clear-timers', 'db#1 stop-probes', 'db#1 release']);
    expect([told.phase('db'), told.of('db').step, told.of('db').ending]).toEqual(['stopped', 'none', null]);
  });

  test('a run that was not ready does not drain', () => {
    const told = given.system(hooked.settles(500));
    told.start('db');
    told.started('db');
    expect(told.stop('db').effects.slice(2)).toEqual(['db#1 run-hook beforeStop', 'db#1 set-timer kill 2000']);
  });

  test('a dependent sees at once that what drains is not ready', () => {
    const told = given.system(hooked, given.service('web').requires('db'));
    told.start('db');
    told.brings('db');
    told.wants('stop', ['db'], { scope: 'alone' });
    told.wants('start', ['web'], { scope: 'closure' });
    expect([told.of('db').step, told.phase('web')]).toEqual(['draining', 'waiting']);
  });

  test('the grace begins with the signal, not with the drain or the hook', () => {
    const told = ready(hooked);
    told.stop('db');
    expect(told.of('db').limitAt).toBeNull();
    told.later(2000).fires('db', 'drain');
    told.later(700).hookEnds('db', 'beforeStop');
    expect(told.of('db').limitAt).toBe(1000 + 2000 + 700 + 10_000);
  });

  test('a before_stop hook that fails does not keep the run from being stopped', () => {
    const told = ready(plain.hooked('beforeStop'));
    told.stop('db');
    expect(told.hookEnds('db', 'beforeStop', 'failed').effects).toEqual(['db#1 stop', 'db#1 set-timer kill 10000']);
  });

  test('a before_stop hook that is never heard of again is given up a second after its limit', () => {
    const told = ready(plain.hooked('beforeStop'));
    told.stop('db');
    expect(told.fires('db', 'kill').effects).toEqual(['db#1 stop', 'db#1 set-timer kill 10000']);
    expect(told.hookEnds('db', 'beforeStop').effects).toEqual([]);
  });

  test('a run that does not exist yet has no before_stop hook', () => {
    const told = given.system(plain.hooked('beforeStop'));
    told.start('db');
    expect(told.stop('db').effects.slice(2)).toEqual(['db#1 stop', 'db#1 set-timer kill 10000']);
  });

  test('a run that ends while it drains is not asked to end any more', () => {
    const told = ready(plain.drains(2000));
    told.stop('db');
    told.exits('db', 0);
    expect(told.phase('db')).toBe('stopped');
    expect(told.fires('db', 'drain').effects).toEqual([]);
  });
});

describe('a run that a kill does not end', () => {
  const stuck = (): Told => {
    const told = ready();
    told.stop('db');
    told.fires('db', 'kill');
    told.lingers('db', [812], 'state D, in nfs_wait');
    return told;
  };

  test('what is still there after a kill makes the service stuck, and it is killed again every five seconds', () => {
    const told = stuck();
    expect([told.of('db').step, told.of('db').stuck]).toEqual(['stuck', { pids: [812], text: 'state D, in nfs_wait' }]);
    expect(told.fires('db', 'kill').effects).toEqual(['db#1 kill', 'db#1 set-timer kill 5000']);
    expect(told.of('db').step).toBe('stuck');
  });

  test('a stuck service does not start anew, and does so by itself when the process has gone', () => {
    const told = stuck();
    expect(told.start('db').effects).toEqual([]);
    expect(told.phase('db')).toBe('stopping');
    expect(told.exits('db', 'SIGKILL').effects).toContain('db#2 start');
    expect(told.of('db').stuck).toBeNull();
  });

  test('who waits for a stuck service is told that it failed, and why', () => {
    const told = stuck();
    const stop = { kind: 'stop', service: 'db', sinceRun: 1 } as const;
    expect(judgeTask(told.system, stop)).toEqual({ state: 'failed', root: 'db' });
    expect(describeFailure(told.system, 'db', 'db')).toBe(
      'stuck: pid 812 does not end after SIGKILL (state D, in nfs_wait)',
    );
    told.start('db');
    expect(judgeTask(told.system, { kind: 'start', service: 'db', sinceRun: 1 })).toMatchObject({ state: 'failed' });
  });

  test('a word that a process is still there means nothing before it was killed', () => {
    const told = ready();
    told.lingers('db', [812], 'state D');
    told.stop('db');
    told.lingers('db', [812], 'state D');
    expect([told.of('db').step, told.of('db').stuck]).toEqual(['ending', null]);
  });
});

describe('a stop without grace', () => {
  test('it goes straight to the kill from a drain, a hook or the grace', () => {
    const draining = ready(hooked);
    draining.stop('db');
    const waiting = ready(plain.hooked('beforeStop'));
    waiting.stop('db');
    const ending = ready();
    ending.stop('db');
    for (const told of [draining, waiting, ending]) {
      expect(hurry(told)).toEqual(['clear-timers', 'kill', 'set-timer']);
      expect(told.of('db').step).toBe('killing');
    }
  });

  test('it ends an after_stop hook as well', () => {
    const told = ready(hooked);
    told.exits('db', 1);
    expect(hurry(told)).toEqual(['kill']);
    expect(told.of('db').step).toBe('after-stop');
  });

  test('a stop that has not begun is noted, and is a kill when nothing holds it any more', () => {
    const told = ready(hooked);
    hurry(told);
    expect(told.of('db').due).toBe('kill');
  });
});

describe('a start that is called off', () => {
  test('asked to stop during its before_start hook, the hook is killed and no run has existed', () => {
    const told = given.system(plain.hooked('beforeStart', 'afterStop'));
    expect(told.start('db').effects).toEqual(['db#1 run-hook beforeStart', 'db#1 set-timer startup 60000']);
    expect(told.stop('db').effects).toEqual([
      'db#1 clear-timers',
      'db#1 stop-probes',
      'db#1 kill',
      'db#1 set-timer kill 5000',
    ]);
    expect([told.phase('db'), told.of('db').step]).toEqual(['stopping', 'before-start']);
    expect(told.fires('db', 'kill').effects).toEqual(['db#1 kill', 'db#1 set-timer kill 5000']);
    told.hookEnds('db', 'beforeStart', 'failed');
    expect([told.phase('db'), told.of('db').exitCode, told.of('db').restarts]).toEqual(['stopped', null, 0]);
  });

  test('wanted again while its hook is being killed, it starts anew when the hook has ended', () => {
    const told = given.system(plain.hooked('beforeStart'));
    told.start('db');
    told.stop('db');
    told.start('db');
    expect(told.hookEnds('db', 'beforeStart').effects).toContain('db#2 run-hook beforeStart');
  });

  test('a hook that ends well while a dependent holds the stop starts nothing', () => {
    const web = given.state('ready', given.service('web').requires('db'), { demand: 'asked' });
    const db = given.state('starting', plain.hooked('beforeStart'), {
      demand: 'asked',
      step: 'before-start',
      spawned: 'no',
    });
    const told = given.found(db, web);
    told.stop('db');
    expect(told.phase('db')).toBe('starting');
    expect(told.hookEnds('db', 'beforeStart').effects).not.toContain('db#1 start');
    expect(told.phase('db')).toBe('stopped');
  });
});
