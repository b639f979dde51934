import { describe, expect, test } from 'vitest';
import type { Service } from '../../src/model/service.ts';
import {
  onBlock,
  onEnded,
  onProbe,
  onRecovered,
  onRelease,
  onReplace,
  onStartOrder,
  onStarted,
  onStopOrder,
  onTimer,
  onWake,
} from '../../src/core/transition.ts';
import { given } from './given.ts';

const AT = 5000;
const report = { service: 'db', run: 1, at: AT, draw: 0.5 } as const;
const order = { service: 'db', run: 1 } as const;
const plain = given.service('db');
const checked = given.service('db').checked();
const task = given.service('db').task();
const HEALTHY = { verdict: 'healthy', failures: 0, successes: 1, message: null } as const;
const asked = { demand: 'asked', completed: 'keep', intent: 7, at: AT } as const;

describe('wanting up', () => {
  test('a stopped service waits, with its restarts forgotten and the request remembered', () => {
    const before = given.state('stopped', plain, { restarts: 4, failedStarts: 2, recentRestarts: [10], intent: 3 });
    expect(onWake(before, asked)).toEqual({
      next: {
        ...before,
        phase: 'waiting',
        demand: 'asked',
        intent: 7,
        reason: { code: 'asked' },
        since: AT,
        restarts: 0,
        failedStarts: 0,
        recentRestarts: [],
      },
      effects: [],
    });
  });

  test('a service in backoff need not wait for its timer', () => {
    const { next, effects } = onWake(given.state('backoff', plain, { restarts: 2 }), asked);
    expect([next.phase, next.restarts, next.retryAt]).toEqual(['waiting', 0, null]);
    expect(effects).toEqual([{ ...order, type: 'clear-timers' }]);
  });

  test('a need does not take the place of a person who asked', () => {
    const needed = { ...asked, demand: 'needed' } as const;
    expect(onWake(given.state('ready', plain, { demand: 'asked' }), needed).next.demand).toBe('asked');
    expect(onWake(given.state('ready', plain, { demand: 'needed' }), needed).next.demand).toBe('needed');
    expect(onWake(given.state('ready', plain, { demand: 'needed' }), asked).next.demand).toBe('asked');
  });

  test('an older request does not take the place of a later one', () => {
    expect(onWake(given.state('ready', plain, { intent: 9 }), asked).next.intent).toBe(9);
  });

  test('a done task stays done unless it is to run again or its definition changed', () => {
    const done = given.state('completed', task);
    expect(onWake(done, asked).next.phase).toBe('completed');
    expect(onWake(done, { ...asked, completed: 'again' }).next.phase).toBe('waiting');
    expect(onWake({ ...done, spec: task.revised().spec }, asked).next.phase).toBe('waiting');
  });
});

describe('wanting down', () => {
  test('a waiting service is stopped at once, and says whether a person or its dependents let go', () => {
    const waiting = given.state('waiting', plain);
    const byPerson = onRelease(waiting, 'none', AT).next;
    const byDependents = onRelease(waiting, 'released', AT).next;
    expect([byPerson.phase, byPerson.reason]).toEqual(['stopped', { code: 'asked' }]);
    expect([byDependents.phase, byDependents.reason]).toEqual(['stopped', { code: 'unneeded' }]);
  });

  test('a service that runs goes on until the scheduler lets it stop', () => {
    const ready = given.state('ready', plain, { due: 'restart' });
    expect(onRelease(ready, 'none', AT)).toEqual({ next: { ...ready, demand: 'none', due: 'nothing' }, effects: [] });
  });

  test('a task that is put to rest by a person forgets that it was done, one that is not needed does not', () => {
    expect(onRelease(given.state('completed', task), 'none', AT).next.phase).toBe('stopped');
    expect(onRelease(given.state('completed', task), 'released', AT).next.phase).toBe('completed');
  });
});

