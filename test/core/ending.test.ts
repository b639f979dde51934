import { describe, expect, test } from 'vitest';
import { settleEnd } from '../../src/core/ending.ts';
import type { Reason, StartFault } from '../../src/model/reason.ts';
import type { Service } from '../../src/model/service.ts';
import type { Told } from './given.ts';
import { given } from './given.ts';

const AT = 5000;
const db = given.service('db');

const after = (service: Service, how: number | string | null | Partial<StartFault>): Service => {
  const stamp = { service: 'db', run: 1, at: AT, draw: 0.5 } as const;
  if (typeof how === 'object' && how !== null) {
    const fault: StartFault = { code: 'refused', message: 'no', program: null, hint: null, ...how };
    return settleEnd(service, { ...stamp, type: 'start-failed', fault }).next;
  }
  const exitCode = typeof how === 'number' ? how : null;
  const signal = typeof how === 'string' ? how : null;
  return settleEnd(service, { ...stamp, type: 'exited', exitCode, signal }).next;
};
const outcome = ({ phase, reason }: Service): readonly [string, Reason] => [phase, reason];
const exit = (exitCode: number | null, signal: string | null = null) => ({ exitCode, signal });

describe('an end that was wanted', () => {
  test('wanted down by a person it is stopped by hand, by nobody it is not needed', () => {
    expect(outcome(after(given.state('stopping', db), 0))).toEqual(['stopped', { code: 'asked' }]);
    expect(outcome(after(given.state('stopping', db, { demand: 'released' }), 0))).toEqual([
      'stopped',
      { code: 'unneeded' },
    ]);
  });

  test('wanted down it is stopped, however it ended', () => {
    expect(after(given.state('ready', db, { demand: 'none' }), 137).phase).toBe('stopped');
    expect(after(given.state('starting', db, { demand: 'none' }), { code: 'not-found' }).phase).toBe('stopped');
  });

  test('stopped and wanted up again it waits, with its restarts forgotten', () => {
    const before = given.state('stopping', db, { demand: 'asked', restarts: 3, failedStarts: 2, recentRestarts: [1] });
    const service = after(before, 1);
    expect(outcome(service)).toEqual(['waiting', { code: 'asked' }]);
    expect([service.restarts, service.failedStarts, service.recentRestarts]).toEqual([0, 0, []]);
  });

  test('due for a restart it waits, even if it ended by itself', () => {
    expect(outcome(after(given.state('ready', db, { due: 'restart' }), 1))).toEqual(['waiting', { code: 'restart' }]);
  });

  test('stopped because a dependency was lost it waits, and says so', () => {
    const reason: Reason = { code: 'dependency-lost', service: 'disk' };
    expect(outcome(after(given.state('stopping', db, { demand: 'asked', reason }), 0))).toEqual(['waiting', reason]);
  });

  test('a start that was never carried out waits for another', () => {
    expect(outcome(after(given.state('unknown', db), { code: 'never-begun' }))).toEqual(['waiting', { code: 'asked' }]);
  });
});

