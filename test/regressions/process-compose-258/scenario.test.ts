import { expect, test } from 'vitest';
import { readFileSync, readdirSync, readlinkSync } from 'node:fs';
import { isAlive, until } from '../../e2e/daemon-world.ts';
import { given } from '../given.ts';

test('a stop ends although somebody in another session holds the output, and takes him along', async () => {
  await using project = await given(import.meta.dirname);
  await project.done('up');
  const all = (): readonly string[] => readdirSync('/proc').filter((pid) => isOf(pid, project.world.root));
  await until(() => all().length === 2, 'both sleep');
  const pids = all();
  expect((await project.done('stop', 'one')).state).toBe('done');
  expect(pids.filter((pid) => isAlive(Number(pid)))).toEqual([]);
});

function isOf(pid: string, folder: string): boolean {
  try {
    return (
      /^\d+$/.test(pid) &&
      readFileSync(`/proc/${pid}/cmdline`, 'utf8').startsWith('sleep') &&
      readlinkSync(`/proc/${pid}/cwd`) === folder
    );
  } catch {
    return false;
  }
}