describe('starting', () => {
  test('a start orders the next run by the present definition, and limits its time', () => {
    const before = given.state('waiting', plain, { run: 4, exitCode: 1, health: { ...HEALTHY } });
    const { next, effects } = onStartOrder(before, AT);
    expect(effects).toEqual([
      { service: 'db', run: 5, type: 'start', spec: plain.spec },
      { service: 'db', run: 5, type: 'set-timer', timer: 'startup', delayMs: 60_000 },
    ]);
    expect(next).toEqual({
      ...before,
      limitAt: AT + 60_000,
      phase: 'starting',
      run: 5,
      runSpec: plain.spec,
      since: AT,
      health: { verdict: 'unknown', failures: 0, successes: 0, message: null },
    });
  });

  test('a start without a limit sets no timer', () => {
    expect(onStartOrder(given.state('waiting', task), AT).effects.map((effect) => effect.type)).toEqual(['start']);
  });

  test('a service without a check is ready as soon as its run exists', () => {
    const starting = given.state('starting', plain, { spawned: 'no', pid: null, startedAt: null });
    const { next, effects } = onStarted(starting, { at: AT, pid: 42 });
    expect([next.phase, next.pid, next.startedAt, next.readyAt, next.lastStartMs]).toEqual(['ready', 42, AT, AT, 0]);
    expect(effects).toEqual([{ ...order, type: 'clear-timers' }]);
  });

  test('a service that settles is ready when its time has passed', () => {
    const settling = given.service('db').settles(1500);
    const starting = given.state('starting', settling, { spawned: 'no', startedAt: null });
    const { next, effects } = onStarted(starting, { at: AT, pid: 42 });
    expect([next.phase, effects]).toEqual([
      'starting',
      [{ ...order, type: 'set-timer', timer: 'settle', delayMs: 1500 }],
    ]);
    expect(onTimer(next, { ...report, type: 'timer', timer: 'settle', at: AT + 1500 }).next.phase).toBe('ready');
  });

  test('a service with a check is asked once its run exists, and not before', () => {
    const starting = given.state('starting', checked, { spawned: 'no', startedAt: null });
    const pass = { ...report, type: 'probe', question: 'health', answer: 'pass', message: 'said' } as const;
    expect(onProbe(starting, pass)).toEqual({ next: starting, effects: [] });
    const { next, effects } = onStarted(starting, { at: AT, pid: 42 });
    expect(effects).toEqual([
      { ...order, type: 'start-probe', question: 'health', cadence: 'starting', spec: checked.spec },
    ]);
    expect(onProbe(next, pass).effects).toEqual([
      { ...order, type: 'clear-timers' },
      { ...order, type: 'start-probe', question: 'health', cadence: 'running', spec: checked.spec },
    ]);
  });

  test('a check for readiness alone is asked no more once it has passed', () => {
    const gated = given.service('db').gated();
    const pass = { ...report, type: 'probe', question: 'readiness', answer: 'pass', message: 'said' } as const;
    const { next, effects } = onProbe(given.state('starting', gated), pass);
    expect(next.phase).toBe('ready');
    expect(effects).toEqual([
      { ...order, type: 'clear-timers' },
      { ...order, type: 'stop-probes' },
    ]);
  });

  test('a run that is said to exist twice exists once', () => {
    for (const phase of ['starting', 'ready', 'stopping'] as const) {
      const service = given.state(phase, plain, { pid: 812 });
      expect(onStarted(service, { at: AT, pid: 99 })).toEqual({ next: service, effects: [] });
    }
  });

  test('a start that outlasts its limit is stopped, with the last answer as its evidence', () => {
    const starting = given.state('starting', checked, { health: { ...HEALTHY, message: 'connection refused' } });
    const { next, effects } = onTimer(starting, { ...report, type: 'timer', timer: 'startup', at: AT });
    expect(next.phase).toBe('stopping');
    expect(next.reason).toEqual({ code: 'startup-timeout', timeoutMs: 60_000, message: 'connection refused' });
    expect(effects).toEqual(stopOf(checked.spec));
  });
});

