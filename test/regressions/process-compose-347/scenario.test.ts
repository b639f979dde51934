import { expect, test } from 'vitest';
import { given } from '../given.ts';

test('restarts that are asked for at once become one new run, and never two at a time', async () => {
  await using project = await given(import.meta.dirname);
  await project.done('up');
  const restarts = await Promise.all(Array.from({ length: 20 }, () => project.begin('restart', 'one')));
  // All of them were asked for before the old run could end.
  project.put('go');
  const ends = await Promise.all(restarts.map(({ id }) => project.client.changes.settled(id)));
  expect(new Set(ends.map(({ state }) => state))).toEqual(new Set(['done']));
  expect(project.lines('doubles')).toEqual([]);
  expect(project.lines('runs')).toHaveLength(2);
});
