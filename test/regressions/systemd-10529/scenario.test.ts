import { expect, test } from 'vitest';
import { until } from '../../e2e/daemon-world.ts';
import { given } from '../given.ts';

test('restarts that a person asks for do not use up the budget of automatic ones', async () => {
  await using project = await given(import.meta.dirname);
  await project.done('up');
  for (let time = 0; time < 6; time += 1) expect((await project.done('restart', 'one')).state).toBe('done');
  const { pid, run } = await project.service('one');
  process.kill(pid ?? Number.NaN, 'SIGKILL');
  await until(async () => (await project.service('one')).run === run + 1, 'it runs again');
  expect(await project.becomes('one', 'ready')).toMatchObject({ restarts: 1 });
});
