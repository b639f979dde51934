import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Verdict } from '../../src/core/restart.ts';
import { backoffDelay, decideRestart, isSuccess } from '../../src/core/restart.ts';
import type { Reason } from '../../src/model/reason.ts';
import type { Service } from '../../src/model/service.ts';
import type { RestartPolicy } from '../../src/model/spec.ts';
import type { Given } from './given.ts';
import { given } from './given.ts';

const policyOf = (patch: Partial<RestartPolicy> = {}): RestartPolicy =>
  given.service('db').restarts(patch).spec.restart;
const ran = (of: Given, patch: Partial<Service> = {}): Service => given.state('ready', of, patch);

/** What follows an end at 100 s with a draw in the middle. */
const after = (service: Service, exitCode: number, reason?: Reason): Verdict => {
  const ending = { exitCode, signal: null };
  const result = isSuccess(service.spec, ending) ? 'success' : 'failure';
  return decideRestart(service, {
    result,
    reason: reason ?? { code: 'exited', ending },
    ending,
    at: 100_000,
    draw: 0.5,
  });
};

describe('the delay', () => {
  test('the delay doubles from 500 ms up to 30 s', () => {
    const delays = Array.from({ length: 9 }, (_, restarts) => backoffDelay(policyOf(), restarts, 0.5));
    expect(delays).toEqual([500, 1000, 2000, 4000, 8000, 16_000, 30_000, 30_000, 30_000]);
  });

  test('chance moves the delay by the jitter both ways, and not beyond', () => {
    expect([0, 0.25, 0.5, 0.75].map((draw) => backoffDelay(policyOf({ jitter: 0.2 }), 1, draw))).toEqual([
      800, 900, 1000, 1100,
    ]);
    expect(backoffDelay(policyOf({ jitter: 0 }), 1, 0.9)).toBe(1000);
  });

  test('a delay of nothing stays nothing, however often it is restarted', () => {
    expect(backoffDelay(policyOf({ delayMs: 0 }), 5000, 0.5)).toBe(0);
  });

  test('any delay is a whole number within the jitter of what the policy grows to', () => {
    const policies = fc.record({
      delayMs: fc.integer({ min: 0, max: 60_000 }),
      factor: fc.double({ min: 1, max: 10, noNaN: true }),
      maxDelayMs: fc.integer({ min: 0, max: 600_000 }),
      jitter: fc.double({ min: 0, max: 1, noNaN: true }),
    });
    const draws = fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true });
    fc.assert(
      fc.property(policies, fc.nat(2000), draws, (patch, restarts, draw) => {
        const policy = policyOf(patch);
        const delayMs = backoffDelay(policy, restarts, draw);
        expect(Number.isInteger(delayMs)).toBe(true);
        expect(delayMs).toBeGreaterThanOrEqual(0);
        expect(delayMs).toBeLessThanOrEqual(Math.ceil(policy.maxDelayMs * (1 + policy.jitter)));
        let grown = policy.delayMs;
        for (let round = 0; round < restarts && grown < policy.maxDelayMs; round += 1) grown *= policy.factor;
        grown = Math.min(grown, policy.maxDelayMs);
        expect(Math.abs(delayMs - grown)).toBeLessThanOrEqual(grown * (policy.jitter + 1e-9) + 0.5);
      }),
    );
  });
});

describe('what follows an end', () => {
  test('on-failure tries again after a failure and lets a success be', () => {
    const db = given.service('db');
    expect(after(ran(db), 1)).toEqual({ type: 'retry', delayMs: 500, recent: [100_000] });
    expect(after(ran(db), 0)).toEqual({ type: 'complete' });
  });

  test('always tries again after a success too', () => {
    expect(after(ran(given.service('db').restarts({ policy: 'always' })), 0).type).toBe('retry');
  });

  test('no never tries again', () => {
    const db = given.service('db').restarts({ policy: 'no' });
    expect(after(ran(db), 1)).toEqual({
      type: 'fail',
      reason: { code: 'exited', ending: { exitCode: 1, signal: null } },
    });
    expect(after(ran(db), 0)).toEqual({ type: 'complete' });
  });

  test('an exit code that forbids a restart is obeyed, whatever the policy', () => {
    const db = given
      .service('db')
      .restarts({ policy: 'always' })
      .with({ noRestartCodes: [78] });
    expect(after(ran(db), 78).type).toBe('fail');
    expect(after(ran(db), 1).type).toBe('retry');
  });

  test('an exit code that asks for a restart gets one, whatever the policy and although it is a success', () => {
    const forced = given
      .service('db')
      .restarts({ policy: 'no' })
      .with({ restartCodes: [0, 75] });
    expect(after(ran(forced), 75).type).toBe('retry');
    expect(after(ran(forced), 0).type).toBe('retry');
    expect(after(ran(forced), 1).type).toBe('fail');
  });

  test('a code that forbids a restart wins over one that asks for it', () => {
    const both = given.service('db').with({ restartCodes: [75], noRestartCodes: [75] });
    expect(after(ran(both), 75).type).toBe('fail');
  });

  test('a task that ends with a code that asks for it runs again, done or not', () => {
    const told = given.system(
      given
        .service('db')
        .task()
        .with({ restartCodes: [0] }),
    );
    told.start('db');
    told.started('db');
    expect(told.exits('db', 0).moves).toEqual(['db starting → backoff']);
  });

  test('what was ready with this definition is tried at the longest delay when its program has gone', () => {
    const gone: Reason = {
      code: 'start-failed',
      fault: { code: 'not-found', message: 'no', program: 'node', hint: null },
    };
    const proven = ran(given.service('db'), { proven: 'hash of db' });
    expect(after(proven, 1, gone)).toMatchObject({ type: 'retry', delayMs: 30_000 });
    const other = ran(given.service('db'), { proven: 'hash of another' });
    expect(after(other, 1, gone).type).toBe('fail');
    const spent = ran(given.service('db').restarts({ limit: 1 }), { proven: 'hash of db', recentRestarts: [99_000] });
    expect(after(spent, 1, gone)).toMatchObject({ type: 'fail', reason: { code: 'restart-limit' } });
  });

  test('a program that is not there is not tried again by a service that never was ready', () => {
    const fault = { code: 'not-found', message: '', program: 'nodee', hint: null } as const;
    expect(after(ran(given.service('db')), 1, { code: 'start-failed', fault }).type).toBe('fail');
    const busy = { ...fault, code: 'refused' } as const;
    expect(after(ran(given.service('db')), 1, { code: 'start-failed', fault: busy }).type).toBe('retry');
  });

  test('the delay grows with the restarts there were', () => {
    expect(after(ran(given.service('db'), { restarts: 3 }), 1)).toMatchObject({ delayMs: 4000 });
  });
});

