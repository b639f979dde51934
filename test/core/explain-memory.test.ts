import { expect, test } from 'vitest';
import { explain } from '../../src/core/explain.ts';
import { given } from './given.ts';

const evidence = { monotonic: 5000, lastLogs: () => [], checks: () => [] };

function ended(memoryBytes: number | null, limit: number) {
  const db = given.service('db').with({ limits: { memoryBytes, cpus: null, processes: null } });
  const told = given.system(db.restarts({ limit }));
  told.start('db');
  told.brings('db');
  told.hears({ type: 'exited', service: 'db', run: 1, exitCode: null, signal: 'SIGKILL', cause: 'memory' });
  return explain(told.system, 0, evidence);
}

test('a run that the kernel ended for its memory is told with its limit, and the way out is more of it', () => {
  const { text, facts, fixes } = ended(64 * 1024 * 1024, 5);
  expect(text).toContain('killed by the kernel: out of memory');
  expect(facts).toContain('run 1 of db ended: killed by the kernel: out of memory');
  expect(facts).toContain('db may use 64MiB of memory (limits.memory)');
  expect(fixes[0]).toEqual({ text: 'allow db more, in [services.db]', command: 'limits.memory = "128MiB"' });
});

test('it is said also when it is not tried again', () => {
  const { phase, fixes } = ended(1536, 0);
  expect([phase, fixes[0]?.command]).toEqual(['failed', 'limits.memory = "3KiB"']);
});

test('without a limit of its own the machine had no memory left', () => {
  const { facts, fixes } = ended(null, 5);
  expect(facts.join('\n')).toContain('db has no limit of memory of its own');
  expect(fixes[0]?.text).toContain('free memory on this machine');
});
