import { readFileSync, readdirSync, readlinkSync } from 'node:fs';
import { expect, test } from 'vitest';
import { given } from '../given.ts';

test('a tree that goes on forking is ended as a whole', async () => {
  await using project = await given(import.meta.dirname);
  await project.done('up');
  expect((await project.done('stop', 'one')).state).toBe('done');
  expect(readdirSync('/proc').filter((pid) => isOf(pid, project.world.root))).toEqual([]);
});

function isOf(pid: string, folder: string): boolean {
  try {
    return readlinkSync(`/proc/${pid}/cwd`) === folder && !readFileSync(`/proc/${pid}/stat`, 'latin1').includes(') Z ');
  } catch {
    return false;
  }
}