describe('an end that was not wanted', () => {
  test('before it was ready it is an early one, and is counted', () => {
    const service = after(given.state('starting', db, { failedStarts: 1 }), 0);
    expect(outcome(service)).toEqual(['backoff', { code: 'exited-early', ending: exit(0) }]);
    expect([service.failedStarts, service.restarts, service.retryAt]).toEqual([2, 1, AT + 500]);
  });

  test('after it was ready it is not counted as a failed start', () => {
    const service = after(given.state('ready', db), 'SIGKILL');
    expect(outcome(service)).toEqual(['backoff', { code: 'exited', ending: exit(null, 'SIGKILL') }]);
    expect([service.failedStarts, service.exitCode, service.exitSignal]).toEqual([0, null, 'SIGKILL']);
  });

  test('nothing is reported that was not observed', () => {
    const service = after(given.state('ready', db), null);
    expect([service.exitCode, service.exitSignal, service.reason]).toEqual([
      null,
      null,
      { code: 'exited', ending: exit(null) },
    ]);
  });

  test('a start that timed out keeps its reason through its end', () => {
    const reason: Reason = { code: 'startup-timeout', timeoutMs: 60_000, message: 'refused' };
    const stopping = given.state('stopping', db, { demand: 'asked', reason });
    expect(outcome(after(stopping, 'SIGTERM'))).toEqual(['backoff', reason]);
  });

  test('an unhealthy run is followed by another, or by none if the check says stop', () => {
    const reason: Reason = { code: 'unhealthy', failures: 3, message: 'refused' };
    const ended = (onFailure: 'restart' | 'stop') =>
      outcome(after(given.state('stopping', db.checked({}, onFailure), { demand: 'asked', reason, readyAt: 1 }), 0));
    expect(ended('restart')).toEqual(['backoff', reason]);
    expect(ended('stop')).toEqual(['failed', reason]);
  });

  test('a service that leaves by itself with success is completed, and may be waited for', () => {
    expect(outcome(after(given.state('ready', db), 0))).toEqual(['completed', { code: 'completed', ending: exit(0) }]);
  });
});

describe('a task', () => {
  const seed = given.service('db').task();

  test('a good end completes it, and says how long it took', () => {
    const service = after(given.state('starting', seed, { failedStarts: 2 }), 0);
    expect(outcome(service)).toEqual(['completed', { code: 'completed', ending: exit(0) }]);
    expect([service.lastStartMs, service.failedStarts]).toEqual([4000, 0]);
  });

  test('a bad end fails it, with its exit code and not as an early end', () => {
    expect(outcome(after(given.state('starting', seed), 3))).toEqual(['failed', { code: 'exited', ending: exit(3) }]);
  });

  test('a good end while it is told to stop is no success', () => {
    expect(after(given.state('stopping', seed), 0).phase).toBe('stopped');
  });
});

describe('the hook after an end', () => {
  const cleaned = db.hooked('afterStop');
  const run = (service = cleaned): Told => {
    const told = given.system(service);
    told.start('db');
    return told.brings('db');
  };

  test('an after_stop hook follows an end that nobody asked for, and what follows is settled after it', () => {
    const told = run();
    told.exits('db', 7);
    expect([told.phase('db'), told.of('db').step, told.of('db').ending]).toEqual(['stopping', 'after-stop', exit(7)]);
    expect(told.of('db').reason).toEqual({ code: 'exited', ending: exit(7) });
    told.hookEnds('db', 'afterStop');
    expect([told.phase('db'), told.of('db').restarts, told.of('db').exitCode]).toEqual(['backoff', 1, 7]);
  });

  test('it runs once, however often the end is reported', () => {
    const told = run();
    told.exits('db', 7);
    expect(told.exits('db', 0).effects).toEqual([]);
    told.hookEnds('db', 'afterStop');
    expect(told.hookEnds('db', 'afterStop').effects).toEqual([]);
  });

  test('its failure, and its silence, change nothing of what follows', () => {
    const failing = run();
    failing.exits('db', 0);
    failing.hookEnds('db', 'afterStop', 'failed');
    expect(failing.phase('db')).toBe('completed');
    const silent = run();
    silent.exits('db', 0);
    expect(silent.fires('db', 'kill').effects[0]).toBe('db#1 kill');
    expect(silent.phase('db')).toBe('completed');
  });

  test('a run that was ordered and never came to be has it too, one whose before_start hook failed has not', () => {
    const refused = given.system(cleaned);
    refused.start('db');
    expect(refused.fails('db').effects).toContain('db#1 run-hook afterStop');
    refused.hookEnds('db', 'afterStop');
    expect([refused.phase('db'), refused.of('db').reason.code]).toEqual(['backoff', 'start-failed']);
    const unprepared = given.system(db.hooked('beforeStart', 'afterStop'));
    unprepared.start('db');
    expect(unprepared.hookEnds('db', 'beforeStart', 'failed').effects).not.toContain('db#1 run-hook afterStop');
  });

  test('a task is done when its hook is', () => {
    const told = given.system(db.task().hooked('afterStop'), given.service('web').requires('db'));
    told.start('web');
    told.started('db');
    told.exits('db', 0);
    expect(told.phases).toEqual({ db: 'stopping', web: 'waiting' });
    told.hookEnds('db', 'afterStop');
    expect(told.phases).toEqual({ db: 'completed', web: 'starting' });
  });

  test('stopped or started by a person meanwhile, that is what follows', () => {
    const stopped = run();
    stopped.exits('db', 7);
    stopped.stop('db');
    stopped.hookEnds('db', 'afterStop');
    expect(stopped.phase('db')).toBe('stopped');
    const started = run();
    started.exits('db', 7);
    started.start('db');
    started.hookEnds('db', 'afterStop');
    expect([started.phase('db'), started.of('db').run, started.of('db').restarts]).toEqual(['starting', 2, 0]);
  });

  test('a dependency is not stopped before the hook of its dependent is done', () => {
    const told = given.system(given.service('cache'), cleaned.requires('cache'));
    told.start('db');
    told.brings('cache', 'db');
    told.stop('cache');
    told.exits('db', 0);
    expect([told.of('db').step, told.phase('cache')]).toEqual(['after-stop', 'ready']);
    told.hookEnds('db', 'afterStop');
    expect(told.phase('cache')).toBe('stopping');
  });
});

