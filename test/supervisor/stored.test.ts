import { closeSync, existsSync, mkdtempSync, readdirSync, rmSync, writeFileSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { VirtualClock } from '../../src/clock/virtual.ts';
import { createLogStore } from '../../src/log/log-store.ts';
import { type Folders, pathsOf } from '../../src/model/paths.ts';
import type { ProjectRecord } from '../../src/model/record.ts';
import { openEventStore } from '../../src/store/event-store.ts';
import { openStored } from '../../src/supervisor/stored.ts';
import { BY } from '../engine/given.ts';

let root: string;
let folders: Folders;

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'rouse-stored-'));
  folders = { runtime: join(root, 'run'), state: join(root, 'state') };
});

afterEach(() => {
  rmSync(root, { recursive: true });
});

const ALL = { sinceSeq: 0, types: [], services: [], limit: 100 } as const;

const record = (seq: number): ProjectRecord => ({ seq, at: seq, actor: BY, body: { type: 'system.stopping' } });

async function leave(...records: readonly ProjectRecord[]): Promise<void> {
  await using store = openEventStore(pathsOf(folders, 'shop').store);
  store.append({ records, services: [], changes: [] });
}

function write(service: string, text: string): void {
  const logs = createLogStore({
    folder: pathsOf(folders, 'shop').logs,
    clock: new VirtualClock(),
    keepBytes: () => 1000,
  });
  const { fd } = logs.open(service, 1);
  writeSync(fd, text);
  closeSync(fd);
}

test('a project that has never run has left nothing, and looking leaves nothing either', () => {
  expect(openStored(folders, 'shop')).toBeNull();
  expect(readdirSync(root)).toEqual([]);
});

test('records are read back as they were kept, the newest that match', async () => {
  await leave(record(1), record(2), record(3));
  expect(openStored(folders, 'shop')?.records({ ...ALL, limit: 2 })).toEqual([record(2), record(3)]);
});

test('records are read while a daemon holds the file', async () => {
  await using store = openEventStore(pathsOf(folders, 'shop').store);
  store.append({ records: [record(1)], services: [], changes: [] });
  expect(openStored(folders, 'shop')?.records(ALL)).toEqual([record(1)]);
});

test('output is read back by service, as lines and as bytes', async () => {
  write('web', 'one\ntwo\n');
  const stored = openStored(folders, 'shop');
  expect(stored?.services()).toEqual(['web']);
  expect(Buffer.from((await stored?.logs.bytes('web', 1)) ?? []).toString()).toBe('two\n');
});

test('output without records is no fault, and no file of records is made for it', () => {
  write('web', 'one\n');
  expect(openStored(folders, 'shop')?.records(ALL)).toEqual([]);
  expect(existsSync(pathsOf(folders, 'shop').store)).toBe(false);
});

test('a damaged file is RSE3008 and stays where it is', async () => {
  await leave(record(1));
  const { store } = pathsOf(folders, 'shop');
  for (const ending of ['-wal', '-shm']) rmSync(`${store}${ending}`, { force: true });
  writeFileSync(store, 'not a database, and long enough to be looked at as one'.repeat(20));
  expect(() => openStored(folders, 'shop')?.records(ALL)).toThrow(expect.objectContaining({ code: 'RSE3008' }));
  expect(existsSync(store)).toBe(true);
});
