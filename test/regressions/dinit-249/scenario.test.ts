import { expect, test } from 'vitest';
import { given } from '../given.ts';

test('a dependency that reaches its restart limit blocks its dependents, and says so', async () => {
  await using project = await given(import.meta.dirname);
  const up = await project.done('up');
  expect(up.state).toBe('failed');
  await project.becomes('db', 'failed');
  expect((await project.service('db')).reason?.code).toBe('restart-limit');
  const web = await project.becomes('web', 'blocked');
  expect(web.reason).toMatchObject({ code: 'dependency', service: 'db' });
});
