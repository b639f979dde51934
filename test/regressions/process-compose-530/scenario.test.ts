import { expect, test } from 'vitest';
import { given } from '../given.ts';

test('a restart of a service that waits for its dependency goes on waiting, and one run comes of it', async () => {
  await using project = await given(import.meta.dirname);
  const up = await project.begin('up');
  await project.becomes('b', 'waiting');
  const restarts = await Promise.all([project.begin('restart', 'b'), project.begin('restart', 'b')]);
  expect((await project.service('b')).phase).toBe('waiting');
  project.put('go');
  const ends = await Promise.all([up, ...restarts].map(({ id }) => project.client.changes.settled(id)));
  expect(ends.map(({ state }) => state)).toEqual(['done', 'done', 'done']);
  expect(project.lines('b')).toHaveLength(1);
  expect((await project.done('stop', 'b')).state).toBe('done');
  expect((await project.service('b')).state).toBe('stopped');
});
