import { expect, test } from 'vitest';
import { given } from '../given.ts';

test('a service that fails right after it counted as started is shown as failed, with its code', async () => {
  await using project = await given(import.meta.dirname);
  await project.begin('up');
  expect(await project.becomes('late', 'failed')).toMatchObject({ exit_code: 1, status: 'Failed', pid: null });
});
