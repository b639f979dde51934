import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { given } from '../given.ts';

test('a group that cannot be removed at once holds no stop up, and nobody runs in circles over it', async () => {
  await using project = await given(import.meta.dirname);
  await project.done('up');
  expect((await project.done('stop', 'one')).state).toBe('done');
  const { pid } = await project.client.daemon.status();
  const before = ticksOf(pid);
  expect((await project.done('start', 'one')).state).toBe('done');
  expect((await project.done('stop', 'one')).state).toBe('done');
  // A hundred ticks are a second of a processor: what removes without a pause would have used it up.
  expect(ticksOf(pid) - before).toBeLessThan(100);
});

/** Time that the process has used, in hundredths of a second; proc(5), fields 14 and 15. */
function ticksOf(pid: number): number {
  const fields = readFileSync(`/proc/${pid}/stat`, 'latin1').split(') ')[1]?.split(' ') ?? [];
  return Number(fields[11]) + Number(fields[12]);
}
