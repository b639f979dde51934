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