describe('the limit', () => {
  const db = given.service('db').restarts({ limit: 3, withinMs: 60_000 });

  test('the limit fails the service, and says why its last run ended', () => {
    expect(after(ran(db, { recentRestarts: [50_000, 60_000, 70_000] }), 1)).toEqual({
      type: 'fail',
      reason: {
        code: 'restart-limit',
        limit: 3,
        withinMs: 60_000,
        last: { code: 'exited', ending: { exitCode: 1, signal: null } },
      },
    });
  });

  test('restarts outside the window are not counted', () => {
    expect(after(ran(db, { recentRestarts: [40_000, 60_000, 70_000] }), 1)).toEqual({
      type: 'retry',
      delayMs: 500,
      recent: [60_000, 70_000, 100_000],
    });
  });

  test('a slow policy goes on at the longest delay', () => {
    const slow = db.restarts({ atLimit: 'slow' });
    expect(after(ran(slow, { recentRestarts: [50_000, 60_000, 70_000] }), 1)).toEqual({
      type: 'retry',
      delayMs: 30_000,
      recent: [60_000, 70_000, 100_000],
    });
  });

  test('a limit of 0 fails with the cause itself', () => {
    const none = db.restarts({ limit: 0 });
    expect(after(ran(none), 1)).toEqual({
      type: 'fail',
      reason: { code: 'exited', ending: { exitCode: 1, signal: null } },
    });
  });

  test('the restarts that are remembered are never more than the limit', () => {
    fc.assert(
      fc.property(
        fc.array(fc.integer({ min: 1, max: 100_000 }), { maxLength: 6 }),
        fc.nat(6),
        fc.constantFrom('fail' as const, 'slow' as const),
        (ends, limit, atLimit) => {
          const policy = given.service('db').restarts({ limit, atLimit, withinMs: 60_000 });
          let recent: readonly number[] = [];
          for (const at of ends.toSorted((left, right) => left - right)) {
            const ending = { exitCode: 1, signal: null };
            const ended = { result: 'failure', reason: { code: 'exited', ending }, ending, at, draw: 0.5 } as const;
            const verdict = decideRestart(ran(policy, { recentRestarts: recent }), ended);
            if (verdict.type !== 'retry') return;
            ({ recent } = verdict);
            expect(recent.length).toBeLessThanOrEqual(limit);
          }
        },
      ),
    );
  });
});

describe('success', () => {
  test('a service succeeds by a code of its list or by a signal that asks to leave', () => {
    const { spec } = given.service('db').with({ successCodes: [0, 143] });
    expect(isSuccess(spec, { exitCode: 0, signal: null })).toBe(true);
    expect(isSuccess(spec, { exitCode: 143, signal: null })).toBe(true);
    expect(isSuccess(spec, { exitCode: 1, signal: null })).toBe(false);
    expect(isSuccess(spec, { exitCode: null, signal: 'SIGTERM' })).toBe(true);
    expect(isSuccess(spec, { exitCode: null, signal: 'SIGKILL' })).toBe(false);
  });

  test('a task that was told to leave has not done its work', () => {
    expect(isSuccess(given.service('seed').task().spec, { exitCode: null, signal: 'SIGTERM' })).toBe(false);
  });

  test('an end that nobody saw is no success', () => {
    expect(isSuccess(given.service('db').spec, { exitCode: null, signal: null })).toBe(false);
  });
});
