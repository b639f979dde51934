/**
 * The tables of a project's file, `rouse.db`, and how an older file becomes a newer one.
 *
 * | table | a row is |
 * |---|---|
 * | record | something that happened; `body` is its JSON, the other columns are there to find it |
 * | change | an operation, as it is now; `number` grows in the order of creation |
 * | service | what the next daemon needs to know of a service |
 * | migration | a step that this file has gone through |
 *
 * A step is never edited once it was released: a new one is added below it. All due steps run in one transaction.
 */
import type { DatabaseSync } from 'node:sqlite';
import { RouseError } from '../model/errors.ts';

interface Migration {
  readonly name: string;
  readonly sql: string;
}

/** The steps in order; a file's version is how many of them it has gone through. */
export const MIGRATIONS: readonly Migration[] = [
  {
    name: 'records, changes and services',
    sql: `
      CREATE TABLE record (
        seq INTEGER PRIMARY KEY,
        at INTEGER NOT NULL,
        type TEXT NOT NULL,
        service TEXT,
        actor_via TEXT NOT NULL,
        actor_name TEXT NOT NULL,
        body TEXT NOT NULL
      ) STRICT;
      CREATE INDEX record_by_service ON record (service, seq) WHERE service IS NOT NULL;
      CREATE INDEX record_by_type ON record (type, seq);
      CREATE TABLE change (
        number INTEGER PRIMARY KEY AUTOINCREMENT,
        id TEXT NOT NULL UNIQUE,
        ended INTEGER NOT NULL,
        body TEXT NOT NULL
      ) STRICT;
      CREATE TABLE service (
        name TEXT PRIMARY KEY,
        demand TEXT NOT NULL,
        phase TEXT NOT NULL,
        run INTEGER NOT NULL,
        pid INTEGER,
        spec_hash TEXT NOT NULL,
        exit_code INTEGER
      ) STRICT, WITHOUT ROWID;`,
  },
  {
    name: 'all of a service, and the boot of the machine that its times belong to',
    sql: 'ALTER TABLE service ADD COLUMN boot TEXT; ALTER TABLE service ADD COLUMN state TEXT;',
  },
];

/**
 * Brings the file to the newest version; does nothing when it is there.
 * Errors: RSE3008 when the file is newer than this program. What SQLite throws passes through, nothing was changed then.
 */
export function migrate(database: DatabaseSync, path: string): void {
  database.exec('CREATE TABLE IF NOT EXISTS migration (version INTEGER PRIMARY KEY, name TEXT NOT NULL) STRICT');
  const row = database.prepare('SELECT coalesce(max(version), 0) AS version FROM migration').get();
  const version = Number(row?.['version'] ?? 0);
  if (version > MIGRATIONS.length)
    throw new RouseError(
      'RSE3008',
      `cannot open "${path}": it was written by a newer Rouse (schema ${version}, this one knows ${MIGRATIONS.length})`,
      { hint: 'use the newer Rouse again, or move the file away to begin with an empty history' },
    );
  if (version === MIGRATIONS.length) return;
  database.exec('BEGIN IMMEDIATE');
  try {
    for (const [at, { name, sql }] of MIGRATIONS.entries()) {
      if (at < version) continue;
      database.exec(sql);
      database.prepare('INSERT INTO migration (version, name) VALUES (?, ?)').run(at + 1, name);
    }
    database.exec('COMMIT');
  } catch (cause) {
    if (database.isTransaction) database.exec('ROLLBACK');
    throw cause;
  }
}
