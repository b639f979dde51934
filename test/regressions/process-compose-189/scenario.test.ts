import { expect, test } from 'vitest';
import { given } from '../given.ts';

test('waiting for a dependency outlasts its restarts', async () => {
  await using project = await given(import.meta.dirname);
  expect((await project.done('up')).state).toBe('done');
  expect(project.lines('runs')).toHaveLength(3);
  expect((await project.service('web')).state).toBe('ready');
});
