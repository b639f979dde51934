import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { isAlive, shifted, until } from '../../e2e/daemon-world.ts';
import { given } from '../given.ts';

test('a clock that is set back ends no daemon, and holds no restart up', async () => {
  await using project = await given(import.meta.dirname, (root) => {
    writeFileSync(join(root, 'offset'), '0');
    return shifted(join(root, 'offset'));
  });
  const { pid } = await project.client.daemon.status();
  await project.begin('up');
  await until(async () => (await project.service('one')).phase === 'backoff', 'it waits for its next try');
  project.put('offset', String(-7 * 3600 * 1000));
  await until(() => project.lines('tries').length >= 3, 'it is tried again, and again');
  expect(isAlive(pid)).toBe(true);
  expect((await project.client.daemon.status()).pid).toBe(pid);
});
