import { appendFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import {
  addRecord,
  indexPath,
  markNumber,
  readIndex,
  stretchOf,
  thinIndex,
  timeTeller,
} from '../../src/log/time-index.ts';

let folder: string;
let path: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'rouse-times-'));
  path = join(folder, 'api', '1.log');
  mkdirSync(dirname(path));
});
afterEach(() => rmSync(folder, { recursive: true }));

const given = (...records: readonly (readonly [offset: number, at: number])[]): void => {
  for (const [offset, at] of records) addRecord(path, 't', offset, at);
};

test('a line has the time by which it was there for certain', () => {
  given([100, 1000], [200, 2000]);
  const at = timeTeller(readIndex(path), 9000);
  expect([1, 100, 101, 200, 201].map(at)).toEqual([1000, 1000, 2000, 2000, 9000]);
  expect(at(50)).toBe(1000);
});

test('the index is private and lies beside the file, in a folder of its own', () => {
  given([1, 1]);
  expect(indexPath(path)).toBe(join(folder, 'api', '.times', '1'));
  expect(statSync(indexPath(path)).mode & 0o777).toBe(0o600);
  expect(statSync(dirname(indexPath(path))).mode & 0o777).toBe(0o700);
});

test('an index that is not there tells the time of the last writing', () => {
  expect(timeTeller(readIndex(path), 9000)(5)).toBe(9000);
});

test('damage spoils the records that it meets and no other', () => {
  given([100, 1000]);
  appendFileSync(indexPath(path), '\nt 15');
  given([200, 2000]);
  appendFileSync(indexPath(path), '\u0000\u0000garbage\nt 250 99999999999999999\n');
  given([300, 3000]);
  expect(readIndex(path)).toMatchObject({ offsets: [100, 200, 300], times: [1000, 2000, 3000] });
});

test('a cut by hand begins the offsets anew', () => {
  given([100, 1000]);
  addRecord(path, 'k', 50, 1500);
  addRecord(path, 'c', 100, 2000);
  given([10, 2500]);
  expect(readIndex(path)).toEqual({
    offsets: [10],
    times: [2500],
    keptFrom: null,
    cutAt: 2000,
    inode: null,
    marks: new Set(),
  });
});

test('the stretch of a time holds every line of it', () => {
  given([100, 1000], [200, 2000], [300, 3000]);
  const index = readIndex(path);
  expect(stretchOf(index, { since: 2000 })).toEqual({ from: 100, to: null });
  expect(stretchOf(index, { until: 2999 })).toEqual({ from: 0, to: 200 });
  expect(stretchOf(index, { since: 4000 })).toEqual({ from: 300, to: null });
  expect(stretchOf(index, { until: 500 })).toEqual({ from: 0, to: 0 });
});

test('an index that has grown too large keeps its newest record and every second of the rest', () => {
  mkdirSync(dirname(indexPath(path)));
  const records = Array.from({ length: 20_000 }, (_, at) => `t ${(at + 1) * 10} ${at}`);
  writeFileSync(indexPath(path), records.join('\n'));
  addRecord(path, 'k', 1000, 5);
  thinIndex(path);
  const { offsets, keptFrom } = readIndex(path);
  expect(offsets).toHaveLength(9950);
  expect([offsets[0], offsets.at(-1), keptFrom]).toEqual([1020, 200_000, 1000]);
});

test('a small index is left as it is', () => {
  given([100, 1000]);
  const before = readFileSync(indexPath(path), 'utf8');
  thinIndex(path);
  expect(readFileSync(indexPath(path), 'utf8')).toBe(before);
});

test('what was found is known by its number, also after a cut', () => {
  addRecord(path, 'm', markNumber('listening on \\d+'), 5);
  addRecord(path, 'c', 100, 2000);
  const { marks } = readIndex(path);
  expect(marks.has(markNumber('listening on \\d+'))).toBe(true);
  expect(marks.has(markNumber('listening on \\d*'))).toBe(false);
  expect(Number.isSafeInteger(markNumber('x'.repeat(1000)))).toBe(true);
});
