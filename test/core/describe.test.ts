import { describe, expect, test } from 'vitest';
import {
  blockersOf,
  describeTransition,
  lostBy,
  reasonView,
  statusOf,
  viewOf,
  wordOf,
} from '../../src/core/describe.ts';
import type { Service } from '../../src/model/service.ts';
import { PHASES } from '../../src/model/service.ts';
import type { Outcome, Told } from './given.ts';
import { given } from './given.ts';

const db = given.service('db');
const alone = (service: Service): Told => given.found(service);
const reason = (told: Told, name: string) => reasonView(told.system, told.index(name));
const word = (service: Service): string => wordOf(alone(service).system, 0);

describe('status and word', () => {
  test('every phase has one of the four words of the guide', () => {
    expect(Object.fromEntries(PHASES.map((phase) => [phase, statusOf(given.state(phase, db))]))).toEqual({
      stopped: 'Stopped',
      waiting: 'Stopped',
      starting: 'Unknown',
      ready: 'Running',
      stopping: 'Unknown',
      backoff: 'Failed',
      failed: 'Failed',
      completed: 'Stopped',
      unknown: 'Unknown',
    });
  });

  test('an external service is unknown until it passed its check once, and running from then on', () => {
    const dns = given.service('dns').external();
    expect(statusOf(given.state('starting', dns))).toBe('Unknown');
    const health = { verdict: 'unhealthy', failures: 3, successes: 0, message: 'refused' } as const;
    expect(statusOf(given.state('ready', dns, { health }))).toBe('Running');
  });

  test('every phase has its word for people', () => {
    expect(Object.fromEntries(PHASES.map((phase) => [phase, word(given.state(phase, db))]))).toEqual({
      stopped: 'stopped',
      waiting: 'waiting',
      starting: 'starting',
      ready: 'ready',
      stopping: 'stopping',
      backoff: 'retry',
      failed: 'failed',
      completed: 'done',
      unknown: 'unknown',
    });
  });

  test('waiting for what cannot come is blocked, and ready with a failing check is unhealthy', () => {
    expect(word(given.state('waiting', db, { reason: { code: 'dependency', service: 'disk' } }))).toBe('blocked');
    const health = { verdict: 'unhealthy', failures: 3, successes: 0, message: null } as const;
    expect(word(given.state('ready', db, { health }))).toBe('unhealthy');
  });
});

describe('the reason that is shown', () => {
  const shop = () => {
    const told = given.system(
      db,
      given.service('migrate').task().requires('db'),
      given.service('web').requires('migrate'),
    );
    told.start('web');
    return told;
  };

  test('a service that was never asked for, or is ready without more, has none', () => {
    expect(reason(given.system(db), 'db')).toBe(null);
    const told = given.system(db);
    told.start('db');
    expect(reason(told.brings('db'), 'db')).toBe(null);
  });

  test('a waiting service names whom it waits for', () => {
    expect(reason(shop(), 'web')).toEqual({ code: 'asked', text: 'waiting for migrate', service: 'migrate' });
  });

  test('a service that waits for room says so', () => {
    const told = given.limited(1, db, given.service('api'));
    told.start('db', 'api');
    expect(reason(told, 'api')).toEqual({ code: 'asked', text: 'waiting for a free start', service: null });
  });

  test('a blocked service names the way to the root', () => {
    const told = shop();
    told.fails('db', { code: 'not-found', program: 'postgres' });
    expect(reason(told, 'web')).toEqual({
      code: 'dependency',
      text: 'blocked by migrate › db',
      service: 'migrate',
    });
    expect(blockersOf(told.system, told.index('web'))).toEqual(['migrate', 'db']);
    expect(reason(told, 'db')).toEqual({ code: 'start-failed', text: 'program "postgres" not found', service: null });
  });

  test('a service that is to stop and may not yet says for whom it waits', () => {
    const told = given.system(db, given.service('web').requires('db'));
    told.start('web');
    told.brings('db', 'web');
    told.stop('db');
    expect(reason(told, 'db')).toEqual({ code: 'asked', text: 'stops when web has stopped', service: 'web' });
    expect(reason(told, 'web')).toEqual({ code: 'asked', text: 'asked to stop', service: null });
  });

  test('a service that is to be replaced and may not yet says so', () => {
    const told = given.system(db, given.service('web').requires('db'));
    told.start('web');
    told.brings('db', 'web');
    told.restart('db');
    expect(reason(told, 'db')).toEqual({ code: 'restart', text: 'restarts when web has stopped', service: 'web' });
  });

  test('a ready service that lost what it needs names it', () => {
    const told = given.system(db, given.service('web').requires('db'));
    told.start('web');
    told.brings('db', 'web');
    told.exits('db', 1);
    expect(reason(told, 'web')).toEqual({ code: 'dependency-lost', text: 'lost db', service: 'db' });
    expect(lostBy(told.system, told.index('web'))).toEqual(['db']);
    expect(lostBy(told.system, told.index('db'))).toEqual([]);
  });

  test('what was optional, or had only to happen once, cannot be lost', () => {
    const told = given.system(db, given.service('web').wants('db').requires('db', { when: 'ended' }));
    const system = given.found(
      told.of('db'),
      given.state('ready', given.service('web').with(told.of('web').spec)),
    ).system;
    expect(lostBy(system, 1)).toEqual([]);
  });

  test('an unhealthy service says how its check fails', () => {
    const health = { verdict: 'unhealthy', failures: 3, successes: 0, message: '503' } as const;
    expect(reason(alone(given.state('ready', db.checked(), { health })), 'db')).toEqual({
      code: 'unhealthy',
      text: 'health check failed 3 times: 503',
      service: null,
    });
  });
});

