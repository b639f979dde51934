import { expect, test } from 'vitest';
import { given } from '../given.ts';

test('waiting for a line ends when the service ends well without it, and the dependent is not run', async () => {
  await using project = await given(import.meta.dirname);
  const up = await project.done('up');
  expect(up.state).toBe('failed');
  expect((await project.service('dependent')).state).toBe('blocked');
  expect(project.lines('ran')).toEqual([]);
});
