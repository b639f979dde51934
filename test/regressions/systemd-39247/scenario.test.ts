import { expect, test } from 'vitest';
import { given } from '../given.ts';

test('a stop that comes while a service runs into its limit is done, and a start afterwards begins anew', async () => {
  await using project = await given(import.meta.dirname);
  for (let time = 0; time < 5; time += 1) {
    await project.begin('start', 'one');
    expect((await project.done('stop', 'one')).state).toBe('done');
    expect(await project.service('one')).toMatchObject({ phase: 'stopped', desired: 'down' });
  }
  const { run } = await project.service('one');
  await project.begin('start', 'one');
  // All four restarts are there again, whatever was used up before.
  expect(await project.becomes('one', 'failed')).toMatchObject({ run: run + 5, reason: { code: 'restart-limit' } });
});
