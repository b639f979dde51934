/**
 * The store of a project on disk: one SQLite file with its write-ahead log beside it, readable with ordinary tools.
 *
 * A batch is one transaction. `synchronous = NORMAL` with a write-ahead log never loses consistency; a power cut (not a
 * killed daemon) may lose the last batches, which recovery then learns again from the world.
 */
import { closeSync, constants, existsSync, mkdirSync, openSync, renameSync } from 'node:fs';
import { dirname } from 'node:path';
import { DatabaseSync, type StatementSync } from 'node:sqlite';
import type { Change } from '../model/change.ts';
import type { ProjectRecord } from '../model/record.ts';
import type { Batch, EventStore, RecordQuery, StoredService } from '../ports/event-store.ts';
import { assertBatch, isEnded, serviceOf, storedOf } from './batch.ts';
import { isDamage, storeError } from './faults.ts';
import { type ReadRecords, recordReader } from './query.ts';
import { servicesReader } from './read-services.ts';
import { DISK_RETENTION, type Retention, slackOf } from './retention.ts';
import { migrate } from './schema.ts';

/** A damaged file that was put out of the way; the project begins a new history. */
export interface MovedAside {
  readonly path: string;
  readonly movedTo: string;
  /** In words, one line. */
  readonly cause: string;
}

/** How many damaged files are kept; beyond that the last is replaced. */
const DAMAGED_KEPT = 9;
/** How long another program's transaction is waited for; the daemon stands still meanwhile. */
const BUSY_MS = 1000;

/**
 * A project's store on disk. Ends with `[Symbol.asyncDispose]`, which may be called twice; nothing else may be called after it.
 *
 *     await using store = openEventStore('/var/lib/rouse/shop/rouse.db');
 *     store.extent(); // { oldest: 0, newest: 0 }
 */
export interface DiskStore extends EventStore, AsyncDisposable {
  /** Says that an earlier file was damaged and where it is now; null as a rule. */
  readonly movedAside: MovedAside | null;
}

/** How a store is opened. `boot`: id of the machine's present boot, noted with every time; empty where it has none. */
export interface StoreOptions {
  readonly retention?: Retention;
  readonly boot?: string;
}

/**
 * Opens the file, or makes it (0600, its folder 0700 if that is missing) with empty tables.
 * Shapes: keeps what `retention` says, and up to a hundredth more. A damaged file is renamed to
 * `<path>.corrupt-<n>` and an empty one takes its place, which `movedAside` says.
 * Errors: RSE3008 when it can be neither opened nor made, or is of a newer version.
 */
export function openEventStore(path: string, { retention = DISK_RETENTION, boot = '' }: StoreOptions = {}): DiskStore {
  try {
    try {
      return new SqliteStore(path, { retention, boot }, null);
    } catch (cause) {
      if (!isDamage(cause)) throw cause;
      const movedTo = moveAside(path);
      const movedAside = { path, movedTo, cause: storeError('open', path, cause).message };
      return new SqliteStore(path, { retention, boot }, movedAside);
    }
  } catch (cause) {
    throw storeError('open', path, cause);
  }
}

class SqliteStore implements DiskStore {
  readonly movedAside: MovedAside | null;
  readonly #path: string;
  readonly #retention: Retention;
  readonly #boot: string;
  readonly #database: DatabaseSync;
  readonly #statements: Statements;
  readonly #readRecords: ReadRecords;
  #oldest: Place;
  #newest: Place;

