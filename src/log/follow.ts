/**
 * Reading on while services write.
 *
 * Each followed service has a cursor: a run and the place in its file up to which it was read. Something that may have
 * made more to read (the folder was written to, a run began or ended, the slow poll) marks the service as due. The one
 * loop takes the service that is due longest, reads one piece of its file, gives the lines out and marks it again until
 * nothing more comes. So memory is bounded by one piece, a slow reader makes the reading wait instead of losing
 * lines, and no service keeps another from its turn.
 *
 * A cursor leaves a run only when the run is over *and* a read begun after that found nothing more.
 *
 * A file that somebody cuts or deletes, or whose begin is given back faster than it is read here, is told in a line of its
 * own (`gap`), and reading goes on with what there is.
 */
import { type FSWatcher, watch } from 'node:fs';
import type { FileHandle } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { LogLine } from '../model/log-line.ts';
import type { ServiceName } from '../model/spec.ts';
import type { Clock } from '../ports/clock.ts';
import { GIVEN_BACK, cutText, deletedText, gapLine, logLines } from './history.ts';
import { type LineSplitter, lineSplitter } from './line-splitter.ts';
import { openToRead, readPiece } from './piece.ts';

/** What following needs of the store. */
export interface FollowSource {
  readonly clock: Clock;
  path(service: ServiceName, run: number): string;
  /** Whether the run may still write. */
  isLive(service: ServiceName, run: number): boolean;
  /** The service's next run after `run` that has a file, or null. */
  nextRun(service: ServiceName, run: number): number | null;
}

interface Cursor {
  readonly service: ServiceName;
  run: number;
  splitter: LineSplitter;
  /** Up to where the file was read. */
  offset: number;
  handle: FileHandle | null;
  watcher: FSWatcher | null;
  /** Whether it was told that the run's file is not in its place any more. */
  deleted: 'untold' | 'told';
}

const CHUNK_BYTES = 128 * 1024;

/** The safety net under the kernel's notices, which may be lost; and the pace where there are none. */
const POLL_MS = { watched: 5000, unwatched: 250 };

/** Follows services until disposed. One reader: `lines` may be called once. */
export class Follower implements AsyncDisposable {
  readonly #source: FollowSource;
  readonly #cursors = new Map<ServiceName, Cursor>();
  readonly #due = new Set<ServiceName>();
  readonly #chunk = Buffer.allocUnsafeSlow(CHUNK_BYTES);
  #wake: () => void = () => undefined;
  #poll: Disposable | null = null;

  constructor(source: FollowSource) {
    this.#source = source;
  }

