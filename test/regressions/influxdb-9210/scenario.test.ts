import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { until } from '../../e2e/daemon-world.ts';
import { given } from '../given.ts';

test('a service writes on while no daemon lives, and none of its lines is lost', async () => {
  await using project = await given(import.meta.dirname);
  await project.done('up');
  const { pid } = await project.service('one');
  const file = join(project.world.paths.state, 'logs', 'one', '1.log');
  const written = (): readonly string[] => readFileSync(file, 'utf8').split('\n').slice(0, -1);
  await project.world.kill();
  const before = written().length;
  await until(() => written().length > before + 20, 'it has written on');
  const next = await project.world.start();
  expect(await next.services.get('one')).toMatchObject({ pid, run: 1 });
  const lines = written();
  expect(lines).toEqual(lines.map((_, place) => String(place + 1)));
});