describe('stopping', () => {
  test('a stop ends timers and questions, orders the end, and sets the time of the kill', () => {
    const { next, effects } = onStopOrder(given.state('ready', plain, { demand: 'none' }), AT);
    expect([next.phase, next.reason, next.since]).toEqual(['stopping', { code: 'asked' }, AT]);
    expect(effects).toEqual(stopOf(plain.spec));
  });

  test('a stop goes by the definition that the run was started with', () => {
    const revised = plain.with({ stop: { ...plain.spec.stop, timeoutMs: 1 } });
    const { effects } = onStopOrder({ ...given.state('ready', plain), spec: revised.spec }, AT);
    expect(effects).toEqual(stopOf(plain.spec));
  });

  test('a run that comes to exist while it is stopped is told to end again', () => {
    const stopping = given.state('stopping', plain, { spawned: 'no', pid: null, startedAt: null });
    expect(onStarted(stopping, { at: AT, pid: 42 })).toEqual({
      next: { ...stopping, spawned: 'yes', pid: 42, startedAt: AT },
      effects: [{ ...order, type: 'stop', spec: plain.spec }],
    });
  });

  test('a run that outlives its grace is killed, and again every 5 s', () => {
    const stopping = given.state('stopping', plain);
    expect(onTimer(stopping, { ...report, type: 'timer', timer: 'kill', at: AT })).toEqual({
      next: { ...stopping, step: 'killing' },
      effects: [
        { ...order, type: 'kill' },
        { ...order, type: 'set-timer', timer: 'kill', delayMs: 5000 },
      ],
    });
  });

  test('an ended run leaves no timer, no question and nothing to remember', () => {
    const { next, effects } = onEnded(given.state('stopping', plain), {
      ...report,
      type: 'exited',
      exitCode: 0,
      signal: null,
    });
    expect([next.phase, next.pid, next.spawned, next.startedAt, next.exitCode]).toEqual([
      'stopped',
      null,
      'no',
      null,
      0,
    ]);
    expect(effects).toEqual([
      { ...order, type: 'clear-timers' },
      { ...order, type: 'stop-probes' },
      { ...order, type: 'release' },
    ]);
  });

  test('a start that is said to have failed after the run existed changes nothing', () => {
    const starting = given.state('starting', plain);
    const fault = { code: 'refused', message: 'late', program: null, hint: null } as const;
    expect(onEnded(starting, { ...report, type: 'start-failed', fault })).toEqual({ next: starting, effects: [] });
  });

  test('a replacement takes its time: what runs is due, what stops starts again, what rests is left alone', () => {
    const free = { reason: { code: 'restart' }, at: AT, when: 'free' } as const;
    expect(onReplace(given.state('ready', plain), free).next.due).toBe('restart');
    expect(onReplace(given.state('stopping', plain), free).next.due).toBe('restart');
    expect(onReplace(given.state('failed', plain), free).next.due).toBe('nothing');
  });
});

describe('health', () => {
  const fails = { ...report, type: 'probe', question: 'health', answer: 'fail', message: 'refused' } as const;
  const after = (service: Service, times: number): Service =>
    times === 0 ? service : after(onProbe(service, fails).next, times - 1);

  test('a ready service is restarted when its check has failed as often as allowed', () => {
    const ready = given.state('ready', checked, { health: { ...HEALTHY } });
    expect(after(ready, 2).phase).toBe('ready');
    const { phase, reason, health } = after(ready, 3);
    expect([phase, reason, health.verdict]).toEqual([
      'stopping',
      { code: 'unhealthy', failures: 3, message: 'refused' },
      'unhealthy',
    ]);
  });

  test('a service that is only to be marked stays ready and unhealthy, and recovers by one answer', () => {
    const marked = given.state('ready', given.service('db').checked({}, 'none'), { health: { ...HEALTHY } });
    const unhealthy = after(marked, 5);
    expect([unhealthy.phase, unhealthy.health.verdict, unhealthy.health.failures]).toEqual(['ready', 'unhealthy', 5]);
    expect(onProbe(unhealthy, { ...fails, answer: 'pass' }).next.health.verdict).toBe('healthy');
  });

  test('an answer to a question that was not asked changes nothing', () => {
    const ready = given.state('ready', checked, { health: { ...HEALTHY } });
    expect(onProbe(ready, { ...fails, question: 'liveness' }).next.health.failures).toBe(0);
    expect(onProbe(given.state('ready', plain), fails).next.health.failures).toBe(0);
  });

  test('restarts are forgiven after a stable time', () => {
    const ready = given.state('ready', plain, { restarts: 3, recentRestarts: [1, 2, 3] });
    const { next } = onTimer(ready, { ...report, type: 'timer', timer: 'stable', at: AT });
    expect([next.restarts, next.recentRestarts]).toEqual([0, []]);
  });
});

