import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { takeToken } from '../../src/core/damper.ts';
import type { Told } from './given.ts';
import { given } from './given.ts';

describe('the bucket', () => {
  test('a full bucket lets its burst through at once, then one in each interval', () => {
    const times: number[] = [];
    let damperAt = 0;
    for (let restart = 0; restart < 6; restart += 1) {
      const token = takeToken(damperAt, 1000, { burst: 3, perMs: 500 });
      damperAt = token.damperAt;
      times.push(token.at);
    }
    expect(times).toEqual([1000, 1000, 1000, 1500, 2000, 2500]);
  });

  test('tokens grow back, and never to more than the burst', () => {
    const first = takeToken(0, 1000, { burst: 1, perMs: 500 });
    expect(takeToken(first.damperAt, 1200, { burst: 1, perMs: 500 }).at).toBe(1500);
    const later = takeToken(first.damperAt, 99_000, { burst: 1, perMs: 500 });
    expect(later.at).toBe(99_000);
    expect(takeToken(later.damperAt, 99_000, { burst: 1, perMs: 500 }).at).toBe(99_500);
  });

  test('an interval of nothing lets everything through', () => {
    expect(takeToken(0, 1000, { burst: 1, perMs: 0 }).at).toBe(1000);
  });

  test('in no stretch of time are there more than the burst and what has grown in it', () => {
    const gaps = fc.array(fc.nat(400), { minLength: 1, maxLength: 60 });
    fc.assert(
      fc.property(gaps, fc.integer({ min: 1, max: 8 }), fc.integer({ min: 1, max: 300 }), (waits, burst, perMs) => {
        let [damperAt, now] = [0, 0];
        const times: number[] = [];
        for (const wait of waits) {
          now += wait;
          const token = takeToken(damperAt, now, { burst, perMs });
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
});
