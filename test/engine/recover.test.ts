import { describe, expect, test } from 'vitest';
import { type Trace, adoptAll, recover } from '../../src/engine/recover.ts';
import type { Service } from '../../src/model/service.ts';
import type { Spec } from '../../src/model/spec.ts';
import type { StoredService } from '../../src/ports/event-store.ts';
import { given } from '../core/given.ts';
import { BY, Stage, specsOf } from './given.ts';

const db = given.service('db');
const NOW = 100_000;

function stored(phase: StoredService['phase'], rest: Partial<StoredService> = {}): StoredService {
  const own = { name: 'db', demand: 'asked', run: 3, pid: 812, specHash: db.spec.hash, exitCode: null } as const;
  return { ...own, phase, boot: 'today', ...rest };
}

function recovered(
  specs: readonly Spec[],
  kept: readonly StoredService[],
  traces: readonly Trace[] = [],
): ReturnType<typeof recover> {
  return recover(specs, { stored: kept, traces, boot: 'today' }, NOW);
}

/** The only service of what was recovered. */
function one(...kept: readonly StoredService[]): Service | undefined {
  return recovered(specsOf(db), kept).system.services[0];
}

const trace = (state: Trace['state'], run = 3, spec: Spec | null = db.spec): Trace => {
  return { service: spec?.name ?? 'db', run, spec, state };
};

/** An engine that has gone on with what was recovered. */
function gone(recovery: ReturnType<typeof recover>): Stage {
  const on = new Stage(recovery.system);
  on.clock.advance(NOW);
  on.engine.recover(recovery);
  adoptAll(on.engine.system, on.engine.world.runtime);
  return on;
}

const alive = { type: 'recovered', service: 'db', run: 3, found: 'alive', pid: 812 } as const;

test.for([
  ['starting', 'unknown'],
  ['ready', 'unknown'],
  ['stopping', 'unknown'],
  ['unknown', 'unknown'],
  ['waiting', 'waiting'],
  ['backoff', 'waiting'],
  ['completed', 'completed'],
  ['failed', 'failed'],
  ['stopped', 'stopped'],
] as const)('what was %s is %s to the next daemon', ([before, after]) => {
  expect(one(stored(before))).toMatchObject({ phase: after, run: 3, demand: 'asked' });
});

test('only runs in doubt are asked about, and found alive they go on', () => {
  const kept = [stored('ready'), stored('stopped', { name: 'web', demand: 'none' })];
  const on = gone(recovered(specsOf(db, given.service('web')), kept));
  expect(on.calls).toEqual(['adopt db 3']);
  on.hears(alive);
  expect(on.of('db')).toMatchObject({ phase: 'ready', pid: 812, run: 3 });
});

