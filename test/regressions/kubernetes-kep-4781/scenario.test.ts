import { expect, test } from 'vitest';
import { given } from '../given.ts';

test('services keep their health when the daemon is replaced, and nobody loses anything', async () => {
  await using project = await given(import.meta.dirname);
  await project.done('up');
  const before = [await project.service('db'), await project.service('web')];
  await project.world.kill();
  const next = await project.world.start();
  for (const { name, pid } of before) {
    const health = expect.objectContaining({ healthy: true });
    expect(await next.services.get(name)).toMatchObject({ pid, run: 1, ready: true, health, phase: 'ready' });
  }
});
