import { describe, expect, test } from 'vitest';
import { touchedBy } from '../../src/core/want.ts';
import { given } from './given.ts';

const shop = () =>
  given.system(
    given.service('db'),
    given.service('api').requires('db'),
    given.service('web').requires('api'),
    given.service('jobs').requires('db'),
  );
const running = () => {
  const told = shop();
  told.start('web', 'jobs');
  return told.brings('db', 'api', 'jobs', 'web');
};
const demands = (told: ReturnType<typeof shop>): string =>
  told.system.services.map((service) => `${service.spec.name}:${service.demand}`).join(' ');

describe('start', () => {
  test('targets are asked for, what they need is needed, the rest is left alone', () => {
    const told = shop();
    told.start('api');
    expect(demands(told)).toBe('db:needed api:asked web:none jobs:none');
  });

  test('asking for what was needed keeps it up when nobody needs it any more', () => {
    const told = running();
    told.start('db');
    told.stop('web', 'jobs');
    expect(demands(told)).toBe('db:asked api:released web:none jobs:none');
  });

  test('a start of what failed tries it again, and what failed below it too', () => {
    const told = shop();
    told.start('api');
    told.fails('db', { code: 'not-found' });
    expect(told.start('api').moves).toEqual(['db failed → waiting', 'db waiting → starting']);
  });

  test('a start of what is ready changes nothing but who wants it', () => {
    const told = running();
    expect(told.start('web').effects).toEqual([]);
  });
});

describe('stop', () => {
  test('dependents stop first, and what only they needed stops last', () => {
    const told = running();
    expect(told.stop('api').moves).toEqual(['web ready → stopping']);
    expect(demands(told)).toBe('db:needed api:none web:none jobs:asked');
    expect(told.exits('web', 0).moves).toEqual(['web stopping → stopped', 'api ready → stopping']);
    expect(told.exits('api', 0).moves).toEqual(['api stopping → stopped']);
    expect(told.phase('db')).toBe('ready');
  });

  test('what nobody needs any more is released, down the whole chain', () => {
    const told = running();
    told.stop('web', 'jobs');
    expect(demands(told)).toBe('db:released api:released web:none jobs:none');
    told.exits('web', 0);
    told.exits('jobs', 0);
    told.exits('api', 0);
    told.exits('db', 0);
    expect(told.of('db').reason).toEqual({ code: 'unneeded' });
    expect(told.of('web').reason).toEqual({ code: 'asked' });
  });

  test('a stop alone stops the target under its dependents', () => {
    const told = running();
    expect(told.wants('stop', ['db'], { scope: 'alone' }).moves).toEqual(['db ready → stopping']);
    expect([told.phase('api'), told.phase('jobs')]).toEqual(['ready', 'ready']);
  });

  test('a stop of what waits or backs off needs no run to end', () => {
    const told = given.system(given.service('db'), given.service('api').requires('db'));
    told.start('db', 'api');
    expect(told.stop('api').moves).toEqual(['api waiting → stopped']);
    told.started('db');
    told.exits('db', 1);
    expect(told.stop('db').moves).toEqual(['db backoff → stopped']);
  });

  test('a stop that is repeated changes nothing more', () => {
    const told = running();
    told.stop('web');
    expect(told.stop('web').effects).toEqual([]);
  });
});