describe('over the death of a daemon', () => {
  test('counters, verdict, words and ages are kept', () => {
    const kept = {
      reason: { code: 'ready' },
      health: { verdict: 'unhealthy', failures: 4, successes: 0, message: 'refused' },
      saying: 'busy',
      pin: 'up',
      restarts: 2,
      failedStarts: 1,
      recentRestarts: [60_000, 70_000],
      since: 80_000,
      startedAt: 79_000,
      readyAt: 80_000,
      lastStartMs: 1000,
    } as const satisfies Partial<StoredService>;
    const on = gone(recovered(specsOf(db.checked()), [stored('ready', kept)]));
    on.hears(alive);
    expect(on.of('db')).toMatchObject({ phase: 'ready', ...kept });
  });

  test('a retry waits for what was left of its delay', () => {
    const reason = { code: 'exited', ending: { exitCode: 1, signal: null } } as const;
    const recovery = recovered(specsOf(db), [stored('backoff', { reason, since: 99_000, retryAt: 100_400 })]);
    const on = gone(recovery);
    on.later(399);
    expect(on.phase('db')).toBe('backoff');
    on.later(1);
    expect(on.phase('db')).toBe('starting');
  });

  test('a retry whose time has passed is made at once', () => {
    const on = gone(recovered(specsOf(db), [stored('backoff', { since: 10, retryAt: 20 })]));
    on.later(0);
    expect(on.calls).toEqual(['start db 4']);
  });

  test('a stop that was under way is finished, for the reason that it had', () => {
    const reason = { code: 'unhealthy', failures: 3, message: 'refused' } as const;
    const on = gone(recovered(specsOf(db), [stored('stopping', { reason })]));
    on.hears(alive);
    expect(on.of('db')).toMatchObject({ phase: 'stopping', reason });
    expect(on.calls).toContain('stop db 3');
  });

  test('what a stop has done is not done again: its signal is given once more, its hook only if it was not over', () => {
    const hooked = specsOf(db.hooked('beforeStop'));
    const callsAt = (step: 'ending' | 'killing' | 'before-stop' | 'draining'): readonly string[] => {
      const on = gone(recovered(hooked, [stored('stopping', { step, spawned: 'yes', demand: 'none' })]));
      on.hears(alive);
      return on.calls.filter((call) => call !== 'forget db');
    };
    expect(callsAt('ending')).toEqual(['adopt db 3', 'stop db 3']);
    expect(callsAt('killing')).toEqual(['adopt db 3', 'stop db 3']);
    expect(callsAt('before-stop')).toEqual(['adopt db 3', 'hook beforeStop db 3']);
    expect(callsAt('draining')).toEqual(['adopt db 3', 'hook beforeStop db 3']);
  });

  test('the policy is applied to an end once, also when the daemon dies again before it was asked', () => {
    const kept = stored('ready', { reason: { code: 'ready' }, readyAt: 10, restarts: 1, spawned: 'yes' });
    const spec = { ...db.spec, restart: { ...db.spec.restart, policy: 'on-failure', limit: 5 } } as const;
    const first = recovered([spec], [kept]);
    const again = recovered([spec], [{ ...kept, ...first.system.services[0] }]);
    const on = gone(again);
    on.hears({ type: 'exited', service: 'db', run: 3, exitCode: 7, signal: null });
    expect(on.of('db')).toMatchObject({ phase: 'backoff', restarts: 2, exitCode: 7 });
    expect(on.recorded.filter((type) => type === 'service.exit')).toHaveLength(1);
  });

  test('an end is told of a run whose beginning nobody heard of', () => {
    const on = gone(recovered(specsOf(db), [stored('starting', { spawned: 'no' })]));
    on.hears({ type: 'exited', service: 'db', run: 3, exitCode: 7, signal: null });
    expect(on.records.map(({ body }) => body)).toContainEqual({
      type: 'service.exit',
      service: 'db',
      run: 3,
      exitCode: 7,
      signal: null,
    });
  });

  test('an end that was known while its last hook ran is not asked for again', () => {
    const ending = { exitCode: 5, signal: null };
    const on = gone(recovered(specsOf(db), [stored('stopping', { ending, step: 'after-stop', demand: 'none' })]));
    on.later(0);
    expect(on.of('db')).toMatchObject({ phase: 'stopped', exitCode: 5 });
  });

  test('a run is ended by the definition that it was started with', () => {
    const old: Spec = { ...db.spec, hash: 'old', stop: { ...db.spec.stop, signal: 'SIGINT' } };
    const { system } = recovered(specsOf(db), [stored('ready', { specHash: 'old' })], [trace('live', 3, old)]);
    expect(system.services[0]).toMatchObject({ runSpec: { stop: { signal: 'SIGINT' } }, spec: { hash: db.spec.hash } });
  });
});

test('times that lie in the future are taken for now', () => {
  expect(one(stored('failed', { since: 900_000, recentRestarts: [900_000] }))).toMatchObject({
    since: NOW,
    recentRestarts: [NOW],
  });
});

