import { expect, test } from 'vitest';
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { given } from '../given.ts';

test('what an earlier run was found to be says nothing about the next', async () => {
  await using project = await given(import.meta.dirname);
  await project.done('up');
  rmSync(join(project.world.root, 'ok'));
  await project.becomes('api', 'unhealthy');
  const restart = await project.done('restart', 'api');
  expect(restart.state).toBe('done');
  expect(await project.service('api')).toMatchObject({ state: 'ready', health: { healthy: true } });
});
