import { describe, expect, test } from 'vitest';
import { describeWhy } from '../../src/core/describe-reason.ts';
import { explain } from '../../src/core/explain.ts';
import type { Check } from '../../src/model/check.ts';
import type { Explanation } from '../../src/model/explanation.ts';
import type { Told } from './given.ts';
import { given } from './given.ts';

const db = given.service('db').checked();
const shop = (): Told =>
  given.system(
    given.service('cache'),
    db,
    given.service('migrate').task().requires('db'),
    given.service('web').requires('cache').requires('migrate', { when: 'completed' }),
  );

const why = (
  told: Told,
  name: string,
  seen: { logs?: readonly string[]; checks?: readonly Check[] } = {},
): Explanation =>
  explain(told.system, told.index(name), {
    monotonic: told.now,
    lastLogs: (service, count) =>
      (seen.logs ?? []).slice(-count).map((line) => (line === '' ? '' : `${service} ${line}`)),
    checks: () => seen.checks ?? [],
  });
/** `web waiting: …` for each link. */
const chain = ({ chain: links }: Explanation): string[] =>
  links.map(
    ({ service, phase, needs, reason }) => `${service} ${phase}${needs === null ? '' : ` (${needs})`}: ${reason}`,
  );
const fixes = (explanation: Explanation): string[] =>
  explanation.fixes.map(({ text, command }) => (command === null ? text : `${text}: ${command}`));

const refusing = (run: number): Check => ({
  service: 'db',
  run,
  question: 'health',
  target: 'tcp localhost:5432',
  intervalMs: 2000,
  results: [
    { at: 1, answer: 'fail', latencyMs: 3, message: 'connection refused' },
    { at: 2, answer: 'fail', latencyMs: 4, message: 'connection refused' },
  ],
});

describe('waiting', () => {
  const waiting = (): Told => {
    const told = shop();
    told.start('web');
    told.started('cache');
    told.started('db', 812);
    told.later(41_000);
    told.answers('db', 'fail');
    return told;
  };

  test('three links deep, the chain ends at the service that everything waits for', () => {
    const explanation = why(waiting(), 'web', { logs: ['redo starts', 'redo goes on'], checks: [refusing(1)] });
    expect(explanation).toEqual({
      service: 'web',
      phase: 'waiting',
      text: 'web is waiting (41s) for migrate › db; it has not been started',
      chain: [
        { service: 'web', phase: 'waiting', needs: null, reason: 'waiting for migrate' },
        { service: 'migrate', phase: 'waiting', needs: 'completed', reason: 'waiting for db' },
        { service: 'db', phase: 'starting', needs: 'ready', reason: 'its check fails: connection refused' },
      ],
      root: { service: 'db', phase: 'starting', needs: 'ready', reason: 'its check fails: connection refused' },
      facts: [
        'web needs cache ready: it is so',
        'web needs migrate completed: it is waiting (needed by a dependent)',
        'db is in run 1, pid 812, for 41s',
        'check tcp localhost:5432: 2 of the last 2 failed, every 2s; last: connection refused (4ms)',
        'log: db redo starts',
        'log: db redo goes on',
      ],
      fixes: [
        { text: 'see it work', command: 'rouse logs db -f' },
        { text: 'ask its check now', command: 'rouse health db' },
        { text: 'give db longer, in [services.db]', command: 'start_timeout = "120s"' },
        { text: 'start web anyway', command: 'rouse start web --no-deps' },
      ],
      next: { text: 'db must be ready by then, or its start is ended', inMs: 19_000 },
    });
  });

  test('a start whose check fails is the cause by that, not by what it was started for', () => {
    const told = given.system(db);
    told.start('db');
    told.started('db');
    expect(chain(why(told, 'db'))).toEqual(['db starting: asked for']);
    told.answers('db', 'fail');
    expect(chain(why(told, 'db'))).toEqual(['db starting: its check fails: connection refused']);
  });

  test('what starts again because a lost dependency has come back says so', () => {
    const reason = { code: 'dependency-lost', service: 'cache' } as const;
    expect(describeWhy(given.state('starting', db, { reason }))).toBe('cache is back');
    expect(describeWhy(given.state('stopping', db, { reason }))).toBe('lost cache');
  });

  test('of several unmet needs, the one that is most stuck is followed', () => {
    const told = shop();
    told.start('web');
    told.started('cache');
    told.exits('cache', 1);
    expect(chain(why(told, 'web'))).toEqual([
      'web waiting: waiting for cache and migrate',
      'cache backoff (ready): exit 1',
    ]);
  });

  test('a service that waits for room says how many are before it', () => {
    const told = given.limited(2, given.service('a'), given.service('b'), given.service('c'));
    told.start('a', 'b', 'c');
    expect(why(told.later(1500), 'c')).toMatchObject({
      text: 'c is waiting (1.5s) for a free start: 2 are being started; it has not been started',
      chain: [{ service: 'c', phase: 'waiting', needs: null, reason: 'waiting for a free start' }],
      fixes: [{ text: 'see what is being started', command: 'rouse ps' }],
      next: { text: 'c starts when one of the starts under way is done', inMs: null },
    });
  });

  test('a root without a limit says who follows when it is done', () => {
    const told = given.system(given.service('seed').task(), given.service('web').requires('seed'));
    told.start('web');
    told.started('seed');
    expect(why(told, 'web').next).toEqual({ text: 'seed has no limit to be done, then web may start', inMs: null });
    expect(why(told, 'seed').text).toBe('seed is running (0ms) and not done yet');
  });

  test('a root that settles says when it is ready', () => {
    const told = given.system(given.service('seed').settles(5000), given.service('web').requires('seed'));
    told.start('web');
    told.started('seed');
    expect(why(told.later(2000), 'web').next).toEqual({ text: 'seed is ready, then web may start', inMs: 3000 });
  });
});

