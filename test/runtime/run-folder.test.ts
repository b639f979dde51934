import { existsSync, mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { readyFilePath } from '../../src/model/ready-file.ts';
import { runFolder } from '../../src/runtime/run-folder.ts';
import { given } from './given.ts';

let root: string;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'rouse-folder-'));
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

test('the folder of a run is private, and the ready file lies where the prober looks', () => {
  const folder = runFolder(root, 'api', 2);
  folder.make();
  expect(folder.makeReady()).toBe(readyFilePath(root, 'api', 2));
  expect(statSync(join(root, 'api', '2')).mode & 0o777).toBe(0o700);
  expect(statSync(readyFilePath(root, 'api', 2)).mode & 0o777).toBe(0o600);
});

test('what an earlier run of the same number left is gone', () => {
  const folder = runFolder(root, 'api', 2);
  folder.make();
  writeFileSync(folder.makeReady(), '\n');
  expect(folder.claim()).toBe('ours');
  folder.make();
  folder.makeReady();
  expect(statSync(readyFilePath(root, 'api', 2)).size).toBe(0);
  expect(folder.record()).toBeNull();
});

test('of two that claim a run one gets it', () => {
  const folder = runFolder(root, 'api', 1);
  folder.make();
  expect([folder.claim(), folder.claim()]).toEqual(['ours', 'taken']);
  expect(folder.record()).toMatchObject({ failed: 'fenced', shim: null });
});

test('a run without a folder cannot be claimed', () => {
  expect(runFolder(root, 'api', 1).claim()).toBe('taken');
});

test('the definition comes back as it was, times without end too', () => {
  const folder = runFolder(root, 'api', 1);
  folder.make();
  expect(folder.stored()).toBeNull();
  const spec = given('api', { startTimeoutMs: Number.POSITIVE_INFINITY, env: { WORD: 'for ever' } });
  const stored = { instance: 'one', boot: 'b', place: ['/g'], spec };
  folder.write(stored, 'exec true\n');
  expect(folder.stored()).toEqual(stored);
});

test('a definition that is cut off, or lacks a key, is none', () => {
  const folder = runFolder(root, 'api', 1);
  folder.make();
  const path = join(root, 'api', '1', 'spec.json');
  writeFileSync(path, '{"instance":"one","bo');
  expect(folder.stored()).toBeNull();
  const { stop: _, ...without } = given('api');
  writeFileSync(path, JSON.stringify({ instance: 'one', boot: 'b', place: [], spec: without }));
  expect(folder.stored()).toBeNull();
});

test('removing takes the run out of the way at once; its service goes when it has no runs', () => {
  const [first, second] = [runFolder(root, 'api', 1), runFolder(root, 'api', 2)];
  first.make();
  second.make();
  first.remove();
  first.leave();
  expect(existsSync(join(root, 'api', '2'))).toBe(true);
  expect(existsSync(join(root, 'api', '1'))).toBe(false);
  second.remove();
  second.remove();
  second.leave();
  expect(existsSync(join(root, 'api'))).toBe(false);
  expect(readdirSync(join(root, '.trash')).toSorted()).toEqual(['api.1', 'api.2']);
});

test('fencing gives what was noted by then', () => {
  const folder = runFolder(root, 'api', 1);
  folder.make();
  writeFileSync(join(root, 'api', '1', 'record'), 'shim 12\nproc 4711\n');
  expect(folder.fence()).toMatchObject({ main: { pid: 4711 } });
  expect(folder.record()).toBeNull();
});

test('fencing never gives what an earlier run of the same number has left in the trash', () => {
  const folder = runFolder(root, 'api', 1);
  folder.make();
  writeFileSync(join(root, 'api', '1', 'record'), 'shim 12\nproc 4711\n');
  folder.remove();
  folder.make();
  expect(folder.fence()).toBeNull();
});

test('a name that is no service name never becomes a path', () => {
  expect(() => runFolder(root, '../api', 1)).toThrow('no service name');
});
