import { describe, expect, test } from 'vitest';
import type { Told } from './given.ts';
import { given } from './given.ts';

const plain = given.service('db');
const ready = (service = plain): Told => {
  const told = given.system(service);
  told.start('db');
  return told.brings('db');
};

describe('what a service says of itself', () => {
  test('a status is kept, cut to what people read, and forgotten with the run', () => {
    const told = ready();
    told.says('db', 'status', 'recovering: 3 of 7 segments');
    expect(told.of('db').saying).toBe('recovering: 3 of 7 segments');
    told.says('db', 'status', 'x'.repeat(600));
    expect(told.of('db').saying).toHaveLength(512);
    told.restart('db');
    told.exits('db', 0);
    expect([told.of('db').run, told.of('db').saying]).toEqual([2, null]);
  });

  test('the main process is the one that the run names', () => {
    const told = ready();
    told.says('db', 'main', 4711);
    expect(told.of('db').pid).toBe(4711);
  });

  test('words of an earlier run, and of one that is over, change nothing', () => {
    const told = ready();
    told.restart('db');
    told.exits('db', 0);
    told.brings('db');
    const before = told.of('db');
    const late = { type: 'notified', service: 'db', run: 1, text: 'old', ms: 1, pid: 7 } as const;
    for (const word of ['status', 'main', 'reloading', 'stopping', 'extend'] as const) told.hears({ ...late, word });
    expect(told.of('db')).toBe(before);
    told.stop('db');
    told.exits('db', 0);
    told.says('db', 'status', 'still here');
    expect(told.of('db').saying).toBeNull();
  });
});

describe('a reload', () => {
  test('a service that reloads stays ready, and is neither checked nor waited for', () => {
    const told = ready(plain.checked({ failureThreshold: 1 }).with({ watchdogMs: 1000 }));
    expect(told.says('db', 'reloading').effects).toEqual(['db#1 set-timer startup 60000']);
    expect([told.phase('db'), told.of('db').step]).toEqual(['ready', 'reloading']);
    told.answers('db', 'fail');
    for (let miss = 0; miss < 3; miss += 1) told.answers('db', 'fail', 'watchdog');
    expect([told.phase('db'), told.of('db').misses]).toEqual(['ready', 0]);
    told.says('db', 'ready');
    expect(told.of('db').step).toBe('none');
    expect(told.answers('db', 'fail').moves).toEqual(['db ready → stopping']);
  });

  test('a reload that takes longer than a start may is watched again', () => {
    const told = ready(plain.checked({ failureThreshold: 1 }));
    told.says('db', 'reloading');
    told.fires('db', 'startup');
    expect([told.of('db').step, told.of('db').limitAt]).toEqual(['none', null]);
    expect(told.answers('db', 'fail').moves).toEqual(['db ready → stopping']);
  });

  test('dying in a reload is an end like any other', () => {
    const told = ready();
    told.says('db', 'reloading');
    expect(told.exits('db', 1).moves).toEqual(['db ready → backoff']);
  });
});

describe('a service that says that it is about to end', () => {
  test('its clean end before it was ready is no failure', () => {
    const told = given.system(plain.settles(1000));
    told.start('db');
    told.started('db');
    told.says('db', 'stopping');
    expect(told.exits('db', 0).moves).toEqual(['db starting → completed']);
  });

  test('its bad end is one all the same', () => {
    const told = ready();
    told.says('db', 'stopping');
    expect(told.exits('db', 1).moves).toEqual(['db ready → backoff']);
  });

  test('nobody waits for its signs of life any more', () => {
    const told = ready(plain.with({ watchdogMs: 1000 }));
    told.says('db', 'stopping');
    for (let miss = 0; miss < 3; miss += 1) told.answers('db', 'fail', 'watchdog');
    expect(told.phase('db')).toBe('ready');
  });
});

describe('more time', () => {
  test('a start gets at least as long as it asks for, from now on', () => {
    const told = given.system(plain.gated());
    told.start('db');
    told.started('db');
    expect(told.later(50_000).says('db', 'extend', 30_000).effects).toEqual(['db#1 set-timer startup 30000']);
    expect(told.of('db').limitAt).toBe(81_000);
  });

  test('what would end earlier than the limit changes nothing', () => {
    const told = given.system(plain.gated());
    told.start('db');
    expect(told.says('db', 'extend', 5000).effects).toEqual([]);
    expect(told.of('db').limitAt).toBe(61_000);
  });

  test('a grace is extended, a drain and a kill are not', () => {
    const told = ready(plain.drains(2000));
    told.stop('db');
    expect(told.says('db', 'extend', 60_000).effects).toEqual([]);
    told.fires('db', 'drain');
    expect(told.says('db', 'extend', 60_000).effects).toEqual(['db#1 set-timer kill 60000']);
    told.fires('db', 'kill');
    expect(told.says('db', 'extend', 60_000).effects).toEqual([]);
  });
});
