import { writeFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { given } from '../given.ts';

test('a state that cannot be read costs no service its process', async () => {
  await using project = await given(import.meta.dirname);
  await project.done('up');
  const before = [await project.service('db'), await project.service('web')];
  await project.world.kill();
  writeFileSync(project.world.paths.store, 'this is no database'.repeat(1000));
  const next = await project.world.start();
  const after = await next.services.list();
  expect(after.map(({ name, pid, run }) => [name, pid, run])).toEqual(
    before.map(({ name, pid, run }) => [name, pid, run]),
  );
  expect((await next.changes.settled((await next.changes.create({ action: 'down' })).id)).state).toBe('done');
});