describe('the view of a service', () => {
  const context = { epochOf: (ms: number) => 1_000_000 + ms, monotonic: 6000, health: null, held: null };

  test('everything is there, times as epoch and durations from now', () => {
    const web = given
      .service('web')
      .requires('db')
      .with({ description: 'the shop', url: 'http://localhost:3000', labels: { team: 'blue' } });
    const told = given.system(db, web, given.service('mail').requires('web'));
    told.start('web');
    told.brings('db', 'web').later(5000);
    expect(viewOf(told.system, told.index('web'), { ...context, health: report(true) })).toEqual({
      name: 'web',
      description: 'the shop',
      kind: 'service',
      execution: 'process',
      shell: 'no',
      status: 'Running',
      phase: 'ready',
      word: 'ready',
      step: 'none',
      desired: 'up',
      demand: 'asked',
      ready: true,
      health: { service: 'web', healthy: true, message: 'running', lastCheck: 77, latencyMs: 4 },
      saying: null,
      waitingFor: [],
      reason: null,
      since: 1_001_000,
      startedAt: 1_001_000,
      readyAt: 1_001_000,
      uptimeMs: 5000,
      lastStartMs: 0,
      retryInMs: null,
      run: 1,
      restarts: 0,
      exitCode: null,
      exitSignal: null,
      pid: 812,
      urls: ['http://localhost:3000'],
      dependsOn: ['db'],
      dependents: ['mail'],
      held: null,
      degradedBy: [],
      pin: 'none',
      outdated: false,
      nextRunAt: null,
      labels: { team: 'blue' },
      origin: null,
    });
  });

  test('a service in backoff says when it is tried again and how it ended', () => {
    const told = given.system(db);
    told.start('db');
    told.started('db');
    told.exits('db', 'SIGKILL');
    const view = viewOf(told.system, 0, { ...context, monotonic: 1200 });
    expect([view.word, view.retryInMs, view.exitCode, view.exitSignal, view.pid, view.uptimeMs, view.restarts]).toEqual(
      ['retry', 300, null, 'SIGKILL', null, null, 1],
    );
    expect(viewOf(told.system, 0, context).retryInMs).toBe(0);
  });

  test('a held service names whom it waits for', () => {
    const told = given.system(db, given.service('web').requires('db'));
    told.start('web');
    expect(viewOf(told.system, 1, context)).toMatchObject({ word: 'waiting', waitingFor: ['db'], ready: false });
  });

  test('a done task is ready for those who need it', () => {
    const told = given.system(given.service('seed').task());
    told.start('seed');
    expect(viewOf(told.brings('seed').system, 0, context)).toMatchObject({
      word: 'done',
      ready: true,
      status: 'Stopped',
    });
  });

  test('a live run of an older definition is outdated, an ended one is not', () => {
    const told = given.system(db);
    told.start('db');
    told.brings('db');
    told.redefines(db.revised());
    expect(viewOf(told.system, 0, context).outdated).toBe(true);
    told.stop('db');
    told.exits('db', 0);
    expect(viewOf(told.system, 0, context).outdated).toBe(false);
  });

  const report = (healthy: boolean) => ({ service: 'web', healthy, message: 'x', lastCheck: 77, latencyMs: 4 });
});

describe('a transition in words', () => {
  const words = ({ result }: Outcome): string[] =>
    result.transitions.map(({ before, after }) => `${after.spec.name}: ${describeTransition(before, after)}`);

  test('a phase is told by why it was entered', () => {
    const told = given.system(db, given.service('web').requires('db'));
    expect(words(told.start('web'))).toEqual([
      'db: needed by a dependent',
      'web: asked for',
      'db: needed by a dependent',
    ]);
    told.later(2100);
    expect(words(told.started('db'))).toEqual(['db: ready after 0ms', 'web: asked for']);
    expect(words(told.exits('db', 1))).toEqual(['db: exit 1; next try in 500ms']);
    expect(words(told.stop('web'))).toEqual([
      'web: no longer wanted',
      'db: stopped because nothing needs it any more',
      'web: asked to stop',
    ]);
  });

  test('a service that becomes blocked says by whom', () => {
    const told = given.system(db, given.service('web').requires('db'));
    told.start('web');
    expect(words(told.fails('db', { code: 'not-found', program: 'postgres' }))).toEqual([
      'db: program "postgres" not found',
      'web: blocked by db',
    ]);
  });

  test('a verdict is told with its evidence', () => {
    const told = given.system(db.checked({ failureThreshold: 1 }, 'none'));
    told.start('db');
    told.brings('db');
    expect(words(told.answers('db', 'fail'))).toEqual(['db: unhealthy: connection refused']);
    expect(words(told.answers('db', 'pass'))).toEqual(['db: healthy: 200 OK']);
  });

  test('a change of who wants it, of its definition or of its process is told', () => {
    const ready = given.state('ready', db);
    expect(describeTransition(ready, { ...ready, demand: 'none' })).toBe('no longer wanted');
    expect(describeTransition(ready, { ...ready, demand: 'released' })).toBe('nothing needs it any more');
    expect(describeTransition(ready, { ...ready, demand: 'alone' })).toBe('asked for, without its dependencies');
    expect(describeTransition(ready, { ...ready, spec: db.revised().spec })).toBe('its definition changed');
    expect(describeTransition(ready, { ...ready, pid: 99 })).toBe('pid 99');
  });
});