describe('after a restart of the machine', () => {
  const boot = 'yesterday';

  test.for(['ready', 'backoff', 'failed', 'completed', 'waiting'] as const)(
    'what was %s and wanted up waits for its turn anew, with nothing held against it',
    (phase) => {
      const on = gone(recovered(specsOf(db), [stored(phase, { boot, restarts: 5, spawned: 'yes', since: 900_000 })]));
      expect(on.of('db')).toMatchObject({ phase: 'waiting', restarts: 0, run: 3, since: NOW, pid: null });
      on.engine.request({ type: 'spec-changed', specs: specsOf(db) }, BY, null);
      expect(on.calls).toEqual(['start db 4']);
    },
  );

  test('what was being stopped is stopped, and the end of its run is told', () => {
    const on = gone(recovered(specsOf(db), [stored('stopping', { boot, demand: 'none', spawned: 'yes' })]));
    expect(on.phase('db')).toBe('stopped');
    expect(on.recorded).toEqual(['service.exit', 'service.phase']);
    expect(on.calls).toEqual([]);
  });

  test('what is verified to live is taken over all the same', () => {
    const { system } = recovered(specsOf(db), [stored('ready', { boot })], [trace('live')]);
    expect(system.services).toMatchObject([{ phase: 'unknown', run: 3, since: NOW }]);
  });

  test('a run that a lost store does not know is started again', () => {
    const on = gone(recovered(specsOf(db), [], [trace('reboot')]));
    expect(on.of('db')).toMatchObject({ phase: 'waiting', demand: 'asked', run: 3 });
  });
});

describe('what the store does not know', () => {
  test('is believed to the folders of the runs: the run is taken over, counted on, and wanted up', () => {
    const recovery = recovered(specsOf(db), [], [trace('live', 7)]);
    expect(recovery.rebuilt).toEqual(['db']);
    const on = gone(recovery);
    on.hears({ ...alive, run: 7 });
    on.later(db.spec.startTimeoutMs);
    expect(on.of('db')).toMatchObject({ demand: 'asked', run: 7 });
    expect(on.calls.filter((call) => call.startsWith('start'))).toEqual([]);
  });

  test('is a newer run than the one that it has', () => {
    const { system, rebuilt } = recovered(specsOf(db), [stored('stopped', { demand: 'none' })], [trace('doubt', 4)]);
    expect([rebuilt, system.services[0]]).toMatchObject([['db'], { phase: 'unknown', run: 4, demand: 'asked' }]);
  });

  test('is that a run lives which it calls over: then that one is not doubled', () => {
    const on = gone(recovered(specsOf(db), [stored('waiting')], [trace('live')]));
    on.engine.request({ type: 'spec-changed', specs: specsOf(db) }, BY, null);
    expect(on.calls).toEqual(['adopt db 3']);
  });

  test('is not the folder of a run that has ended and that it has told of', () => {
    expect(recovered(specsOf(db), [stored('failed')], [trace('over')]).rebuilt).toEqual([]);
  });
});

test('runs are counted on for a name that comes back', () => {
  const on = gone(recovered(specsOf(), [stored('stopped')]));
  on.engine.request({ type: 'spec-changed', specs: specsOf(db) }, BY, null);
  on.wants('start', ['db']);
  expect(on.calls).toEqual(['start db 4']);
});

describe('live runs that the definition no longer has', () => {
  test('are let go, and stopped by their own definitions, dependents first', () => {
    const web = given.service('web').requires('db');
    const kept = [stored('ready'), stored('ready', { name: 'web', specHash: web.spec.hash })];
    const { system } = recovered(specsOf(), kept, [trace('live'), trace('live', 3, web.spec)]);
    const on = new Stage(system);
    on.engine.request({ type: 'spec-changed', specs: [] }, BY, null);
    on.hears(alive, { ...alive, service: 'web' });
    expect(on.calls.filter((call) => call.startsWith('stop'))).toEqual(['stop web 3']);
    on.exits('web', 143, 3);
    expect(on.calls.filter((call) => call.startsWith('stop'))).toEqual(['stop web 3', 'stop db 3']);
    on.exits('db', 143, 3);
    expect(on.engine.system.services).toEqual([]);
  });

  test('are stopped in any order when what they needed makes a circle', () => {
    const one = given.service('one').requires('two');
    const two = given.service('two').requires('one');
    const kept = [one, two].map(({ spec }) => stored('ready', { name: spec.name, specHash: spec.hash }));
    const { system } = recovered(specsOf(), kept, [trace('live', 3, one.spec), trace('live', 3, two.spec)]);
    expect([...system.leaving]).toEqual(['one', 'two']);
  });
});