describe('failure', () => {
  test('a blocked service names the root and its cause, with the way out at the root', () => {
    const told = shop();
    told.start('web');
    told.fails('db', { code: 'not-found', program: 'postgrs', message: 'spawn postgrs ENOENT' });
    const explanation = why(told.later(2000), 'web');
    expect(explanation.text).toBe(
      'web is blocked (2s) by migrate › db: db failed: program "postgrs" not found; it has not been started',
    );
    expect(chain(explanation)).toEqual([
      'web waiting: blocked by migrate › db',
      'migrate waiting (completed): blocked by db',
      'db failed (ready): program "postgrs" not found',
    ]);
    expect(explanation.facts).toContain('run 1 of db never began: spawn postgrs ENOENT');
    expect(fixes(explanation)).toEqual([
      'install "postgrs", or correct the command of db',
      'then try db again: rouse start db',
      'start web anyway: rouse start web --no-deps',
    ]);
    expect(explanation.next).toEqual({ text: 'nothing by itself; when db is up again, web starts', inMs: null });
  });

  test('a missing program is told with the hint of the runtime and its place', () => {
    const origin = { file: '/shop/rouse.toml', line: 14, column: 1 };
    const told = given.system(given.service('api').with({ origin }));
    told.start('api');
    told.fails('api', { code: 'not-found', program: 'nodee', message: 'ENOENT', hint: 'did you mean "node"?' });
    const explanation = why(told.later(12_000), 'api');
    expect(explanation.text).toBe('api failed 12s ago: program "nodee" not found');
    expect(fixes(explanation)).toEqual([
      'did you mean "node"?',
      'mend it in /shop/rouse.toml:14:1',
      'then try api again: rouse start api',
    ]);
    expect(explanation.next).toBe(null);
  });

  test('an end before it was ready is told with the last lines', () => {
    const told = given.system(db.restarts({ policy: 'no' }));
    told.start('db');
    told.started('db');
    told.exits('db', 1);
    const explanation = why(told, 'db', { logs: ['1', '2', '', '4', '5', '6', '7', '8', '9', '10', '11', '12', '13'] });
    expect(explanation.text).toBe('db failed 0ms ago: exit 1 before it was ready');
    expect(explanation.facts).toEqual([
      'run 1 of db ended: exit 1',
      'db is not restarted: its policy is "no"',
      'db is still wanted up, but is not tried again by itself',
      // The last twelve, without the empty ones.
      ...['2', '4', '5', '6', '7', '8', '9', '10', '11', '12', '13'].map((line) => `log: db ${line}`),
    ]);
    expect(fixes(explanation)).toEqual([
      'read what its last run said: rouse logs db',
      'then try db again: rouse start db',
    ]);
  });

  test('a start that took too long is told with its last answer and a longer limit', () => {
    const told = given.system(db.restarts({ policy: 'no' }));
    told.start('db');
    told.started('db');
    told.answers('db', 'fail');
    told.fires('db', 'startup');
    expect(why(told, 'db')).toMatchObject({
      text: 'db is stopping (0ms): not ready after 1m: connection refused',
      next: { text: 'db is killed if it has not ended by then', inMs: 10_000 },
    });
    told.exits('db', 'SIGTERM');
    const explanation = why(told, 'db');
    expect(explanation.text).toBe('db failed 0ms ago: not ready after 1m: connection refused');
    expect(fixes(explanation)[1]).toBe('give db longer, in [services.db]: start_timeout = "120s"');
  });

  test('backoff says which restart it is, of how many, and when', () => {
    const told = given.system(given.service('db'));
    told.start('db');
    told.started('db');
    told.exits('db', 'SIGKILL');
    const explanation = why(told.later(200), 'db');
    expect(explanation.text).toBe('db is not running (200ms): killed by SIGKILL; it is tried again in 300ms');
    expect(explanation.facts).toEqual([
      'run 1 of db ended: killed by SIGKILL',
      'db was restarted 1 time by its policy (1 of at most 10 in 5m)',
    ]);
    expect(fixes(explanation)).toEqual([
      'read what its last run said: rouse logs db',
      'try db at once: rouse start db',
    ]);
    expect(explanation.next).toEqual({ text: 'db is tried again', inMs: 300 });
  });

  test('the limit of restarts is told with why the last run ended', () => {
    const told = given.system(given.service('db').restarts({ limit: 1 }));
    told.start('db');
    for (let run = 1; run <= 2; run += 1) {
      told.started('db');
      told.exits('db', 3);
      told.fires('db', 'backoff');
    }
    const explanation = why(told, 'db');
    expect(explanation.text).toBe('db failed 0ms ago: exit 3, after 1 restart in 5m');
    expect(explanation.facts).toContain('its last run ended so: exit 3');
  });

  test('an unhealthy service says how its check fails', () => {
    const told = given.system(db.checked({}, 'none'));
    told.start('db');
    told.brings('db').later(60_000);
    for (let round = 0; round < 3; round += 1) told.answers('db', 'fail');
    const explanation = why(told, 'db', { checks: [refusing(1), refusing(0)], logs: ['too many clients'] });
    expect(explanation).toMatchObject({
      text: 'db is running (1m) but unhealthy: health check failed 3 times: connection refused',
      next: { text: 'db counts as healthy again after one answer that passes', inMs: null },
    });
    expect(explanation.facts).toEqual([
      'db is in run 1, pid 812, for 1m',
      'check tcp localhost:5432: 2 of the last 2 failed, every 2s; last: connection refused (4ms)',
      'log: db too many clients',
    ]);
    expect(fixes(explanation)).toEqual([
      'read what it says: rouse logs db',
      'ask its check now: rouse health db',
      'restart db: rouse restart db',
    ]);
  });
});

