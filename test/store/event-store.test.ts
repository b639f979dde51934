import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { RouseError } from '../../src/model/errors.ts';
import { type DiskStore, openEventStore } from '../../src/store/event-store.ts';
import { DISK_RETENTION, type Retention } from '../../src/store/retention.ts';
import { MIGRATIONS } from '../../src/store/schema.ts';
import { ALL, EMPTY, change, exit, health, numbered, spec, storeTests } from './contract.ts';
import { newService } from '../../src/model/service.ts';

let folder: string;
let path: string;
let opened: DiskStore[];

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'rouse-store-'));
  path = join(folder, 'state', 'rouse.db');
  opened = [];
});

afterEach(async () => {
  for (const store of opened) await store[Symbol.asyncDispose]();
  rmSync(folder, { recursive: true });
});

function open(retention: Retention = DISK_RETENTION): DiskStore {
  const store = openEventStore(path, { retention });
  opened.push(store);
  return store;
}

function refusal(act: () => unknown): RouseError {
  try {
    act();
  } catch (error) {
    if (error instanceof RouseError) return error;
    throw error;
  }
  throw new Error('nothing was refused');
}

const full = {
  records: numbered(1, exit('web'), health('db')),
  services: [newService(spec('web', 'abc'), 0)],
  changes: [change('1')],
};

