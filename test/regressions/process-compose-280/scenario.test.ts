import { expect, test } from 'vitest';
import { given } from '../given.ts';

test('going down while a chain still waits ends every one of them', async () => {
  await using project = await given(import.meta.dirname);
  await project.begin('up');
  await project.becomes('three', 'starting');
  expect((await project.done('down')).state).toBe('done');
  const states = await Promise.all(['one', 'two', 'three'].map(async (name) => (await project.service(name)).state));
  expect(states).toEqual(['stopped', 'stopped', 'stopped']);
});