  constructor(path: string, { retention, boot }: Required<StoreOptions>, movedAside: MovedAside | null) {
    this.movedAside = movedAside;
    this.#path = path;
    this.#retention = retention;
    this.#boot = boot;
    this.#database = openFile(path);
    try {
      // Waits for the disk at checkpoints only; see the head of this file.
      this.#database.exec('PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL');
      migrate(this.#database, path);
      this.#statements = prepare(this.#database);
      this.#readRecords = recordReader(this.#database);
      this.#oldest = placeOf(this.#statements.oldest);
      this.#newest = placeOf(this.#statements.newest);
      // What will be asked first, so that damage shows now, while the file can still be put aside.
      this.#statements.services();
      this.#statements.changes.all(1);
    } catch (cause) {
      this.#database.close();
      throw cause;
    }
  }

  append(batch: Batch): void {
    assertBatch(batch);
    try {
      this.#statements.begin.run();
      this.#write(batch);
      const bounds = this.#dropRecords(batch.records);
      if (batch.changes.length > 0) this.#dropChanges();
      this.#statements.commit.run();
      [this.#oldest, this.#newest] = bounds;
    } catch (cause) {
      // A failed COMMIT may have ended the transaction already.
      if (this.#database.isTransaction) this.#database.exec('ROLLBACK');
      throw storeError('write', this.#path, cause);
    }
  }

  records(query: RecordQuery): readonly ProjectRecord[] {
    return this.#reading(() => this.#readRecords(query));
  }

  changes(limit: number): readonly Change[] {
    const count = Number.isFinite(limit) ? Math.max(0, Math.floor(limit)) : -1;
    return this.#reading(() =>
      this.#statements.changes.all(count).map((row) => JSON.parse(String(row['body'])) as Change),
    );
  }

  services(): readonly StoredService[] {
    return this.#reading(() => this.#statements.services());
  }

  extent(): { readonly oldest: number; readonly newest: number } {
    return { oldest: this.#oldest.seq, newest: this.#newest.seq };
  }

  [Symbol.asyncDispose](): Promise<void> {
    if (this.#database.isOpen) this.#database.close();
    return Promise.resolve();
  }

  #write(batch: Batch): void {
    const { putRecord, putService, putChange } = this.#statements;
    for (const { seq, at, actor, body } of batch.records)
      putRecord.run(seq, Math.round(at), body.type, serviceOf(body), actor.via, actor.name, JSON.stringify(body));
    for (const service of batch.services) {
      const { name, specHash, boot = '', ...state } = storedOf(service, this.#boot);
      const { demand, phase, run, pid, exitCode } = state;
      putService.run(name, demand, phase, run, pid, specHash, exitCode, boot, JSON.stringify(state));
    }
    for (const change of batch.changes) putChange.run(change.id, isEnded(change) ? 1 : 0, JSON.stringify(change));
  }

  /** Throws out what the retention does not keep; returns what are then the oldest and the newest record. */
  #dropRecords(added: readonly ProjectRecord[]): readonly [Place, Place] {
    const { records, recordAgeMs } = this.#retention;
    const [first, last] = [added[0], added.at(-1)];
    if (first === undefined || last === undefined) return [this.#oldest, this.#newest];
    const newest = last.seq > this.#newest.seq ? last : this.#newest;
    const oldest = this.#oldest.seq === 0 ? first : this.#oldest;
    const isTooMany = newest.seq - oldest.seq + 1 > records + slackOf(records);
    const isTooOld = oldest.at < newest.at - recordAgeMs;
    if (isTooMany) this.#statements.dropRecordsTo.run(newest.seq - records);
    if (isTooOld) this.#statements.dropRecordsBefore.run(newest.at - recordAgeMs);
    return [isTooMany || isTooOld ? placeOf(this.#statements.oldest) : oldest, newest];
  }

  #dropChanges(): void {
    const { changes } = this.#retention;
    const count = Number(this.#statements.countChanges.get()?.['count']);
    if (count > changes + slackOf(changes)) this.#statements.dropChanges.run(count - changes);
  }

  #reading<T>(read: () => T): T {
    try {
      return read();
    } catch (cause) {
      throw storeError('read', this.#path, cause);
    }
  }
}

/** Where a record is; both 0 when there is none. */
interface Place {
  readonly seq: number;
  readonly at: number;
}

type Statements = ReturnType<typeof prepare>;

function prepare(database: DatabaseSync) {
  const put = {
    record: `INSERT INTO record (seq, at, type, service, actor_via, actor_name, body) VALUES (?, ?, ?, ?, ?, ?, ?)
      ON CONFLICT (seq) DO NOTHING`,
    service: `INSERT OR REPLACE INTO service (name, demand, phase, run, pid, spec_hash, exit_code, boot, state)
      VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)`,
    change: `INSERT INTO change (id, ended, body) VALUES (?, ?, ?)
      ON CONFLICT (id) DO UPDATE SET ended = excluded.ended, body = excluded.body`,
  };
  return {
    begin: database.prepare('BEGIN IMMEDIATE'),
    commit: database.prepare('COMMIT'),
    putRecord: database.prepare(put.record),
    putService: database.prepare(put.service),
    putChange: database.prepare(put.change),
    dropRecordsTo: database.prepare('DELETE FROM record WHERE seq <= ?'),
    dropRecordsBefore: database.prepare(
      'DELETE FROM record WHERE seq < (SELECT seq FROM record WHERE at >= ? ORDER BY seq LIMIT 1)',
    ),
    countChanges: database.prepare('SELECT count(*) AS count FROM change'),
    dropChanges: database.prepare(
      'DELETE FROM change WHERE number IN (SELECT number FROM change WHERE ended = 1 ORDER BY number LIMIT ?)',
    ),
    oldest: database.prepare('SELECT seq, at FROM record ORDER BY seq LIMIT 1'),
    newest: database.prepare('SELECT seq, at FROM record ORDER BY seq DESC LIMIT 1'),
    changes: database.prepare('SELECT body FROM change ORDER BY number DESC LIMIT ?'),
    services: servicesReader(database),
  };
}

function placeOf(statement: StatementSync): Place {
  const row = statement.get();
  return { seq: Number(row?.['seq'] ?? 0), at: Number(row?.['at'] ?? 0) };
}

/** Makes the file before SQLite does, which would let the group and others read it. */
function openFile(path: string): DatabaseSync {
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
  closeSync(openSync(path, constants.O_RDWR | constants.O_CREAT | constants.O_NOFOLLOW, 0o600));
  return new DatabaseSync(path, { timeout: BUSY_MS });
}

/** Renames the damaged file and what SQLite keeps beside it; returns its new path. */
function moveAside(path: string): string {
  const free = Array.from({ length: DAMAGED_KEPT }, (_, at) => `${path}.corrupt-${at + 1}`);
  const movedTo = free.find((name) => !existsSync(name)) ?? `${path}.corrupt-${DAMAGED_KEPT}`;
  renameSync(path, movedTo);
  for (const ending of ['-wal', '-shm'])
    if (existsSync(`${path}${ending}`)) renameSync(`${path}${ending}`, `${movedTo}${ending}`);
  return movedTo;
}
