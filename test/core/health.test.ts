import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { countAnswer, judge, probeOf, questionsOf } from '../../src/core/health.ts';
import type { Health, Service } from '../../src/model/service.ts';
import { NO_HEALTH } from '../../src/model/service.ts';
import type { Probe } from '../../src/model/spec.ts';
import { given } from './given.ts';

const probeWith = (patch: Partial<Probe>): Probe => {
  const probe = probeOf(given.service('db').checked(patch).spec, 'health');
  if (probe === null) throw new Error('a checked service has a probe');
  return probe;
};

/** The health after answers such as `+-+`, one a second from the start at 1000. */
const after = (answers: string, patch: Partial<Probe>, from: Health = NO_HEALTH): Health => {
  const probe = probeWith(patch);
  let service: Service = given.state('ready', given.service('db').checked(patch), { health: from });
  for (const [place, answer] of answers.split('').entries()) {
    const at = 2000 + place * 1000;
    const health = countAnswer(service, { at, answer: answer === '+' ? 'pass' : 'fail', message: `${place}` }, probe);
    service = { ...service, health: { ...health, verdict: judge(health, probe) } };
  }
  return service.health;
};

describe('counting', () => {
  test('answers in a row are counted, and one of the other kind begins anew', () => {
    expect(after('--', {})).toEqual({ verdict: 'unknown', failures: 2, successes: 0, message: '1' });
    expect(after('--+', {})).toEqual({ verdict: 'healthy', failures: 0, successes: 1, message: '2' });
    expect(after('++-', {})).toEqual({ verdict: 'healthy', failures: 1, successes: 0, message: '2' });
  });

  test('failures in the grace after the start are seen and not counted', () => {
    expect(after('---', { graceMs: 2500, failureThreshold: 2 })).toMatchObject({ verdict: 'unknown', failures: 1 });
    expect(after('----', { graceMs: 2500, failureThreshold: 2 }).verdict).toBe('unhealthy');
  });

  test('a pass in the grace counts', () => {
    expect(after('+', { graceMs: 60_000 }).verdict).toBe('healthy');
  });
});

describe('the verdict', () => {
  test('three failures in a row make it unhealthy, two do not', () => {
    expect(after('+--', { failureThreshold: 3 }).verdict).toBe('healthy');
    expect(after('+---', { failureThreshold: 3 }).verdict).toBe('unhealthy');
    expect(after('+--+--', { failureThreshold: 3 }).verdict).toBe('healthy');
  });

  test('it is healthy again after as many passes as asked for', () => {
    const patch = { failureThreshold: 1, successThreshold: 2 };
    expect(after('-+', patch).verdict).toBe('unhealthy');
    expect(after('-++', patch).verdict).toBe('healthy');
    expect(after('-+-+', patch).verdict).toBe('unhealthy');
  });

  test('any answers give the verdict of the last run of equal answers that was long enough', () => {
    const rows = fc.array(fc.constantFrom('+', '-'), { maxLength: 12 }).map((answers) => answers.join(''));
    fc.assert(
      fc.property(rows, fc.integer({ min: 1, max: 4 }), fc.integer({ min: 1, max: 4 }), (answers, failing, passing) => {
        const long = [...answers.matchAll(/\++|-+/g)]
          .map(([row]) => row)
          .filter((row) => row.length >= (row.startsWith('+') ? passing : failing));
        const last = long.at(-1);
        const expected = last === undefined ? 'unknown' : last.startsWith('+') ? 'healthy' : 'unhealthy';
        expect(after(answers, { failureThreshold: failing, successThreshold: passing }).verdict).toBe(expected);
      }),
    );
  });
});

describe('the questions', () => {
  test('one check for both is one question', () => {
    expect(questionsOf(given.service('db').checked().spec)).toEqual({ starting: 'health', running: 'health' });
  });

  test('a check for readiness alone is not asked while it runs', () => {
    expect(questionsOf(given.service('db').gated().spec)).toEqual({ starting: 'readiness', running: null });
  });

  test('two different checks are two questions', () => {
    const { spec } = given.service('db').checked().gated({ timeoutMs: 1 });
    expect(questionsOf(spec)).toEqual({ starting: 'readiness', running: 'liveness' });
    expect([probeOf(spec, 'readiness')?.timeoutMs, probeOf(spec, 'liveness')?.timeoutMs]).toEqual([1, 2000]);
  });

  test('two checks of equal content are one question, written twice or not', () => {
    const { spec } = given.service('db').checked();
    expect(questionsOf(structuredClone(spec))).toEqual({ starting: 'health', running: 'health' });
  });

  test('without a check nothing is asked', () => {
    const { spec } = given.service('db');
    expect(questionsOf(spec)).toEqual({ starting: null, running: null });
    expect([probeOf(spec, 'health'), probeOf(spec, 'liveness')]).toEqual([null, null]);
  });
});
