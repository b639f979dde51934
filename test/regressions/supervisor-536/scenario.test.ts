import { expect, test } from 'vitest';
import { given } from '../given.ts';

test('a signal to a process that is gone already is a stop that succeeded', async () => {
  await using project = await given(import.meta.dirname);
  await project.done('up');
  const { pid } = await project.service('one');
  process.kill(pid ?? Number.NaN, 'SIGKILL');
  expect((await project.done('stop', 'one')).state).toBe('done');
  // It had failed before anybody asked, or it had been asked first: both are true ends.
  expect(['stopped', 'failed']).toContain((await project.service('one')).state);
  expect((await project.done('start', 'one')).state).toBe('done');
});
