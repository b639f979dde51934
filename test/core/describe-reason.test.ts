import { describe, expect, test } from 'vitest';
import { describeEnding, describeReason, describeWhy, healthOf, listNames } from '../../src/core/describe-reason.ts';
import type { Reason, StartFault } from '../../src/model/reason.ts';
import type { Phase, Service } from '../../src/model/service.ts';
import { given } from './given.ts';

const fault = (patch: Partial<StartFault>): Reason => ({
  code: 'start-failed',
  fault: { code: 'refused', message: 'no more processes', program: null, hint: null, ...patch },
});
const exit = (exitCode: number | null, signal: string | null = null) => ({ exitCode, signal });

/** Every reason with its words. */
const WORDS: readonly (readonly [Reason, string])[] = [
  [{ code: 'declared' }, 'never asked for'],
  [{ code: 'asked' }, 'asked for'],
  [{ code: 'needed' }, 'needed by a dependent'],
  [{ code: 'unneeded' }, 'nothing needs it any more'],
  [{ code: 'dependency', service: 'db' }, 'blocked by db'],
  [{ code: 'ready' }, 'ready'],
  [{ code: 'completed', ending: exit(0) }, 'exit 0'],
  [{ code: 'exited', ending: exit(1) }, 'exit 1'],
  [{ code: 'exited', ending: exit(null, 'SIGKILL') }, 'killed by SIGKILL'],
  [{ code: 'exited', ending: exit(null) }, 'ended, exit code not known'],
  [{ code: 'exited-early', ending: exit(1) }, 'exit 1 before it was ready'],
  [fault({ code: 'not-found', program: 'nodee', message: 'spawn nodee ENOENT' }), 'program "nodee" not found'],
  [fault({ code: 'not-executable', program: './run', message: 'EACCES' }), 'program "./run" is not executable'],
  [fault({ code: 'bad-directory', message: 'folder "/gone" does not exist' }), 'folder "/gone" does not exist'],
  [fault({ code: 'command-failed', program: 'systemctl', message: 'exit 5' }), 'exit 5'],
  [fault({}), 'no more processes'],
  [fault({ code: 'hook-failed', message: 'exit 7' }), 'its before_start hook failed: exit 7'],
  [{ code: 'exited', ending: { ...exit(null, 'SIGKILL'), cause: 'memory' } }, 'killed by the kernel: out of memory'],
  [
    { code: 'exited', ending: { ...exit(137), cause: 'memory' } },
    'exit 137, a process of it was killed by the kernel: out of memory',
  ],
  [{ code: 'watchdog', message: 'nothing for 12s' }, 'no sign of life: nothing for 12s'],
  [{ code: 'conflict', service: 'web-debug' }, 'it conflicts with web-debug'],
  [{ code: 'startup-timeout', timeoutMs: 90_000, message: null }, 'not ready after 1m 30s'],
  [{ code: 'startup-timeout', timeoutMs: 30_000, message: 'refused' }, 'not ready after 30s: refused'],
  [
    { code: 'unhealthy', failures: 3, message: 'connection refused' },
    'health check failed 3 times: connection refused',
  ],
  [{ code: 'unhealthy', failures: 1, message: null }, 'health check failed once'],
  [
    { code: 'restart-limit', limit: 10, withinMs: 300_000, last: { code: 'exited', ending: exit(1) } },
    'exit 1, after 10 restarts in 5m',
  ],
  [{ code: 'restart' }, 'restart asked for'],
  [{ code: 'definition' }, 'its definition changed'],
  [{ code: 'dependency-lost', service: 'db' }, 'lost db'],
  [{ code: 'unverified', was: 'ready' }, 'not known yet what became of its run'],
];

