import { describe, expect, test } from 'vitest';
import type { Told } from './given.ts';
import { given } from './given.ts';

const watched = given.service('db').with({ watchdogMs: 1000 });
const ready = (service = watched): Told => {
  const told = given.system(service);
  told.start('db');
  return told.brings('db');
};
const dead = (service = watched): Told => {
  const told = ready(service);
  told.answers('db', 'fail', 'watchdog');
  told.answers('db', 'fail', 'watchdog');
  return told;
};

describe('signs of life', () => {
  test('a service with a watchdog is asked for signs of life from when it is ready, beside its check', () => {
    const told = given.system(watched.checked());
    told.start('db');
    expect(told.started('db').effects).toEqual(['db#1 start-probe health starting']);
    expect(told.answers('db', 'pass').effects).toEqual([
      'db#1 clear-timers',
      'db#1 start-probe health running',
      'db#1 start-probe watchdog running',
    ]);
  });

  test('one miss is forgiven by the next sign of life', () => {
    const told = ready();
    told.answers('db', 'fail', 'watchdog');
    told.answers('db', 'pass', 'watchdog');
    expect(told.answers('db', 'fail', 'watchdog').moves).toEqual([]);
  });

  test('two misses in a row end the run by SIGABRT, without drain or hook, and then by the kill', () => {
    const told = ready(watched.drains(500).hooked('beforeStop'));
    told.answers('db', 'fail', 'watchdog');
    expect(told.answers('db', 'fail', 'watchdog').effects).toEqual([
      'db#1 clear-timers',
      'db#1 stop-probes',
      'db#1 stop SIGABRT',
      'db#1 set-timer kill 10000',
    ]);
    expect(told.fires('db', 'kill').effects).toEqual(['db#1 kill', 'db#1 set-timer kill 5000']);
  });

  test('a stop command is not tried on who gives no sign of life', () => {
    const command = { argv: ['stop'], via: 'exec', source: 'stop', origin: null } as const;
    const told = ready(watched.with({ stop: { ...watched.spec.stop, command } }));
    told.answers('db', 'fail', 'watchdog');
    const { result } = told.answers('db', 'fail', 'watchdog');
    const stop = result.effects.find((effect) => effect.type === 'stop');
    expect(stop?.spec.stop.command).toBeNull();
  });

  test('what followed a watchdog counts as a failure, whatever the exit code', () => {
    for (const how of [0, 'SIGTERM', 'SIGABRT'] as const) {
      const told = dead(watched.with({ noRestartCodes: [0] }));
      told.exits('db', how);
      expect([told.phase('db'), told.of('db').reason.code]).toEqual(['backoff', 'watchdog']);
    }
  });

  test('nobody waits for signs of life of what is stopping', () => {
    const told = ready();
    told.stop('db');
    expect(told.answers('db', 'fail', 'watchdog').result.effects).toEqual([]);
    expect(told.of('db').misses).toBe(0);
  });

  test('a run begins without the misses of the one before it', () => {
    const told = dead();
    told.exits('db', 'SIGABRT');
    told.fires('db', 'backoff');
    told.brings('db');
    expect([told.of('db').run, told.of('db').misses]).toEqual([2, 0]);
  });
});

describe('a failing check', () => {
  const checked = given.service('db').checked({ failureThreshold: 2 });

  test('a run that fails its check is replaced once, however often it fails on', () => {
    const told = ready(checked);
    told.answers('db', 'fail');
    expect(told.answers('db', 'fail').moves).toEqual(['db ready → stopping']);
    for (let more = 0; more < 5; more += 1) expect(told.answers('db', 'fail').effects).toEqual([]);
    told.exits('db', 0);
    expect([told.phase('db'), told.of('db').restarts]).toEqual(['backoff', 1]);
  });

  test('a check and a watchdog that fail together replace the run once', () => {
    const told = ready(checked.with({ watchdogMs: 1000 }));
    for (let miss = 0; miss < 2; miss += 1) {
      told.answers('db', 'fail');
      told.answers('db', 'fail', 'watchdog');
    }
    told.exits('db', 'SIGABRT');
    expect([told.phase('db'), told.of('db').restarts]).toEqual(['backoff', 1]);
  });

  test('a check that acts on nothing turns the verdict once, and back', () => {
    const told = ready(given.service('db').checked({ failureThreshold: 1 }, 'none'));
    expect(told.answers('db', 'fail').result.transitions).toHaveLength(1);
    for (let more = 0; more < 5; more += 1) expect(told.answers('db', 'fail').result.transitions).toHaveLength(0);
    expect(told.answers('db', 'pass').result.transitions).toHaveLength(1);
    expect(told.phase('db')).toBe('ready');
  });

  test('a check that fails while its service backs off or stops does nothing', () => {
    const told = ready(checked);
    told.exits('db', 1);
    const resting = told.of('db');
    for (let more = 0; more < 3; more += 1) told.answers('db', 'fail');
    expect(told.of('db')).toBe(resting);
    const stopping = ready(checked);
    stopping.stop('db');
    const going = stopping.of('db');
    for (let more = 0; more < 3; more += 1) stopping.answers('db', 'fail');
    expect(stopping.of('db')).toBe(going);
  });

  test('answers about an earlier run never count', () => {
    const told = ready(checked);
    told.restart('db');
    told.exits('db', 0);
    told.brings('db');
    const late = { type: 'probe', service: 'db', run: 1, question: 'health', answer: 'fail', message: '' } as const;
    for (let more = 0; more < 5; more += 1) told.hears(late);
    expect([told.phase('db'), told.of('db').health.failures]).toEqual(['ready', 0]);
  });

  test('readiness never restarts', () => {
    const told = ready(given.service('db').gated({ failureThreshold: 1 }));
    for (let more = 0; more < 5; more += 1) told.answers('db', 'fail', 'readiness');
    expect(told.phase('db')).toBe('ready');
  });

  test('liveness is not asked before the startup question has passed', () => {
    const probe = { ...checked.spec.liveness, onFailure: 'restart' as const };
    const told = given.system(
      given
        .service('db')
        .gated()
        .with({
          liveness: { ...probe, probe: { ...watchProbe(), failureThreshold: 1 } },
        }),
    );
    told.start('db');
    expect(told.started('db').effects).toEqual(['db#1 start-probe readiness starting']);
    told.answers('db', 'fail', 'liveness');
    expect([told.phase('db'), told.of('db').health.failures]).toEqual(['starting', 0]);
    expect(told.answers('db', 'pass', 'readiness').effects).toContain('db#1 start-probe liveness running');
  });
});

function watchProbe() {
  const { readiness } = given.service('db').gated({ intervalMs: 777 }).spec;
  if (readiness.type !== 'probe') throw new Error('a gated service has a probe');
  return readiness.probe;
}
