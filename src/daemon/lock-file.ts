/**
 * Exactly one daemon a project: an exclusive transaction on a database of nothing, held for the daemon's life.
 *
 * The kernel gives the lock back when the process is gone, however it went; there is no pid to go stale and nothing to
 * clean up. Source: ruling of ADR on the daemon's lock; SQLite, "File Locking And Concurrency".
 */
import { DatabaseSync } from 'node:sqlite';
import { ConflictError, ConnectionError } from '../model/errors.ts';

const BUSY = 5;

/** The lock, held until it is disposed. */
export type Lock = Disposable;

/**
 * Takes the lock of a project; never waits.
 * Errors: ConflictError RSE4015 when another process holds it; RSE3006 when the file cannot be opened.
 */
export function takeLock(path: string, project: string): Lock {
  const database = open(path);
  try {
    database.exec('BEGIN EXCLUSIVE');
  } catch (cause) {
    database.close();
    if (cause instanceof Error && 'errcode' in cause && cause.errcode === BUSY)
      throw new ConflictError('RSE4015', `cannot hold project "${project}": another daemon holds it`, {
        hint: 'look at it: rouse daemon status',
      });
    throw unusable(path, cause);
  }
  return {
    [Symbol.dispose]: () => {
      if (database.isOpen) database.close();
    },
  };
}

function open(path: string): DatabaseSync {
  try {
    return new DatabaseSync(path, { timeout: 0 });
  } catch (cause) {
    throw unusable(path, cause);
  }
}

function unusable(path: string, cause: unknown): ConnectionError {
  const why = cause instanceof Error ? cause.message : String(cause);
  return new ConnectionError('RSE3006', `cannot lock "${path}": ${why}`, { cause });
}