describe('blocking', () => {
  test('a waiting service is blocked by a name, and unblocked to why it was wanted', () => {
    const waiting = given.state('waiting', plain, { demand: 'needed' });
    const blocked = onBlock(waiting, 'cache').next;
    expect(blocked.reason).toEqual({ code: 'dependency', service: 'cache' });
    expect(onBlock(blocked, null).next.reason).toEqual({ code: 'needed' });
  });

  test('only who waits can be blocked', () => {
    const ready = given.state('ready', plain);
    expect(onBlock(ready, 'cache').next).toBe(ready);
  });
});

describe('recovery', () => {
  const left = (was: 'starting' | 'ready' | 'stopping', of = checked): Service =>
    given.state('unknown', of, { reason: { code: 'unverified', was }, spawned: 'no', pid: null, startedAt: null });
  const alive = { ...report, type: 'recovered', found: 'alive', pid: 42 } as const;

  test('a run that was ready is ready again, and asked as before', () => {
    const { next, effects } = onRecovered(left('ready'), alive);
    expect([next.phase, next.pid, next.spawned]).toEqual(['ready', 42, 'yes']);
    expect(effects.map((effect) => effect.type)).toEqual(['clear-timers', 'start-probe']);
  });

  test('a verdict outlives the daemon, but not a check that the definition has no more', () => {
    const health = { verdict: 'unhealthy', failures: 3, successes: 0, message: 'connection refused' } as const;
    const asked = onRecovered({ ...left('ready'), health }, alive);
    expect(asked.next.health).toEqual(health);
    const unasked = onRecovered({ ...left('ready', plain), health }, alive);
    expect(unasked.next.health.verdict).toBe('unknown');
  });

  test('a run that was starting is asked anew, with its limit set anew', () => {
    const { next, effects } = onRecovered(left('starting'), alive);
    expect([next.phase, next.spawned]).toEqual(['starting', 'yes']);
    expect(effects.map((effect) => effect.type)).toEqual(['start-probe', 'set-timer']);
  });

  test('a run that was stopping is stopped again', () => {
    const down = onRecovered({ ...left('stopping'), demand: 'none' }, alive);
    expect([down.next.phase, down.next.due, down.effects]).toEqual(['stopping', 'nothing', stopOf(checked.spec)]);
    const up = onRecovered(left('stopping'), alive);
    expect([up.next.phase, up.next.due]).toEqual(['stopping', 'restart']);
  });

  test('a run that cannot be verified stays unknown', () => {
    const unknown = left('ready');
    expect(onRecovered(unknown, { ...alive, found: 'unverified' })).toEqual({ next: unknown, effects: [] });
  });

  test('what recovery says of a service that is not in doubt changes nothing', () => {
    const ready = given.state('ready', checked);
    expect(onRecovered(ready, alive)).toEqual({ next: ready, effects: [] });
  });
});

function stopOf(spec: Service['spec']): readonly object[] {
  return [
    { ...order, type: 'clear-timers' },
    { ...order, type: 'stop-probes' },
    { ...order, type: 'stop', spec },
    { ...order, type: 'set-timer', timer: 'kill', delayMs: 10_000 },
  ];
}
