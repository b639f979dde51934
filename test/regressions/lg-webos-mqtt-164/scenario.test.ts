import { expect, test } from 'vitest';
import { CLOCK, until } from '../../e2e/daemon-world.ts';
import { given } from '../given.ts';

test('a machine that slept longer than a watchdog is patient finds its services as they were', async () => {
  await using project = await given(import.meta.dirname);
  await project.done('up');
  const { pid, run } = await project.service('one');
  const daemon = (await project.client.daemon.status()).pid;
  const both = [pid ?? Number.NaN, daemon];
  // What sleep does to them: neither gets to do anything, and time passes all the same.
  for (const each of both) process.kill(each, 'SIGSTOP');
  await elapsed(3500);
  for (const each of both.toReversed()) process.kill(each, 'SIGCONT');
  await elapsed(2500);
  expect(await project.service('one')).toMatchObject({ pid, run, state: 'ready', restarts: 0 });
});

async function elapsed(ms: number): Promise<void> {
  const over = CLOCK.monotonic() + ms;
  await until(() => CLOCK.monotonic() >= over, 'time passes');
}
