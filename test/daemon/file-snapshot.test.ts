import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { changedFiles, takeSnapshot } from '../../src/daemon/file-snapshot.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'rouse-snapshot-'));
  for (const path of [
    'a.conf',
    'src/x.ts',
    'src/deep/y.ts',
    'src/y.js',
    'node_modules/m/z.ts',
    '.git/w.ts',
    'src/.hidden.ts',
  ]) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), path);
  }
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const found = async (paths: readonly string[], ignore: readonly string[] = []): Promise<string[]> => {
  const whole = (globs: readonly string[]): string[] => globs.map((glob) => join(folder, glob));
  const { files } = await takeSnapshot({ paths: whole(paths), ignore: whole(ignore) });
  return [...files.keys()].map((path) => path.slice(folder.length + 1)).toSorted();
};

test.for([
  [['a.conf'], ['a.conf']],
  [['gone.conf'], []],
  [['src/*.ts'], ['src/x.ts']],
  [['src/**'], ['src/deep/y.ts', 'src/x.ts', 'src/y.js']],
  [['**/*.ts'], ['src/deep/y.ts', 'src/x.ts']],
  [
    ['**/y.{js,ts}', 'a.conf'],
    ['a.conf', 'src/deep/y.ts', 'src/y.js'],
  ],
  [['src/.hidden.ts'], ['src/.hidden.ts']],
  [['nowhere/**'], []],
] as const)('%o finds %o', async ([globs, files]) => {
  expect(await found(globs)).toEqual(files);
});

test('what is ignored is not found', async () => {
  expect(await found(['src/**'], ['**/deep/**', 'src/y.js'])).toEqual(['src/x.ts']);
});

test('a glob that goes no deeper looks into no folder below', async () => {
  const { folders } = await takeSnapshot({ paths: [join(folder, '*.conf')], ignore: [] });
  expect([...folders]).toEqual([folder]);
});

test('a folder that leads back to itself is not followed for ever', async () => {
  symlinkSync(folder, join(folder, 'src/loop'));
  expect(await found(['**/*.conf'])).toEqual(['a.conf']);
});

test('a file that has changed, has come or has gone has changed', async () => {
  const globs = { paths: [join(folder, 'src/*')], ignore: [] };
  const before = await takeSnapshot(globs);
  expect(changedFiles(before, await takeSnapshot(globs))).toEqual([]);
  writeFileSync(join(folder, 'src/x.ts'), 'longer than before');
  writeFileSync(join(folder, 'src/new.ts'), '');
  rmSync(join(folder, 'src/y.js'));
  const names = changedFiles(before, await takeSnapshot(globs)).map((path) => path.slice(folder.length + 1));
  expect(names).toEqual(['src/new.ts', 'src/x.ts', 'src/y.js']);
});
