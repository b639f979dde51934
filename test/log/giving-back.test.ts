import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { type RoomTools, giveBack } from '../../src/log/giving-back.ts';
import { type RunFile, runFilePath, runFiles } from '../../src/log/run-file.ts';
import { addRecord, readIndex } from '../../src/log/time-index.ts';

let folder: string;
let punched: number[];
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'rouse-room-'));
  punched = [];
});
afterEach(() => rmSync(folder, { recursive: true }));

const LINE = `${'x'.repeat(99)}\n`;
const given = (run: number, bytes: number): void => {
  mkdirSync(join(folder, 'api'), { recursive: true });
  writeFileSync(runFilePath(folder, 'api', run), LINE.repeat(bytes / LINE.length));
};
const files = (): readonly RunFile[] => runFiles(folder, 'api');
const runs = (): number[] => files().map(({ run }) => run);
const tools = (changed: Partial<RoomTools> = {}): RoomTools => ({
  punch: (_fd, length) => {
    punched.push(length);
    return Promise.resolve('done');
  },
  isLive: () => false,
  now: () => 7,
  unable: () => undefined,
  ...changed,
});
const kept = (run: number): number | null => readIndex(runFilePath(folder, 'api', run)).keptFrom;

test('whole files of the oldest runs go until there is room', async () => {
  for (const run of [1, 2, 3, 4]) given(run, 100);
  addRecord(runFilePath(folder, 'api', 1), 't', 100, 5);
  await giveBack(files(), 150, tools());
  expect(runs()).toEqual([3, 4]);
  expect(() => readFileSync(join(folder, 'api', '.times', '1'))).toThrow('ENOENT');
});

test('the newest run is never removed', async () => {
  for (const run of [1, 2]) given(run, 100);
  await giveBack(files(), 1_000_000, tools());
  expect(runs()).toEqual([2]);
});

test('a run that may still write is not removed', async () => {
  for (const run of [1, 2, 3]) given(run, 100);
  await giveBack(files(), 150, tools({ isLive: ({ run }) => run === 1 }));
  expect(runs()).toEqual([1, 3]);
});

test('at most a hundred runs are kept, however small', async () => {
  for (let run = 1; run <= 130; run += 1) given(run, 0);
  await giveBack(files(), 0, tools());
  expect(runs()).toHaveLength(100);
  expect(runs().at(-1)).toBe(130);
});

test('whole pages before a line are given back of a run that is to stay, and where it begins was recorded before', async () => {
  given(1, 100_000);
  let recorded: number | null = null;
  const punch = (_fd: number, length: number) => {
    punched.push(length);
    recorded = kept(1);
    return Promise.resolve('done' as const);
  };
  await giveBack(files(), 10_050, tools({ punch }));
  expect(recorded).toBe(10_100);
  expect(punched).toEqual([8192]);
});

test('what a crash left half done is done by the next attempt', async () => {
  given(1, 100_000);
  await giveBack(files(), 10_000, tools({ punch: () => Promise.resolve('failed') }));
  expect(kept(1)).toBe(10_000);
  await giveBack(files(), 10_000, tools());
  expect(kept(1)).toBe(20_000);
  expect(punched).toEqual([16_384]);
});

test('where blocks cannot be given back, that is said, and a live run keeps all of its output', async () => {
  given(1, 100_000);
  const said: string[] = [];
  const unable = (): void => {
    said.push('unable');
  };
  await giveBack(files(), 50_000, tools({ punch: () => Promise.resolve('unsupported'), unable }));
  expect(said).toEqual(['unable']);
  await giveBack(files(), 50_000, tools({ punch: null, unable }));
  expect(said).toEqual(['unable']);
  expect(readFileSync(runFilePath(folder, 'api', 1))).toHaveLength(100_000);
});
