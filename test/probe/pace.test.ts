import fc from 'fast-check';
import { expect, test } from 'vitest';
import { type PaceFacts, intervalOf, nextDueAt } from '../../src/probe/pace.ts';

const facts: PaceFacts = {
  probe: {
    target: { type: 'tcp', host: 'localhost', port: 1 },
    intervalMs: 10_000,
    startIntervalMs: 500,
    timeoutMs: 2000,
    failureThreshold: 3,
    successThreshold: 2,
    graceMs: 0,
  },
  cadence: 'running',
  price: 'cheap',
  isWatching: false,
  answer: 'pass',
  streak: 1,
  answers: 1,
  originMs: 0,
  askedAt: 0,
  nowMs: 0,
};

test('the next moment lies on the grid, half an interval to one and a half after the question', () => {
  const ms = fc.double({ min: 0, max: 1e7, noNaN: true });
  fc.assert(
    fc.property(ms, ms, fc.integer({ min: 1, max: 100_000 }), (originMs, askedAt, intervalMs) => {
      const probe = { ...facts.probe, intervalMs };
      const next = nextDueAt({ ...facts, probe, originMs, askedAt, nowMs: askedAt });
      expect(next).toBeGreaterThan(askedAt);
      expect(next - askedAt).toBeGreaterThanOrEqual(intervalMs * 0.5 - 1e-6);
      expect(next - askedAt).toBeLessThanOrEqual(intervalMs * 1.5 + 1e-6);
      const steps = (next - originMs) / intervalMs;
      expect(Math.abs(steps - Math.round(steps))).toBeLessThan(1e-6);
    }),
  );
});

test('a slow answer does not move the grid', () => {
  expect(nextDueAt({ ...facts, askedAt: 10_000, nowMs: 16_000 })).toBe(20_000);
  expect(nextDueAt({ ...facts, askedAt: 10_000, nowMs: 20_001 })).toBe(30_000);
});

test('a cheap question that fails while starting comes again after 25 ms, then doubling up to the cadence', () => {
  const after = (answers: number): number =>
    nextDueAt({ ...facts, cadence: 'starting', answer: 'fail', answers, askedAt: 100, nowMs: 100 }) - 100;
  expect([1, 2, 3, 4].map(after)).toEqual([25, 50, 100, 200]);
  expect(after(5)).toBe(400);
  expect(after(60)).toBe(400);
});

test.for([
  { name: 'passes', different: { cadence: 'starting', answer: 'pass' } },
  { name: 'starts a program', different: { cadence: 'starting', answer: 'fail', price: 'dear' } },
  { name: 'is about a running service', different: { cadence: 'running', answer: 'fail' } },
] as const)('a question that $name keeps to its cadence', ({ different }) => {
  const next = nextDueAt({ ...facts, ...different });
  expect(next).toBe(intervalOf(facts.probe, different.cadence));
});

test.for([
  ['pass', 1, 10_000],
  ['pass', 2, 30_000],
  ['fail', 2, 10_000],
  ['fail', 3, 30_000],
] as const)('a watched question that gave %s %i times in a row comes again after %i ms', ([answer, streak, next]) => {
  expect(nextDueAt({ ...facts, isWatching: true, answer, streak })).toBe(next);
});

test('a watched question never comes more often than its interval wants', () => {
  const probe = { ...facts.probe, intervalMs: 60_000 };
  expect(nextDueAt({ ...facts, probe, isWatching: true, streak: 9 })).toBe(60_000);
});

test('an interval of nothing is a millisecond', () => {
  expect(intervalOf({ ...facts.probe, startIntervalMs: 0 }, 'starting')).toBe(1);
});
