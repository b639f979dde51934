import { expect, test } from 'vitest';
import { given } from '../given.ts';

test('a stop whose main process ended first still kills the rest, and ends', async () => {
  await using project = await given(import.meta.dirname);
  await project.done('up');
  expect((await project.done('stop', 'one')).state).toBe('done');
  expect((await project.service('one')).state).toBe('stopped');
  expect((await project.done('start', 'one')).state).toBe('done');
});
