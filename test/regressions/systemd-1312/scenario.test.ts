import { expect, test } from 'vitest';
import { given } from '../given.ts';

test('a dependent comes up by itself when its failed dependency is up again', async () => {
  await using project = await given(import.meta.dirname);
  expect((await project.done('up')).state).toBe('failed');
  await project.becomes('web', 'blocked');
  project.put('disk');
  await project.done('start', 'db');
  expect((await project.becomes('web', 'ready')).restarts).toBe(0);
});
