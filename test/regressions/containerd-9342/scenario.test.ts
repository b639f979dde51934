import { existsSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { until } from '../../e2e/daemon-world.ts';
import { given } from '../given.ts';

test('a service is not held up by its own output while no daemon lives', async () => {
  await using project = await given(import.meta.dirname);
  await project.done('up');
  await project.world.kill();
  project.put('go');
  await until(() => existsSync(join(project.world.root, 'done')), 'it has written all of it');
  expect(statSync(join(project.world.paths.state, 'logs', 'one', '1.log')).size).toBe(4_000_000);
});
