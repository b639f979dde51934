import { expect, test } from 'vitest';
import { given } from '../given.ts';

test('a chain whose first task fails ends for everybody, also for who depends on it indirectly', async () => {
  await using project = await given(import.meta.dirname);
  const up = await project.done('up');
  expect(up.state).toBe('failed');
  expect(Object.fromEntries(up.tasks.map(({ service, state, root }) => [service, root ?? state]))).toEqual({
    step1: 'step1',
    step2: 'step1',
    step3: 'step1',
    other: 'done',
  });
});
