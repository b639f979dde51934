import { expect, test } from 'vitest';
import { given } from '../given.ts';

test('a dependency that fails at once is seen by whoever begins to wait later', async () => {
  await using project = await given(import.meta.dirname);
  const up = await project.done('up');
  expect(up.state).toBe('failed');
  expect(up.tasks.find(({ service }) => service === 'prepare')).toMatchObject({ state: 'failed', root: 'configure' });
  expect(project.lines('ran')).toEqual([]);
});