describe('rest', () => {
  const up = (): Told => {
    const told = given.system(given.service('db'), given.service('web').requires('db'));
    told.start('web');
    return told.brings('db', 'web');
  };

  test('a service that was never asked for says so', () => {
    expect(why(given.system(db), 'db')).toEqual({
      service: 'db',
      phase: 'stopped',
      text: 'db was never asked for, so it was not started',
      chain: [{ service: 'db', phase: 'stopped', needs: null, reason: 'never asked for' }],
      root: { service: 'db', phase: 'stopped', needs: null, reason: 'never asked for' },
      facts: [],
      fixes: [{ text: 'start db', command: 'rouse start db' }],
      next: null,
    });
  });

  test('stopped by hand, and stopped because nothing needs it, are told apart', () => {
    const told = up();
    told.stop('web');
    told.exits('web', 0);
    told.exits('db', 0);
    told.later(62_000);
    expect(why(told, 'web').text).toBe('web was stopped by hand 1m 2s ago');
    expect(why(told, 'db').text).toBe('db was stopped 1m 2s ago, because nothing needs it any more');
    expect(why(told, 'web').facts).toEqual(['run 1 of web ended: exit 0']);
    expect(fixes(why(told, 'db'))).toEqual(['start db: rouse start db']);
  });

  test('a done task says how it ended and how long it took', () => {
    const told = given.system(given.service('seed').task());
    told.start('seed');
    told.started('seed');
    told.later(1900);
    told.exits('seed', 0);
    const explanation = why(told.later(240_000), 'seed');
    expect([explanation.text, fixes(explanation), explanation.next]).toEqual([
      'seed is done (4m ago): exit 0, after 1.9s',
      ['run seed again: rouse run seed'],
      null,
    ]);
  });

  test('a service that ended by itself is not called done', () => {
    const told = given.system(given.service('db'));
    told.start('db');
    told.started('db');
    told.exits('db', 0);
    expect(why(told, 'db').text).toBe('db ended by itself 0ms ago: exit 0');
  });

  test('a ready service needs no way out', () => {
    const explanation = why(up().later(1000), 'web');
    expect(explanation).toMatchObject({ text: 'web is ready (1s)', fixes: [], next: null });
    expect(explanation.facts).toEqual(['web is in run 1, pid 812, for 1s']);
    expect(why(up(), 'db').facts).toContain('db is up because a dependent needs it');
  });

  test('a ready service that lost a dependency points at it', () => {
    const told = up();
    told.exits('db', 1);
    const explanation = why(told, 'web');
    expect(explanation.text).toBe('web is ready (0ms) but degraded: it lost db');
    expect(chain(explanation)).toEqual(['web ready: lost db', 'db backoff (ready): exit 1']);
    expect(explanation.next).toEqual({ text: 'db is tried again', inMs: 500 });
  });

  test('a stop that is held points at the dependent that must stop first', () => {
    const told = up();
    told.stop('db');
    const explanation = why(told.later(3000), 'db');
    expect(explanation.text).toBe('db is ready (3s) and is to stop, but web must stop first');
    expect(chain(explanation)).toEqual(['db ready: stops when web has stopped', 'web stopping: asked to stop']);
    expect(explanation.next).toEqual({ text: 'web is killed if it has not ended by then', inMs: 7000 });
    expect(fixes(explanation)).toEqual([
      'see it work: rouse logs web -f',
      'end web without waiting: rouse stop web --now',
    ]);
  });

  test('a run in doubt says so', () => {
    const told = given.found(given.state('unknown', db, { reason: { code: 'unverified', was: 'ready' } }));
    expect(why(told.later(500), 'db')).toMatchObject({
      text: 'db is in an unknown state (500ms): not known yet what became of its run',
      fixes: [{ text: 'end what may be left of db and start it anew', command: 'rouse restart db' }],
    });
  });

  test('an external service that never answered says that it is only watched', () => {
    const told = given.system(given.service('dns').external());
    told.start('dns');
    told.started('dns', null);
    told.answers('dns', 'fail');
    const explanation = why(told, 'dns');
    expect(explanation.text).toBe('dns is watched (0ms), but its check fails: connection refused');
    expect(fixes(explanation)).toEqual([
      'start dns where it is run; Rouse only watches it',
      'ask its check now: rouse health dns',
    ]);
  });

  test('a live run of an older definition is a fact', () => {
    const told = up();
    told.redefines(given.service('db').revised(), given.service('web').requires('db'));
    expect(why(told, 'db').facts).toContain('db runs by an older definition');
  });
});

