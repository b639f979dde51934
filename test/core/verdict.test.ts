import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { describeFailure } from '../../src/core/failure.ts';
import { planChange } from '../../src/core/plan.ts';
import type { Order } from '../../src/core/request.ts';
import { wantOf } from '../../src/core/request.ts';
import { casesOf, isDue, judgeTask, rootOf } from '../../src/core/verdict.ts';
import type { Task } from '../../src/model/change.ts';
import type { Service } from '../../src/model/service.ts';
import { PHASES } from '../../src/model/service.ts';
import type { Told } from './given.ts';
import { given } from './given.ts';

const judge = (service: Service, kind: Task['kind'], sinceRun = 0): string => {
  const verdict = judgeTask(given.found(service).system, { kind, service: service.spec.name, sinceRun });
  return verdict.state === 'failed' ? `failed by ${verdict.root}` : verdict.state;
};
const db = given.service('db');

describe('the verdict on a start', () => {
  test('every phase of a service that is wanted up has its verdict', () => {
    expect(
      Object.fromEntries(PHASES.map((phase) => [phase, judge(given.state(phase, db, { demand: 'asked' }), 'start')])),
    ).toEqual({
      stopped: 'waiting',
      waiting: 'waiting',
      starting: 'doing',
      ready: 'done',
      stopping: 'doing',
      backoff: 'doing',
      failed: 'failed by db',
      completed: 'done',
      unknown: 'doing',
    });
  });

  test('a later stop cancels it, in every phase', () => {
    for (const phase of PHASES) expect(judge(given.state(phase, db, { demand: 'none' }), 'start')).toBe('canceled');
  });

  test('who waits for one that ends early again and again fails with it, although it is tried again', () => {
    const waiting = given.state('waiting', given.service('api').requires('db'), { demand: 'asked' });
    const web = given.state('waiting', given.service('web').requires('api'), { demand: 'asked' });
    const judged = (failedStarts: number): unknown => {
      const broken = given.state('backoff', db, { demand: 'needed', failedStarts });
      return judgeTask(given.found(broken, waiting, web).system, { kind: 'start', service: 'web', sinceRun: 0 });
    };
    expect(judged(4)).toEqual({ state: 'waiting' });
    expect(judged(5)).toEqual({ state: 'failed', root: 'db' });
  });

  test('a blocked service fails by the root of its chain', () => {
    const told = given.system(db, given.service('api').requires('db'), given.service('web').requires('api'));
    told.start('web');
    told.fails('db', { code: 'not-found' });
    expect(judgeTask(told.system, { kind: 'start', service: 'web', sinceRun: 0 })).toEqual({
      state: 'failed',
      root: 'db',
    });
    expect(rootOf(told.system, told.of('web'))).toBe('db');
  });

  test('backoff counts as failed once it was not ready in time, or ended early five times', () => {
    const backoff = (patch: Partial<Service>): string => judge(given.state('backoff', db, patch), 'start');
    expect(backoff({ failedStarts: 4 })).toBe('doing');
    expect(backoff({ failedStarts: 5 })).toBe('failed by db');
    expect(backoff({ reason: { code: 'startup-timeout', timeoutMs: 1, message: null } })).toBe('failed by db');
  });

  test('a ready service that is due for a restart is not done', () => {
    expect(judge(given.state('ready', db, { due: 'restart' }), 'start')).toBe('doing');
  });
});

describe('the verdict on a restart and on a stop', () => {
  test('a restart is done by a later run, not by the one that was there', () => {
    expect(judge(given.state('ready', db, { run: 4, due: 'restart' }), 'restart', 4)).toBe('doing');
    expect(judge(given.state('stopping', db, { run: 4, demand: 'asked' }), 'restart', 4)).toBe('doing');
    expect(judge(given.state('ready', db, { run: 5 }), 'restart', 4)).toBe('done');
    expect(judge(given.state('completed', db, { run: 5 }), 'restart', 4)).toBe('done');
  });

  test('a restart that was called off before it began is canceled', () => {
    expect(judge(given.state('ready', db, { run: 4 }), 'restart', 4)).toBe('canceled');
    expect(judge(given.state('completed', db, { run: 4 }), 'restart', 4)).toBe('canceled');
  });

  test('whoever waits for a service that is unhealthy and stays up has failed with it', () => {
    const sick = { verdict: 'unhealthy', failures: 3, successes: 0, message: '503' } as const;
    const told = given.found(
      given.state('ready', db, { health: sick }),
      given.state('waiting', given.service('web').requires('db')),
    );
    expect(judgeTask(told.system, { kind: 'start', service: 'web', sinceRun: 0 })).toEqual({
      state: 'failed',
      root: 'db',
    });
    expect(describeFailure(told.system, 'web', 'db')).toBe('waits for db: health check failed 3 times: 503');
  });

  test('every phase of a service that is wanted down has its verdict on a stop', () => {
    expect(
      Object.fromEntries(PHASES.map((phase) => [phase, judge(given.state(phase, db, { demand: 'none' }), 'stop')])),
    ).toEqual({
      stopped: 'done',
      waiting: 'waiting',
      starting: 'waiting',
      ready: 'waiting',
      stopping: 'doing',
      backoff: 'waiting',
      failed: 'done',
      completed: 'done',
      unknown: 'waiting',
    });
  });

  test('a later start cancels a stop', () => {
    expect(judge(given.state('stopping', db, { demand: 'asked' }), 'stop')).toBe('canceled');
  });

  test('a service that is gone has stopped, and does not start', () => {
    const { system } = given.found();
    expect(judgeTask(system, { kind: 'stop', service: 'db', sinceRun: 1 })).toEqual({ state: 'done' });
    expect(judgeTask(system, { kind: 'start', service: 'db', sinceRun: 1 })).toEqual({ state: 'canceled' });
  });
});