  /** Begins at a place of a run's file, which may not exist yet. Does nothing for a service that is followed already. */
  add(service: ServiceName, run: number, offset: number): void {
    if (this.#cursors.has(service)) return;
    const splitter = lineSplitter(offset);
    this.#cursors.set(service, { service, run, offset, splitter, handle: null, watcher: null, deleted: 'untold' });
    this.notice(service);
  }

  /** Whether the service is followed. */
  has(service: ServiceName): boolean {
    return this.#cursors.has(service);
  }

  /** Says that there may be something to read. */
  notice(service: ServiceName): void {
    if (!this.#cursors.has(service)) return;
    this.#due.add(service);
    this.#wake();
  }

  /** Batches of lines as they are written, until aborted. A batch is not empty; `at` is when it was read. */
  async *lines(signal: AbortSignal): AsyncGenerator<readonly LogLine[]> {
    const stop = (): void => this.#wake();
    signal.addEventListener('abort', stop);
    this.#pollLater();
    try {
      while (!signal.aborted) {
        const [service] = this.#due;
        const cursor = service === undefined ? undefined : this.#cursors.get(service);
        if (cursor === undefined) {
          await new Promise<void>((resolve) => {
            this.#wake = resolve;
          });
          continue;
        }
        this.#due.delete(cursor.service);
        const lines = await this.#read(cursor);
        if (lines.length > 0) yield lines;
      }
    } finally {
      signal.removeEventListener('abort', stop);
      await this[Symbol.asyncDispose]();
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#poll?.[Symbol.dispose]();
    for (const cursor of this.#cursors.values()) {
      cursor.watcher?.close();
      await cursor.handle?.close();
    }
    this.#cursors.clear();
    this.#due.clear();
    this.#wake();
  }

  /** One piece of what was not read yet; marks the service as due again while there may be more. */
  async #read(cursor: Cursor): Promise<readonly LogLine[]> {
    const { service, run } = cursor;
    const over = !this.#source.isLive(service, run);
    this.#watch(cursor);
    cursor.handle ??= await openToRead(this.#source.path(service, run));
    const lines = await this.#piece(cursor);
    if (lines !== null) {
      this.#due.add(service);
      return lines;
    }
    if (!over) return this.#deleted(cursor);
    const rest = logLines(cursor, cursor.splitter.end(), () => this.#source.clock.now());
    const next = this.#source.nextRun(service, run);
    if (next !== null) await this.#moveTo(cursor, next);
    return rest;
  }

  /** What there is to read now; null when there is nothing. */
  async #piece(cursor: Cursor): Promise<readonly LogLine[] | null> {
    const { handle, offset } = cursor;
    if (handle === null) return null;
    const path = this.#source.path(cursor.service, cursor.run);
    const piece = await readPiece({ handle, path }, this.#chunk, offset);
    const at = this.#source.clock.now();
    if (piece.type === 'given-back') return goOnAt(cursor, piece.keptFrom, { at, text: GIVEN_BACK });
    // Cut by hand, or by the service itself (`> /dev/stderr` does): what is written now begins at 0 again.
    if (piece.bytes.length === 0)
      return (await handle.stat()).size < offset ? goOnAt(cursor, 0, { at, text: cutText(at) }) : null;
    cursor.offset += piece.bytes.length;
    return logLines(cursor, cursor.splitter.push(piece.bytes), () => at);
  }

  /** Says, once, that the file of a live run is gone; the run still writes to what has no name any more. */
  async #deleted(cursor: Cursor): Promise<readonly LogLine[]> {
    if (cursor.deleted === 'told') return [];
    if (cursor.handle !== null && (await cursor.handle.stat()).nlink > 0) return [];
    cursor.deleted = 'told';
    const at = this.#source.clock.now();
    return [gapLine(cursor, cursor.offset, { at, text: deletedText(at) })];
  }

  async #moveTo(cursor: Cursor, run: number): Promise<void> {
    await cursor.handle?.close();
    Object.assign(cursor, { run, offset: 0, splitter: lineSplitter(0), handle: null, deleted: 'untold' });
    this.#due.add(cursor.service);
  }

  #watch(cursor: Cursor): void {
    if (cursor.watcher !== null) return;
    const notice = (): void => this.notice(cursor.service);
    try {
      cursor.watcher = watch(dirname(this.#source.path(cursor.service, cursor.run)), notice);
      cursor.watcher.on('error', notice);
    } catch {
      // No folder yet, or no watches left on this machine: the poll looks again.
      cursor.watcher = null;
    }
  }

  #pollLater(): void {
    const blind = [...this.#cursors.values()].some(({ watcher, handle }) => handle !== null && watcher === null);
    this.#poll = this.#source.clock.after(blind ? POLL_MS.unwatched : POLL_MS.watched, () => {
      for (const service of this.#cursors.keys()) this.notice(service);
      this.#pollLater();
    });
  }
}

/** Goes on elsewhere in the file, and says why. */
function goOnAt(
  cursor: Cursor,
  offset: number,
  words: { readonly at: number; readonly text: string },
): readonly LogLine[] {
  cursor.offset = offset;
  cursor.splitter = lineSplitter(offset);
  return [gapLine(cursor, offset, words)];
}
