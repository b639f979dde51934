import { expect, test } from 'vitest';
import { isAlive, until } from '../../e2e/daemon-world.ts';
import { given } from '../given.ts';

test('whoever waits for a change gets its end although the daemon was replaced meanwhile', async () => {
  await using project = await given(import.meta.dirname);
  const up = await project.begin('up');
  await until(async () => (await project.service('slow')).pid !== null, 'it runs');
  const { pid } = await project.client.daemon.status();
  const service = await project.service('slow');
  process.kill(pid, 'SIGKILL');
  await until(() => !isAlive(pid), 'the daemon is gone');
  const next = await project.world.start();
  project.put('go');
  expect((await next.changes.settled(up.id)).state).toBe('done');
  expect((await next.services.get('slow')).pid).toBe(service.pid);
});
