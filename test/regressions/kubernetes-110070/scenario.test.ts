import { expect, test } from 'vitest';
import { readFileSync, readdirSync, readlinkSync } from 'node:fs';
import { until } from '../../e2e/daemon-world.ts';
import { given } from '../given.ts';

test('a check that hangs dies with its whole tree at its timeout, and the next begins only then', async () => {
  await using project = await given(import.meta.dirname);
  await project.begin('up');
  await until(() => project.lines('asks').length >= 3, 'it was asked three times');
  const checks = readdirSync('/proc').filter((pid) => isCheck(pid, project.world.root));
  // At most the one that is being asked: a shell and its sleep.
  expect(checks.length).toBeLessThanOrEqual(2);
});

function isCheck(pid: string, folder: string): boolean {
  try {
    if (!/^\d+$/.test(pid) || readlinkSync(`/proc/${pid}/cwd`) !== folder) return false;
    // The service itself is the other sleep of this folder.
    return !readFileSync(`/proc/${pid}/stat`, 'latin1').includes('(sleep)') || parentIsShell(pid);
  } catch {
    return false;
  }
}

function parentIsShell(pid: string): boolean {
  const parent = /\) \S (\d+)/.exec(readFileSync(`/proc/${pid}/stat`, 'latin1'))?.[1] ?? '';
  return readFileSync(`/proc/${parent}/cmdline`, 'utf8').includes('asks');
}
