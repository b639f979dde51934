/** Reading the last state of services, also while nobody holds the store. */
import { DatabaseSync, type StatementSync } from 'node:sqlite';
import type { StoredService } from '../ports/event-store.ts';
import { storeError } from './faults.ts';

/** How long a daemon that begins meanwhile may hold the file; ms. */
const BUSY_MS = 1000;
const SELECT = `SELECT name, demand, phase, run, pid, spec_hash AS specHash, exit_code AS exitCode, boot, state
  FROM service ORDER BY name`;

/** Prepares the reading of all services, in alphabetical order. Errors: what SQLite throws passes through. */
export function servicesReader(database: DatabaseSync): () => readonly StoredService[] {
  const statement: StatementSync = database.prepare(SELECT);
  return () => statement.all().map(storedFrom);
}

/** The services in that file, which is only looked at. Errors: RSE3008 when it cannot be read. */
export function readServices(path: string): readonly StoredService[] {
  try {
    using database = new DatabaseSync(path, { readOnly: true, timeout: BUSY_MS });
    return servicesReader(database)();
  } catch (cause) {
    throw storeError('read', path, cause);
  }
}

/** A row as it was put: its columns, and what else was kept. A row of an older version has no more than its columns. */
function storedFrom(row: Readonly<Record<string, unknown>>): StoredService {
  const { boot, state, ...columns } = row;
  return { ...restOf(state), ...(columns as unknown as StoredService), ...(typeof boot === 'string' ? { boot } : {}) };
}

function restOf(state: unknown): Partial<StoredService> {
  try {
    return typeof state === 'string' ? (JSON.parse(state) as Partial<StoredService>) : {};
  } catch {
    // Somebody has been at the file: what the columns say is enough to go on.
    return {};
  }
}