describe('the steps of a start and a stop', () => {
  const careful = given.service('db').drains(2000).hooked('beforeStart', 'beforeStop', 'afterStop');
  const text = (told: Told): string => why(told, 'db').text;

  test('each step is named, with what comes next and when', () => {
    const told = given.system(careful);
    told.start('db');
    expect(text(told)).toBe('db is starting (0ms): waiting for its before_start hook');
    told.hookEnds('db', 'beforeStart');
    told.brings('db');
    told.stop('db');
    expect(text(told)).toBe('db is stopping (0ms): asked to stop; not ready any more, and asked to end after 2s');
    expect(why(told.later(500), 'db').next).toEqual({ text: 'db is asked to end', inMs: 1500 });
    told.fires('db', 'drain');
    expect(text(told)).toBe('db is stopping (500ms): asked to stop; waiting for its before_stop hook');
    expect(fixes(why(told, 'db'))).toContain('end db without waiting: rouse stop db --now');
    told.later(500).hookEnds('db', 'beforeStop');
    expect(why(told.later(1000), 'db').next).toEqual({ text: 'db is killed if it has not ended by then', inMs: 9000 });
    told.exits('db', 0);
    expect(text(told)).toBe('db is stopping (2s): asked to stop; waiting for its after_stop hook');
    expect(why(told, 'db').next?.text).toBe('what follows for db is settled when its hook has ended');
  });

  test('a run that does not end after SIGKILL is stuck, with its process, what it waits in, and a way out', () => {
    const told = given.system(given.service('db'));
    told.start('db');
    told.brings('db');
    told.stop('db');
    told.fires('db', 'kill');
    told.later(3000).lingers('db', [812], 'state D, in nfs_wait');
    const explanation = why(told, 'db');
    expect(explanation.text).toBe(
      'db is stuck: pid 812 does not end after SIGKILL (state D, in nfs_wait); it was to stop 3s ago: asked to stop',
    );
    expect(explanation.next?.text).toBe('db is killed again every 5s, and goes on by itself when it has ended');
    expect(fixes(explanation)).toEqual([
      'see in what it waits: cat /proc/812/stack',
      'bring back what it waits for (a disk, a network file system), or restart the machine',
    ]);
  });

  test('a reload and a word of its own are told of a ready service', () => {
    const told = given.system(given.service('db'));
    told.start('db');
    told.brings('db');
    told.says('db', 'status', 'recovering');
    told.says('db', 'reloading');
    expect(text(told)).toBe('db is ready (0ms): it is reloading; it says "recovering"');
  });

  test('a program that has gone is told with the stage, what is missing, and how often it is looked for', () => {
    const told = given.system(given.service('db'));
    told.start('db');
    told.brings('db');
    told.exits('db', 1);
    told.fires('db', 'backoff');
    told.fails('db', { code: 'not-found', program: 'postgres', message: 'program "postgres" not found' });
    expect([told.phase('db'), told.of('db').retryAt]).toEqual(['backoff', told.now + 30_000]);
    const { facts } = why(told, 'db');
    expect(facts).toContain('the start stopped where its program "postgres" is executed: it is not there');
    expect(facts).toContain('db was ready with this definition before, so it is tried every 30s');
  });

  test('a restart that is held back says that it is for all of them', () => {
    const told = given.system(given.service('db'));
    told.limits = { restarts: { burst: 1, perMs: 4000 } };
    told.start('db');
    told.brings('db');
    for (let crash = 0; crash < 2; crash += 1) {
      told.exits('db', 1);
      told.later(500).fires('db', 'backoff');
      if (told.phase('db') === 'starting') told.brings('db');
    }
    expect(text(told)).toBe(
      'db is not running (500ms): exit 1; too many services are being restarted, so it is tried again in 3.5s',
    );
  });
});
