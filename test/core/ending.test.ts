import { describe, expect, test } from 'vitest';
import { settleEnd } from '../../src/core/ending.ts';
import type { Reason, StartFault } from '../../src/model/reason.ts';
import type { Service } from '../../src/model/service.ts';
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
