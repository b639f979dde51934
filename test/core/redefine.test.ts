import { describe, expect, test } from 'vitest';
import { given } from './given.ts';

const db = given.service('db');
const api = given.service('api').requires('db');
const web = given.service('web').requires('api');
const running = () => {
  const told = given.system(db, api, web);
  told.start('web');
  return told.brings('db', 'api', 'web');
};

const check = given.service('db').checked({ failureThreshold: 3 });
const checked = () => {
  const told = given.system(check);
  told.start('db');
  return told.brings('db');
};

describe('a new definition', () => {
  test('an equal one changes nothing that runs', () => {
    const told = running();
    expect(told.redefines(db, api, web).effects).toEqual([]);
    expect(told.phases).toEqual({ db: 'ready', api: 'ready', web: 'ready' });
  });

  test('a new service is stopped, wanted by nobody', () => {
    const told = running();
    told.redefines(db, api, web, given.service('jobs').requires('db'));
    expect([told.phase('jobs'), told.of('jobs').demand, told.of('jobs').run]).toEqual(['stopped', 'none', 0]);
  });

  test('a changed service runs on by its old definition and takes the new one at its next start', () => {
    const told = running();
    told.redefines(db.revised(), api, web);
    expect([told.phase('db'), told.of('db').runSpec?.hash, told.of('db').spec.hash]).toEqual([
      'ready',
      'hash of db',
      "hash of db'",
    ]);
    told.wants('restart', ['db'], { scope: 'alone' });
    told.exits('db', 0);
    expect(told.of('db').runSpec?.hash).toBe("hash of db'");
  });

  test('what Rouse itself does about a run holds for it at once', () => {
    const told = running();
    const calm = db.restarts({ policy: 'no' }).with({ labels: { team: 'a' }, hash: 'calm' });
    expect(told.redefines(calm, api, web).effects).toEqual([]);
    expect(told.of('db')).toMatchObject({ phase: 'ready', spec: { hash: 'calm' }, runSpec: { hash: 'calm' } });
    told.exits('db', 1);
    expect(told.phase('db')).toBe('failed');
  });

  test('a run that stays outdated takes over what it can, and ends by its own rule', () => {
    const told = running();
    const other = db.revised().with({ labels: { team: 'a' }, stop: { ...db.spec.stop, timeoutMs: 1 } });
    told.redefines(other, api, web);
    expect(told.of('db').runSpec).toMatchObject({
      hash: 'hash of db',
      cwd: db.spec.cwd,
      labels: { team: 'a' },
      stop: { timeoutMs: 10_000 },
    });
  });

  test('a run whose own definition is not known any more stays outdated', () => {
    const told = given.found(given.state('ready', db, { runSpec: { ...db.spec, hash: 'lost' } }));
    told.redefines(db.with({ labels: { a: 'b' }, hash: 'new' }));
    expect(told.of('db').runSpec).toMatchObject({ hash: 'lost', labels: { a: 'b' } });
  });

  test('a check that did not change keeps its counters, and is not asked anew', () => {
    const told = checked();
    told.answers('db', 'fail');
    expect(told.redefines(check.with({ labels: { a: 'b' }, hash: 'new' })).effects).toEqual([]);
    expect(told.of('db').health.failures).toBe(1);
  });

  test('a changed check is asked anew at once, and counts from nothing', () => {
    const told = checked();
    told.answers('db', 'fail');
    const { effects } = told.redefines(given.service('db').checked({ failureThreshold: 9 }).with({ hash: 'new' }));
    expect(effects).toEqual(['db#1 stop-probes', 'db#1 start-probe health running']);
    expect(told.of('db')).toMatchObject({ phase: 'ready', health: { failures: 0, verdict: 'healthy' } });
  });

  test('one that becomes several has ended before they start, and the other way round', () => {
    const told = given.system(given.service('web'));
    told.start('web');
    told.brings('web').redefines(given.service('web@1'), given.service('web@2'));
    told.start('web@1', 'web@2');
    expect(told.phases).toEqual({ 'web@1': 'waiting', 'web@2': 'waiting', web: 'stopping' });
    told.exits('web', 143);
    expect(told.phases).toEqual({ 'web@1': 'starting', 'web@2': 'starting' });
    told.brings('web@1', 'web@2').redefines(given.service('web'));
    told.start('web');
    told.exits('web@1', 143);
    expect(told.phase('web')).toBe('waiting');
    told.exits('web@2', 143);
    expect(told.phases).toEqual({ web: 'starting' });
  });

  test('one of several that goes leaves the others alone', () => {
    const told = given.system(given.service('web@1'), given.service('web@2'));
    told.start('web@1', 'web@2');
    told.brings('web@1', 'web@2').redefines(given.service('web@1'));
    expect(told.phases).toEqual({ 'web@1': 'ready', 'web@2': 'stopping' });
  });

  test('a new need of something that is wanted is woken', () => {
    const told = running();
    const { moves } = told.redefines(db, given.service('cache'), api.requires('cache'), web);
    expect(moves).toEqual(['cache stopped → waiting', 'cache waiting → starting']);
    expect(told.of('cache').demand).toBe('needed');
  });

  test('what nobody needs any more by the new definition is released', () => {
    const told = running();
    const { moves } = told.redefines(db, given.service('api'), web);
    expect(moves).toEqual(['db ready → stopping']);
    expect(told.of('db').demand).toBe('released');
  });

  test('the counts of holds are right after the numbers moved', () => {
    const told = running();
    told.redefines(web, given.service('first'), api, db);
    told.stop('db');
    expect(told.hold('db')).toBe('dependent: api');
    expect([told.phase('web'), told.phase('api')]).toEqual(['stopping', 'ready']);
  });
});

