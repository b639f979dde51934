import { expect, test } from 'vitest';
import { given } from '../given.ts';

test('a restart waits until nothing of the old run is left', async () => {
  await using project = await given(import.meta.dirname);
  await project.done('up');
  expect((await project.done('restart', 'httpd')).state).toBe('done');
  expect(project.lines('taken')).toEqual([]);
});
