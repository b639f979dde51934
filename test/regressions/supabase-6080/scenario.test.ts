import { expect, test } from 'vitest';
import { given } from '../given.ts';

test('a wait ends when what is waited for has used up its restarts by ending well', async () => {
  await using project = await given(import.meta.dirname);
  const up = await project.done('up');
  expect(up.state).toBe('failed');
  expect(up.tasks.find(({ service }) => service === 'web')).toMatchObject({ state: 'failed', root: 'db' });
  await project.becomes('db', 'failed');
  expect((await project.becomes('web', 'blocked')).reason).toMatchObject({ service: 'db' });
});