describe('a service that is left out', () => {
  test('one that rests leaves at once', () => {
    const told = given.system(db, api);
    const { result } = told.redefines(db);
    expect([result.removed, told.phases]).toEqual([['api'], { db: 'stopped' }]);
  });

  test('one that runs is stopped first and leaves when it has ended', () => {
    const told = running();
    expect(told.redefines(db, api).moves).toEqual(['web ready → stopping']);
    expect([told.phases, [...told.system.leaving]]).toEqual([{ db: 'ready', api: 'ready', web: 'stopping' }, ['web']]);
    expect(told.exits('web', 0).result.removed).toEqual(['web']);
    expect(told.phases).toEqual({ db: 'ready', api: 'stopping' });
  });

  test('those who leave stop in order', () => {
    const told = running();
    expect(told.redefines(db).moves).toEqual(['web ready → stopping']);
    expect(told.exits('web', 0).moves).toEqual(['web stopping → stopped', 'api ready → stopping']);
    told.exits('api', 0);
    expect(told.phases).toEqual({ db: 'stopping' });
  });

  test('a dependency that leaves when nobody needs it any more stops under those who did', () => {
    const told = running();
    expect(told.redefines(given.service('api'), web).moves).toEqual(['db ready → stopping']);
    expect([...told.system.leaving]).toEqual(['db']);
    expect(told.exits('db', 0).result.removed).toEqual(['db']);
    expect(told.phases).toEqual({ api: 'ready', web: 'ready' });
  });

  test('one that comes back before it has ended is kept, and starts again by its new definition', () => {
    const told = running();
    told.redefines(db, api);
    told.redefines(db, api, web.revised());
    expect([...told.system.leaving]).toEqual([]);
    told.start('web');
    told.exits('web', 0);
    expect([told.phase('web'), told.of('web').runSpec?.hash]).toEqual(['starting', "hash of web'"]);
  });

  test('the runs of a name go on from the last, so that no report of old is taken for new', () => {
    const told = running();
    told.redefines(db, api);
    told.exits('web', 0);
    told.redefines(db, api, web);
    told.start('web');
    told.exits('api', 0);
    told.started('api');
    expect([told.phase('web'), told.of('web').run]).toEqual(['starting', 2]);
  });
});
