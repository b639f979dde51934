import { closeSync, existsSync, mkdtempSync, rmSync, statSync, writeFileSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { readyFilePath } from '../../src/model/ready-file.ts';
import { runFolder } from '../../src/runtime/run-folder.ts';

let root: string;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'rouse-folder-'));
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

test('the folder of a run is private, and the ready file lies where the prober looks', () => {
  const folder = runFolder(root, 'api', 2);
  folder.make();
  closeSync(folder.openReady());
  expect(statSync(join(root, 'api', '2')).mode & 0o777).toBe(0o700);
  expect(existsSync(readyFilePath(root, 'api', 2))).toBe(true);
});

test('what an earlier run of the same number said about being ready is gone', () => {
  const folder = runFolder(root, 'api', 2);
  folder.make();
  const fd = folder.openReady();
  writeSync(fd, '\n');
  closeSync(fd);
  folder.make();
  closeSync(folder.openReady());
  expect(statSync(readyFilePath(root, 'api', 2)).size).toBe(0);
});

test('the note names the process for a later daemon', () => {
  const folder = runFolder(root, 'api', 1);
  expect(folder.record()).toBeNull();
  folder.make();
  folder.note({ pid: 4711, startTime: '123' });
  expect(folder.record()).toEqual({ identity: { pid: 4711, startTime: '123' }, boot: 'same' });
});

test('a note from before the machine was restarted, and one that is not complete, are known for what they are', () => {
  const folder = runFolder(root, 'api', 1);
  folder.make();
  writeFileSync(join(root, 'api', '1', 'proc'), '4711 123 another-boot\n');
  expect(folder.record()).toMatchObject({ boot: 'other' });
  writeFileSync(join(root, 'api', '1', 'proc'), '4711 123 another-bo');
  expect(folder.record()).toBeNull();
});

test('removing takes the run and, with the last one, the service', () => {
  const [first, second] = [runFolder(root, 'api', 1), runFolder(root, 'api', 2)];
  first.make();
  second.make();
  first.remove();
  expect(existsSync(join(root, 'api', '2'))).toBe(true);
  second.remove();
  second.remove();
  expect(existsSync(join(root, 'api'))).toBe(false);
});

test('a name that is no service name never becomes a path', () => {
  expect(() => runFolder(root, '../api', 1)).toThrow('no service name');
});
