/**
 * Whose turn it is to write: the daemon, or a command without one. The kernel's lock on a database of nothing, which ends
 * with the process that holds it; held for one write, never longer.
 */
import { closeSync, openSync } from 'node:fs';
import { DatabaseSync } from 'node:sqlite';
import type { Clock } from '../ports/clock.ts';

const BUSY = 5;
const AGAIN_MS = 2;
/** A write and its sync take milliseconds; who holds it for longer than this hangs. */
const LIMIT_MS = 3000;

/** The turns of one trail. Its file is opened at the first turn, and kept. */
export class Turns implements Disposable {
  readonly #path: string;
  readonly #clock: Clock;
  #database: DatabaseSync | null = null;

  constructor(path: string, clock: Clock) {
    this.#path = path;
    this.#clock = clock;
  }

  /** Waits for the turn; disposing the result gives it back. Errors: those of the file; another holds it for 3 s. */
  async take(): Promise<Disposable> {
    const until = this.#clock.monotonic() + LIMIT_MS;
    for (;;) {
      const turn = this.#try();
      if (turn !== null) return turn;
      if (this.#clock.monotonic() >= until) throw new Error('another process does not let go of it');
      const later = Promise.withResolvers<undefined>();
      using _timer = this.#clock.after(AGAIN_MS, () => later.resolve(undefined));
      await later.promise;
    }
  }

  [Symbol.dispose](): void {
    this.#database?.close();
    this.#database = null;
  }

  // The database would give its file a mode that lets others read it.
  #open(): DatabaseSync {
    closeSync(openSync(this.#path, 'a', 0o600));
    return new DatabaseSync(this.#path, { timeout: 0 });
  }

  #try(): Disposable | null {
    const database = (this.#database ??= this.#open());
    try {
      // A journal would need a descriptor at each turn, and nothing is ever written here.
      database.exec('PRAGMA journal_mode = MEMORY; BEGIN EXCLUSIVE');
    } catch (error) {
      if (error instanceof Error && 'errcode' in error && error.errcode === BUSY) return null;
      throw error;
    }
    return {
      [Symbol.dispose]: () => {
        if (database.isOpen) database.exec('ROLLBACK');
      },
    };
  }
}
