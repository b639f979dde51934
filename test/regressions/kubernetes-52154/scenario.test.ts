import { expect, test } from 'vitest';
import { until } from '../../e2e/daemon-world.ts';
import { given } from '../given.ts';

test('checks of services that were taken over are spread over their interval', async () => {
  await using project = await given(import.meta.dirname);
  await project.done('up');
  await project.world.kill();
  const before = project.lines('asked').length;
  const next = await project.world.start();
  await until(() => project.lines('asked').length >= before + 12, 'each was asked again');
  const asked = project.lines('asked').slice(before).slice(0, 12).map(Number);
  // All at once would be over within a moment; one interval is three seconds.
  expect(Math.max(...asked) - Math.min(...asked)).toBeGreaterThan(1000);
  expect((await next.services.list()).map(({ run, restarts }) => [run, restarts])).toEqual(
    Array.from({ length: 12 }, () => [1, 0]),
  );
});