describe('what is due', () => {
  const due = (service: Service, kind: Task['kind'], part: 'target' | 'along', completed: 'keep' | 'again' = 'keep') =>
    isDue(service, kind, { part, completed });

  test('a start is due for all but what is ready and what is done', () => {
    const done = given.state('completed', given.service('seed').task());
    expect(PHASES.filter((phase) => due(given.state(phase, db, { demand: 'asked' }), 'start', 'target'))).toEqual(
      PHASES.filter((phase) => phase !== 'ready'),
    );
    expect([due(done, 'start', 'target'), due(done, 'start', 'target', 'again')]).toEqual([false, true]);
    expect(due({ ...done, spec: given.service('seed').task().revised().spec }, 'start', 'along')).toBe(true);
  });

  test('a stop is due for what runs or is about to, and for a target that is wanted', () => {
    const resting = PHASES.filter((phase) => ['stopped', 'failed', 'completed'].includes(phase));
    expect(PHASES.filter((phase) => !due(given.state(phase, db, { demand: 'asked' }), 'stop', 'along'))).toEqual(
      resting,
    );
    expect(PHASES.filter((phase) => !due(given.state(phase, db, { demand: 'asked' }), 'stop', 'target'))).toEqual([]);
    expect(PHASES.filter((phase) => !due(given.state(phase, db, { demand: 'none' }), 'stop', 'target'))).toEqual(
      resting,
    );
  });

  test('a restart is due for every target, and along with one for what starts or is ready', () => {
    expect(PHASES.filter((phase) => !due(given.state(phase, db), 'restart', 'target'))).toEqual([]);
    expect(PHASES.filter((phase) => due(given.state(phase, db, { demand: 'asked' }), 'restart', 'along'))).toEqual([
      'starting',
      'ready',
    ]);
  });
});

describe('the tasks of a request', () => {
  const shop = (): Told =>
    given.system(
      given.service('cache'),
      given.service('db').checked(),
      given.service('migrate').task().requires('db'),
      given.service('web').requires('cache').requires('migrate', { when: 'completed' }),
      given.service('mail').wants('web'),
    );
  const NAMES = ['cache', 'db', 'migrate', 'web', 'mail'];
  const orders = fc.record({
    action: fc.constantFrom('up', 'down', 'start', 'stop', 'restart', 'run'),
    services: fc.subarray(NAMES),
    dependencies: fc.constantFrom('closure', 'alone', 'settings'),
    dependents: fc.constantFrom('refuse', 'include', 'leave'),
    completed: fc.constantFrom('keep', 'again'),
  }) satisfies fc.Arbitrary<Order>;
  const happenings = fc.array(fc.tuple(fc.nat(6), fc.constantFrom(...NAMES)), { maxLength: 20 });

  /** Lives through what happens; each number is one kind of it. */
  const live = (told: Told, happened: readonly (readonly [number, string])[]): Told => {
    for (const [kind, name] of happened) {
      if (kind === 0) told.start(name);
      if (kind === 1) told.stop(name);
      if (kind === 2) told.brings(name);
      if (kind === 3) told.exits(name, 1);
      if (kind === 4) told.exits(name, 0);
      if (kind === 5) told.fires(name, 'backoff');
      if (kind === 6) told.fails(name, { code: 'not-found' });
    }
    return told;
  };

  test('whoever has a task has a step in the plan, and a step without work has no task', () => {
    fc.assert(
      fc.property(happenings, orders, (happened, order) => {
        const { system } = live(shop(), happened);
        const cases = casesOf(system, wantOf(system, order)).map((each) => each.service);
        const { steps } = planChange(system, order);
        const idle = steps.filter((step) => step.action === 'none').map((step) => step.service);
        expect(cases.filter((name) => !steps.some((step) => step.service === name))).toEqual([]);
        expect(cases.filter((name) => idle.includes(name))).toEqual([]);
      }),
      { numRuns: 500 },
    );
  });

  test('any plan is sound: each name once, waves and steps as the order, needs before dependents', () => {
    fc.assert(
      fc.property(happenings, orders, (happened, order) => {
        const { system } = live(shop(), happened);
        const plan = planChange(system, order);
        const down = order.action === 'down' || order.action === 'stop';
        expect(new Set(plan.order).size).toBe(plan.order.length);
        expect(plan.waves.flat()).toEqual(plan.order);
        expect(plan.steps.map((step) => step.service)).toEqual(plan.order);
        for (const { spec } of system.services) {
          for (const { name } of spec.dependencies) {
            if (!plan.order.includes(name) || !plan.order.includes(spec.name)) continue;
            expect(plan.order.indexOf(name) < plan.order.indexOf(spec.name)).toBe(!down);
          }
        }
      }),
      { numRuns: 500 },
    );
  });
});
