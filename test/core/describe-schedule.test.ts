import { expect, test } from 'vitest';
import { explain } from '../../src/core/explain.ts';
import { nextRun } from '../../src/core/describe-schedule.ts';
import { given } from './given.ts';

const NOW = Date.UTC(2026, 0, 1, 0, 50);
const schedule = { cron: '@hourly', timezone: 'UTC', overlap: 'skip', catchUp: 'skip' } as const;
const job = given.service('job').task().with({ schedule });

test('a task with a schedule runs next when it falls due', () => {
  expect(nextRun(job.spec, NOW)).toBe(Date.UTC(2026, 0, 1, 1));
  expect(nextRun(given.service('job').spec, NOW)).toBeNull();
});

test('an explanation of a task at rest says when it runs by its schedule', () => {
  const { system } = given.system(job);
  const evidence = { monotonic: 1000, lastLogs: () => [], checks: () => [], pinnedBy: () => null };
  expect(explain(system, 0, { ...evidence, now: NOW }).next).toEqual({
    text: 'job runs by its schedule (@hourly)',
    inMs: 600_000,
  });
  expect(explain(system, 0, evidence).next).toBeNull();
});