describe('a store on disk', () => {
  storeTests(open);

  test('keeps everything for the next program', async () => {
    const first = open();
    first.append(full);
    await first[Symbol.asyncDispose]();
    const second = open();
    expect(second.records(ALL)).toEqual(full.records);
    expect(second.services().map(({ name, specHash }) => [name, specHash])).toEqual([['web', 'abc']]);
    expect(second.changes(1)).toEqual(full.changes);
    expect([second.extent(), second.movedAside]).toEqual([{ oldest: 1, newest: 2 }, null]);
  });

  test('of an older version is brought up to date with everything that it kept', () => {
    mkdirSync(dirname(path), { recursive: true });
    using older = new DatabaseSync(path);
    older.exec('CREATE TABLE migration (version INTEGER PRIMARY KEY, name TEXT NOT NULL) STRICT');
    older.exec(`${MIGRATIONS[0]?.sql}; INSERT INTO migration VALUES (1, 'first')`);
    older.exec(`INSERT INTO service VALUES ('web', 'asked', 'ready', 3, 4711, 'abc', NULL)`);
    expect(open().services()).toEqual([
      { name: 'web', demand: 'asked', phase: 'ready', run: 3, pid: 4711, specHash: 'abc', exitCode: null },
    ]);
  });

  test('notes the boot of the machine that times belong to', () => {
    const store = openEventStore(path, { boot: 'of today' });
    opened.push(store);
    store.append(full);
    expect(open().services()).toMatchObject([{ name: 'web', boot: 'of today', since: 0 }]);
  });

  test('keeps everything when the program is killed and never closes it', () => {
    open().append(full);
    expect(open().records(ALL)).toEqual(full.records);
  });

  test('may be ended twice', async () => {
    const store = open();
    await store[Symbol.asyncDispose]();
    await expect(store[Symbol.asyncDispose]()).resolves.toBeUndefined();
  });

  test('is readable for its owner alone', () => {
    open().append(full);
    expect(statSync(path).mode & 0o777).toBe(0o600);
    expect(statSync(`${path}-wal`).mode & 0o777).toBe(0o600);
    expect(statSync(join(folder, 'state')).mode & 0o777).toBe(0o700);
  });

  test('writes ahead and never loses consistency', () => {
    open();
    using peer = new DatabaseSync(path);
    expect(peer.prepare('PRAGMA journal_mode').get()?.['journal_mode']).toBe('wal');
    expect(
      peer
        .prepare('SELECT version, name FROM migration')
        .all()
        .map((row) => ({ ...row })),
    ).toEqual(MIGRATIONS.map(({ name }, at) => ({ version: at + 1, name })));
  });

  test('writes nothing of a batch that fails', () => {
    const store = open();
    using peer = new DatabaseSync(path);
    peer.exec(`CREATE TRIGGER stop BEFORE INSERT ON change BEGIN SELECT raise(ABORT, 'no more changes'); END`);
    const error = refusal(() => store.append(full));
    expect([error.code, error.message]).toEqual(['RSE3008', `cannot write "${path}": no more changes`]);
    expect([store.records(ALL), store.services(), store.extent()]).toEqual([[], [], { oldest: 0, newest: 0 }]);
    peer.exec('DROP TRIGGER stop');
    store.append(full);
    expect(store.extent()).toEqual({ oldest: 1, newest: 2 });
  });

  test('says that another program holds the file', () => {
    const store = open();
    using peer = new DatabaseSync(path);
    peer.exec('BEGIN IMMEDIATE');
    const error = refusal(() => store.append(full));
    expect([error.code, error.message]).toEqual(['RSE3008', `cannot write "${path}": another program holds it`]);
    peer.exec('ROLLBACK');
    store.append(full);
    expect(store.extent().newest).toBe(2);
  });

  test('moves a file that was cut off aside', async () => {
    const store = open();
    store.append({ ...EMPTY, records: numbered(1, ...Array.from({ length: 2000 }, () => health('web'))) });
    await store[Symbol.asyncDispose]();
    truncateSync(path, 3 * 4096);
    const next = open();
    expect(next.movedAside).toMatchObject({
      movedTo: `${path}.corrupt-1`,
      cause: `cannot open "${path}": the file is damaged`,
    });
    expect(statSync(`${path}.corrupt-1`).size).toBe(3 * 4096);
    expect(next.extent()).toEqual({ oldest: 0, newest: 0 });
  });

  test.for([
    ['garbage', 'this is not a database '.repeat(100)],
    ['a damaged page', 'SQLite format 3\0'.padEnd(8192, 'x')],
  ] as const)('moves %s aside, says so and begins anew', ([, content]) => {
    mkdirSync(join(folder, 'state'));
    writeFileSync(path, content);
    writeFileSync(`${path}.corrupt-1`, 'an earlier one');
    const store = open();
    expect(store.movedAside).toMatchObject({ path, movedTo: `${path}.corrupt-2` });
    expect(store.movedAside?.cause).toMatch(/^cannot open ".*rouse\.db": /);
    expect(readFileSync(`${path}.corrupt-2`, 'utf8')).toBe(content);
    expect(readFileSync(`${path}.corrupt-1`, 'utf8')).toBe('an earlier one');
    store.append(full);
    expect(store.extent()).toEqual({ oldest: 1, newest: 2 });
  });

  test('keeps nine damaged files at most', () => {
    mkdirSync(join(folder, 'state'));
    for (let round = 0; round < 11; round += 1) {
      writeFileSync(path, `garbage ${round} `.repeat(50));
      open();
      for (const ending of ['', '-wal', '-shm']) rmSync(`${path}${ending}`, { force: true });
    }
    expect(existsSync(`${path}.corrupt-9`)).toBe(true);
    expect(existsSync(`${path}.corrupt-10`)).toBe(false);
    expect(readFileSync(`${path}.corrupt-9`, 'utf8')).toContain('garbage 10');
  });

  test('refuses the file of a newer version and leaves it as it is', async () => {
    const store = open();
    store.append(full);
    await store[Symbol.asyncDispose]();
    using peer = new DatabaseSync(path);
    peer.prepare('INSERT INTO migration (version, name) VALUES (?, ?)').run(99, 'from the future');
    const error = refusal(() => open());
    expect(error.code).toBe('RSE3008');
    expect(error.message).toContain('newer Rouse (schema 99');
    expect(peer.prepare('SELECT count(*) AS count FROM record').get()?.['count']).toBe(2);
  });

  test('takes an empty file for a new one', () => {
    mkdirSync(join(folder, 'state'));
    writeFileSync(path, '');
    expect(open().extent()).toEqual({ oldest: 0, newest: 0 });
  });

  test('does not follow a symbolic link', () => {
    mkdirSync(join(folder, 'state'));
    symlinkSync(join(folder, 'elsewhere.db'), path);
    const error = refusal(() => open());
    expect([error.code, error.message]).toEqual(['RSE3008', `cannot open "${path}": it is a symbolic link`]);
    expect(existsSync(join(folder, 'elsewhere.db'))).toBe(false);
  });

  test('says what is in the way of the file', () => {
    mkdirSync(path, { recursive: true });
    expect(refusal(() => open()).message).toBe(`cannot open "${path}": it is a folder`);
    writeFileSync(join(folder, 'file'), '');
    path = join(folder, 'file', 'rouse.db');
    expect(refusal(() => open()).message).toBe(`cannot open "${path}": a part of the path is not a folder`);
  });

  test('answers a narrow question by an index', () => {
    open();
    using peer = new DatabaseSync(path);
    const plan = (where: string): string =>
      peer
        .prepare(`EXPLAIN QUERY PLAN SELECT seq FROM record WHERE ${where} ORDER BY seq DESC LIMIT 5`)
        .all()
        .map((row) => String(row['detail']))
        .join(' / ');
    expect(plan("service = 'web' AND seq > 7")).toMatch(/^SEARCH record USING (COVERING )?INDEX record_by_service/);
    expect(plan("type = 'service.exit' AND seq > 7")).toMatch(/^SEARCH record USING (COVERING )?INDEX record_by_type/);
  });
});
