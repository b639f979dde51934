import { expect, test } from 'vitest';
import { given } from '../given.ts';

test('waiting for a line ends when the service that was to print it fails', async () => {
  await using project = await given(import.meta.dirname);
  const up = await project.done('up');
  expect(up.state).toBe('failed');
  expect(up.tasks.find(({ service }) => service === 'dependent')).toMatchObject({ state: 'failed', root: 'failing' });
  expect((await project.service('dependent')).state).toBe('blocked');
  expect((await project.done('down')).state).toBe('done');
});