describe('a reason in words', () => {
  for (const [reason, words] of WORDS) {
    test(`${reason.code} says: ${words}`, () => {
      expect(describeReason(reason)).toBe(words);
    });
  }

  test('the words of a person who asked depend on where it led', () => {
    const why = (phase: Phase, code: 'asked' | 'unneeded' | 'restart'): string =>
      describeWhy(given.state(phase, given.service('db'), { reason: { code } }));
    expect(why('stopped', 'asked')).toBe('stopped by hand');
    expect(why('stopping', 'asked')).toBe('asked to stop');
    expect(why('waiting', 'asked')).toBe('asked for');
    expect(why('stopped', 'unneeded')).toBe('stopped because nothing needs it any more');
    expect(why('stopping', 'unneeded')).toBe('stops because nothing needs it any more');
    expect(why('stopping', 'restart')).toBe('restarting');
  });

  test('an exit code of 0 is told as such', () => {
    expect(describeEnding(exit(0))).toBe('exit 0');
  });

  test('names are listed up to three, then counted', () => {
    expect([[], ['a'], ['a', 'b'], ['a', 'b', 'c'], ['a', 'b', 'c', 'd']].map(listNames)).toEqual([
      '',
      'a',
      'a and b',
      'a, b and c',
      'a, b and 2 more',
    ]);
  });
});

describe('health', () => {
  const plain = given.service('db');
  const checked = given.service('db').checked();
  const said = (message: string | null, counts: Partial<Service['health']> = {}): Partial<Service> => ({
    health: { verdict: 'unknown', failures: 0, successes: 0, message, ...counts },
  });

  test('what does not run is not healthy', () => {
    for (const phase of ['stopped', 'waiting', 'backoff', 'failed', 'completed'] as const) {
      expect(healthOf(given.state(phase, checked))).toEqual({ healthy: false, message: 'not running' });
    }
    expect(healthOf(given.state('stopping', checked))).toEqual({ healthy: false, message: 'stopping' });
  });

  test('without a check a service is healthy while it lives', () => {
    expect(healthOf(given.state('ready', plain))).toEqual({ healthy: true, message: 'running' });
    expect(healthOf(given.state('starting', plain.settles(1000)))).toEqual({ healthy: true, message: 'running' });
    expect(healthOf(given.state('starting', plain, { spawned: 'no' }))).toEqual({ healthy: null, message: 'starting' });
  });

  test('a check for readiness alone says no more once it has passed', () => {
    expect(healthOf(given.state('ready', given.service('db').gated(), said('200 OK')))).toEqual({
      healthy: true,
      message: '200 OK',
    });
  });

  test('a check that was not answered yet leaves it open', () => {
    expect(healthOf(given.state('ready', checked))).toEqual({ healthy: null, message: 'not checked yet' });
    expect(healthOf(given.state('starting', checked))).toEqual({ healthy: null, message: 'not checked yet' });
  });

  test('the verdict decides while it runs, with the last answer as its message', () => {
    expect(healthOf(given.state('ready', checked, said('200 OK', { verdict: 'healthy' })))).toEqual({
      healthy: true,
      message: '200 OK',
    });
    expect(healthOf(given.state('ready', checked, said('503', { verdict: 'unhealthy', failures: 3 })))).toEqual({
      healthy: false,
      message: '503',
    });
    expect(healthOf(given.state('ready', checked, said('503', { verdict: 'healthy', failures: 1 }))).healthy).toBe(
      true,
    );
  });

  test('a start whose check fails is not healthy, one whose check passes is not yet', () => {
    expect(healthOf(given.state('starting', checked, said('refused', { failures: 1 })))).toEqual({
      healthy: false,
      message: 'refused',
    });
    expect(healthOf(given.state('starting', checked, said('200 OK', { successes: 1 })))).toEqual({
      healthy: null,
      message: '200 OK',
    });
  });

  test('a run in doubt is neither healthy nor not', () => {
    expect(healthOf(given.state('unknown', checked))).toEqual({ healthy: null, message: 'not verified' });
  });

  test('an external service that lost its check is ready and not healthy', () => {
    const lost = given.state(
      'ready',
      given.service('dns').external(),
      said('refused', { verdict: 'unhealthy', failures: 3 }),
    );
    expect(healthOf(lost)).toEqual({ healthy: false, message: 'refused' });
  });
});
