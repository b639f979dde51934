import { expect, test } from 'vitest';
import { given } from '../given.ts';

test('a start is checked at once, however long the interval of its check', async () => {
  await using project = await given(import.meta.dirname);
  expect((await project.done('up')).state).toBe('done');
  expect(await project.service('one')).toMatchObject({ state: 'ready', ready: true });
});
