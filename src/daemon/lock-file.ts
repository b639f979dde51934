/**
 * Exactly one daemon a project: an exclusive transaction on a database of nothing, held for the daemon's life.
 *
 * The kernel gives the lock back when the process is gone, however it went; there is no pid to go stale and nothing to
 * clean up. Source: ruling of ADR on the daemon's lock; SQLite, "File Locking And Concurrency".
 */
import { chmodSync, closeSync, existsSync, openSync, readFileSync, writeFileSync } from 'node:fs';
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
      throw new ConflictError('RSE4015', `cannot hold project "${project}": another daemon${holderOf(path)} holds it`, {
        hint: 'look at it: rouse daemon status',
      });
    throw unusable(path, cause);
  }
  noteHolder(path);
  return {
    [Symbol.dispose]: () => {
      if (database.isOpen) database.close();
    },
  };
}

/** Says who holds the lock, for messages alone: the lock itself is the kernel's, and the note of a dead daemon means nothing. */
function noteHolder(path: string): void {
  try {
    writeFileSync(`${path}.pid`, `${process.pid}\n`, { mode: 0o600 });
  } catch {
    // A message will say less; the lock is held all the same.
  }
}

function holderOf(path: string): string {
  try {
    return ` (pid ${Number.parseInt(readFileSync(`${path}.pid`, 'utf8'), 10)})`;
  } catch {
    // It has taken the lock and not yet noted itself.
    return '';
  }
}

function open(path: string): DatabaseSync {
  try {
    keepPrivate(path);
    return new DatabaseSync(path, { timeout: 0 });
  } catch (cause) {
    throw unusable(path, cause);
  }
}

// Whoever may read the file may hold a lock on it, and so keep every daemon from starting. One that is there is not opened:
// closing it again would give back a lock that this process holds on it; fcntl(2).
function keepPrivate(path: string): void {
  if (existsSync(path)) chmodSync(path, 0o600);
  else closeSync(openSync(path, 'ax', 0o600));
}

function unusable(path: string, cause: unknown): ConnectionError {
  const why = cause instanceof Error ? cause.message : String(cause);
  return new ConnectionError('RSE3006', `cannot lock "${path}": ${why}`, { cause });
}
