import { expect, test } from 'vitest';
import { given } from '../given.ts';

test('a first run that ends too early is followed by another', async () => {
  await using project = await given(import.meta.dirname);
  expect((await project.done('up')).state).toBe('done');
  expect(await project.service('one')).toMatchObject({ state: 'ready', run: 2 });
});