describe('an end that Rouse brought about', () => {
  test('the code of a run that was stopped for a fault of its own neither forbids nor excuses a restart', () => {
    const strict = db.checked().with({ noRestartCodes: [78] });
    const reason = { code: 'unhealthy', failures: 3, message: null } as const;
    expect(after(given.state('stopping', strict, { demand: 'asked', reason }), 78).phase).toBe('backoff');
    expect(after(given.state('stopping', strict, { demand: 'asked', reason }), 0).phase).toBe('backoff');
  });

  test('what a person asks for neither uses up restarts nor leaves them used up', () => {
    const told = given.system(db.restarts({ limit: 2 }));
    told.start('db');
    for (let round = 0; round < 5; round += 1) {
      told.brings('db');
      told.restart('db');
      told.exits('db', 1);
    }
    told.brings('db');
    expect([told.of('db').restarts, told.of('db').recentRestarts]).toEqual([0, []]);
    told.exits('db', 1);
    told.fires('db', 'backoff');
    told.brings('db');
    told.restart('db');
    told.exits('db', 0);
    told.brings('db');
    expect([told.of('db').restarts, told.of('db').recentRestarts]).toEqual([0, []]);
  });

  test('a start by a person cuts a wait short, with its restarts forgotten', () => {
    const told = given.system(db);
    told.start('db');
    told.brings('db');
    told.exits('db', 1);
    expect(told.phase('db')).toBe('backoff');
    expect(told.start('db').moves).toEqual(['db backoff → waiting', 'db waiting → starting']);
    expect([told.of('db').restarts, told.of('db').recentRestarts]).toEqual([0, []]);
  });

  test('an end while it settles is a failed start, and the restart policy applies', () => {
    const told = given.system(db.settles(1000));
    told.start('db');
    told.started('db');
    told.exits('db', 0);
    expect([told.phase('db'), told.of('db').failedStarts, told.of('db').reason.code]).toEqual([
      'backoff',
      1,
      'exited-early',
    ]);
  });

  test('a spawn that the machine refuses is a failed attempt, and the next delay is longer', () => {
    const told = given.system(db);
    told.start('db');
    expect(told.fails('db', { message: 'spawn EAGAIN' }).effects).toContain('db#1 set-timer backoff 500');
    told.fires('db', 'backoff');
    expect(told.fails('db', { message: 'spawn EAGAIN' }).effects).toContain('db#2 set-timer backoff 1000');
    expect(told.phase('db')).toBe('backoff');
  });
});
