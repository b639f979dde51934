import { expect, test } from 'vitest';
import type { RuntimeReport } from '../../src/ports/runtime.ts';
import { createExternalRuntime } from '../../src/runtime/external.ts';
import { given } from './given.ts';

const external = given('db', { kind: 'external', execution: { type: 'external' } });

test('a watched service is there when asked for and over when asked to stop, each said once and after the call', async () => {
  const reports: RuntimeReport[] = [];
  const runtime = createExternalRuntime({ report: (report) => reports.push(report) });
  runtime.start(external, 1);
  runtime.start(external, 1);
  expect(reports).toEqual([]);
  await Promise.resolve();
  expect(reports).toEqual([{ type: 'started', service: 'db', run: 1, pid: null }]);
  runtime.signal('db', 1, 'SIGHUP', 'main');
  runtime.stop(external, 1);
  runtime.kill('db', 1);
  await Promise.resolve();
  expect(reports.slice(1)).toEqual([{ type: 'exited', service: 'db', run: 1, exitCode: null, signal: null }]);
});

test('taken over, it is there and can be let go of', async () => {
  const reports: RuntimeReport[] = [];
  const runtime = createExternalRuntime({ report: (report) => reports.push(report) });
  runtime.adopt(external, 3);
  runtime.kill('db', 3);
  await Promise.resolve();
  expect(reports.map(({ type, run }) => `${type} ${run}`)).toEqual(['recovered 3', 'exited 3']);
});
