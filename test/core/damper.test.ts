import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { spent, tokenAt } from '../../src/core/damper.ts';
import type { Told } from './given.ts';
import { given } from './given.ts';

type Budget = Parameters<typeof tokenAt>[2];

/** A token that is waited for: when it is there, and the damper after it. */
function take(damperAt: number, now: number, budget: Budget): { readonly at: number; readonly damperAt: number } {
  const at = tokenAt(damperAt, now, budget);
  return { at, damperAt: spent(damperAt, at, budget) };
}

describe('the bucket', () => {
  test('a full bucket lets its burst through at once, then one in each interval', () => {
    const times: number[] = [];
    let damperAt = 0;
    for (let restart = 0; restart < 6; restart += 1) {
      const token = take(damperAt, 1000, { burst: 3, perMs: 500 });
      damperAt = token.damperAt;
      times.push(token.at);
    }
    expect(times).toEqual([1000, 1000, 1000, 1500, 2000, 2500]);
  });

  test('tokens grow back, and never to more than the burst', () => {
    const first = take(0, 1000, { burst: 1, perMs: 500 });
    expect(take(first.damperAt, 1200, { burst: 1, perMs: 500 }).at).toBe(1500);
    const later = take(first.damperAt, 99_000, { burst: 1, perMs: 500 });
    expect(later.at).toBe(99_000);
    expect(take(later.damperAt, 99_000, { burst: 1, perMs: 500 }).at).toBe(99_500);
  });

  test('an interval of nothing lets everything through', () => {
    expect(take(0, 1000, { burst: 1, perMs: 0 }).at).toBe(1000);
  });

  test('in no stretch of time are there more than the burst and what has grown in it', () => {
    const gaps = fc.array(fc.nat(400), { minLength: 1, maxLength: 60 });
    fc.assert(
      fc.property(gaps, fc.integer({ min: 1, max: 8 }), fc.integer({ min: 1, max: 300 }), (waits, burst, perMs) => {
        let [damperAt, now] = [0, 0];
        const times: number[] = [];
        for (const wait of waits) {
          now += wait;
          const token = take(damperAt, now, { burst, perMs });
          damperAt = token.damperAt;
          times.push(token.at);
        }
        for (const [place, from] of times.entries()) {
          for (const [more, to] of times.slice(place).entries())
            expect(more + 1).toBeLessThanOrEqual(burst + (to - from) / perMs + 1e-9);
        }
      }),
    );
  });
});

describe('the restarts of all services', () => {
  const three = (): Told => {
    const names = ['a', 'b', 'c'];
    const told = given.system(...names.map((name) => given.service(name)));
    told.limits = { restarts: { burst: 1, perMs: 2000 } };
    told.start(...names);
    told.brings(...names);
    for (const name of names) told.exits(name, 1);
    return told;
  };

  test('a restart beyond what all may have waits for a token, which nobody else takes', () => {
    const told = three().later(500);
    expect(told.fires('a', 'backoff').moves).toEqual(['a backoff → waiting', 'a waiting → starting']);
    expect(told.fires('b', 'backoff').effects).toEqual(['b#1 set-timer backoff 2000']);
    expect(told.fires('c', 'backoff').effects).toEqual(['c#1 set-timer backoff 4000']);
    expect([told.of('b').step, told.of('b').retryAt, told.hold('b')]).toEqual(['damped', 3500, 'damper']);
    expect(told.later(2000).fires('b', 'backoff').moves).toEqual(['b backoff → waiting', 'b waiting → starting']);
    expect(told.of('b').step).toBe('none');
  });

  test('what a person starts is not counted and does not wait', () => {
    const told = three().later(500);
    told.fires('a', 'backoff');
    told.fires('b', 'backoff');
    expect(told.start('b').moves).toEqual(['b backoff → waiting', 'b waiting → starting']);
    told.brings('b');
    told.restart('b');
    told.exits('b', 0);
    expect([told.phase('b'), told.of('b').run]).toEqual(['starting', 3]);
  });

  test('what waits for its token can be stopped', () => {
    const told = three().later(500);
    told.fires('a', 'backoff');
    told.fires('b', 'backoff');
    told.stop('b');
    expect([told.phase('b'), told.of('b').step, told.hold('b')]).toEqual(['stopped', 'none', null]);
  });

  test('a new definition gives nobody new tokens', () => {
    const told = three().later(500);
    told.fires('a', 'backoff');
    told.redefines(...['a', 'b', 'c'].map((name) => given.service(name)), given.service('d'));
    expect(told.fires('b', 'backoff').effects).toEqual(['b#1 set-timer backoff 2000']);
  });

  test('who is stopped while it waits leaves no debt to the others', () => {
    const told = three().later(500);
    for (const name of ['a', 'b', 'c']) told.fires(name, 'backoff');
    told.stop('b', 'c');
    told.start('b', 'c');
    told.brings('b', 'c');
    told.exits('b', 1);
    expect(told.later(2000).fires('b', 'backoff').moves).toEqual(['b backoff → waiting', 'b waiting → starting']);
  });

  test('who waited asks again, so that a daemon that is new lets no storm through', () => {
    const damped = ['a', 'b', 'c'].map((name) =>
      given.state('backoff', given.service(name), { step: 'damped', retryAt: 1500 }),
    );
    const told = given.found(...damped);
    told.limits = { restarts: { burst: 1, perMs: 2000 } };
    told.later(500).fires('a', 'backoff');
    expect([told.fires('b', 'backoff').effects, told.phase('a')]).toEqual([['b#1 set-timer backoff 2000'], 'starting']);
  });
});

describe('restarts that were held while what they require was down', () => {
  const held = (): Told => {
    const names = ['a', 'b', 'c'];
    const told = given.system(given.service('db'), ...names.map((name) => given.service(name).requires('db')));
    told.limits = { restarts: { burst: 2, perMs: 2000 } };
    told.start(...names);
    told.brings('db', ...names);
    told.exits('db', 1);
    for (const name of names) told.exits(name, 1);
    return told.later(500);
  };

  test('they pass the damper when it is back', () => {
    const told = held();
    expect(told.phases).toEqual({ db: 'backoff', a: 'waiting', b: 'waiting', c: 'waiting' });
    told.fires('db', 'backoff');
    const { moves, effects } = told.started('db');
    expect(moves).toEqual([
      'db starting → ready',
      'a waiting → starting',
      'b waiting → backoff',
      'c waiting → backoff',
    ]);
    expect(effects.slice(-2)).toEqual(['b#1 set-timer backoff 2000', 'c#1 set-timer backoff 4000']);
    expect([told.of('b').step, told.hold('b')]).toEqual(['damped', 'damper']);
    expect(told.later(2000).fires('b', 'backoff').moves).toEqual(['b backoff → waiting', 'b waiting → starting']);
  });

  test('they are held again when it is lost again, and starve nobody', () => {
    const told = held();
    for (const pause of [2000, 2000, 2000]) {
      told.fires('db', 'backoff');
      told.started('db');
      told.exits('db', 1);
      told.later(pause);
    }
    told.limits = { restarts: { burst: 1, perMs: 2000 } };
    told.later(2000).fires('db', 'backoff');
    expect(told.later(2000).started('db').moves).toContain('b waiting → starting');
  });

  test('one that a person asks for meanwhile does not wait for a token', () => {
    const told = held();
    told.start('b', 'c');
    told.brings('db');
    expect(told.phases).toMatchObject({ b: 'starting', c: 'starting' });
  });
});