describe('restart', () => {
  test('dependents that live go down and come up with the target', () => {
    const told = running();
    expect(told.restart('api').moves).toEqual(['web ready → stopping']);
    expect(told.exits('web', 0).moves).toEqual(['web stopping → waiting', 'api ready → stopping']);
    expect(told.exits('api', 0).moves).toEqual(['api stopping → waiting', 'api waiting → starting']);
    expect(told.started('api').moves).toEqual(['api starting → ready', 'web waiting → starting']);
    expect([told.of('api').run, told.of('web').run, told.of('db').run, told.of('jobs').run]).toEqual([2, 2, 1, 1]);
  });

  test('a restart alone leaves dependents up', () => {
    const told = running();
    expect(told.wants('restart', ['db'], { scope: 'alone' }).moves).toEqual(['db ready → stopping']);
    expect(told.exits('db', 0).moves).toEqual(['db stopping → waiting', 'db waiting → starting']);
    expect(told.started('db').moves).toEqual(['db starting → ready']);
    expect([told.phase('api'), told.of('api').run]).toEqual(['ready', 1]);
  });

  test('a restart of what does not run is a start', () => {
    const told = shop();
    expect(told.restart('api').moves).toEqual([
      'api stopped → waiting',
      'db stopped → waiting',
      'db waiting → starting',
    ]);
  });

  test('a restart runs a completed task again', () => {
    const told = given.system(given.service('seed').task());
    told.start('seed');
    told.brings('seed');
    expect(told.start('seed').moves).toEqual([]);
    expect(told.restart('seed').moves).toEqual(['seed completed → waiting', 'seed waiting → starting']);
    expect(told.of('seed').run).toBe(2);
  });

  test('a restart uses up none of the automatic restarts', () => {
    const told = given.system(given.service('db'));
    told.start('db');
    told.brings('db');
    for (let round = 0; round < 20; round += 1) {
      told.restart('db');
      told.exits('db', 0);
      told.brings('db');
    }
    expect([told.phase('db'), told.of('db').run, told.of('db').restarts]).toEqual(['ready', 21, 0]);
  });
});

describe('the last intent wins', () => {
  test('a start while it stops starts it again when it has ended', () => {
    const told = running();
    told.stop('web');
    told.start('web');
    expect(told.exits('web', 0).moves).toEqual(['web stopping → waiting', 'web waiting → starting']);
  });

  test('a stop while it starts ends the run', () => {
    const told = given.system(given.service('db').checked());
    told.start('db');
    told.started('db');
    expect(told.stop('db').moves).toEqual(['db starting → stopping']);
    expect(told.exits('db', 'SIGTERM').moves).toEqual(['db stopping → stopped']);
  });

  test('a stop in the middle of a restart wins', () => {
    const told = running();
    told.restart('web');
    told.stop('web');
    expect(told.exits('web', 0).moves).toEqual(['web stopping → stopped', 'api ready → stopping']);
  });

  test('a restart in the middle of a stop wins', () => {
    const told = running();
    told.stop('web');
    told.restart('web');
    expect(told.exits('web', 0).moves).toEqual(['web stopping → waiting', 'web waiting → starting']);
  });

  test('twenty restarts at once are one', () => {
    const told = running();
    for (let round = 0; round < 20; round += 1) told.restart('web');
    told.exits('web', 0);
    told.brings('web');
    expect([told.phase('web'), told.of('web').run, told.of('web').due]).toEqual(['ready', 2, 'nothing']);
  });

  test('a service remembers the last request that reached it', () => {
    const told = shop();
    told.start('web');
    told.stop('jobs');
    told.start('db');
    expect(told.system.services.map((service) => service.intent)).toEqual([3, 1, 1, 2]);
  });
});

describe('whom a request touches', () => {
  const names = (action: 'start' | 'stop' | 'restart', scope: 'closure' | 'alone', ...services: string[]): string => {
    const { system } = shop();
    return touchedBy(system, { action, scope, services })
      .map((index) => system.graph.names[index])
      .join(' ');
  };

  test('a start touches what is needed, needs first', () => {
    expect(names('start', 'closure', 'web')).toBe('db api web');
  });

  test('a stop and a restart touch who depends, dependents first', () => {
    expect(names('stop', 'closure', 'db')).toBe('web jobs api db');
    expect(names('restart', 'closure', 'api')).toBe('web api');
  });

  test('alone, only the targets are touched, in the same order', () => {
    expect(names('start', 'alone', 'web', 'db')).toBe('db web');
    expect(names('stop', 'alone', 'db', 'web')).toBe('web db');
  });

  test('unknown names are passed over', () => {
    expect(names('start', 'closure', 'ghost', 'db')).toBe('db');
  });
});
