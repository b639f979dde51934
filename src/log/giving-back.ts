/**
 * Making room: the oldest output of a service goes first.
 *
 * Files of ended runs are removed whole, oldest first, where that is needed anyway or where they are small. Of a file that
 * is to stay in part, or that is still written to, the first blocks are given back: they read as zeros, take no room, and
 * every byte keeps its place, so neither the writer nor a reader's place is disturbed. Where a line begins behind them is
 * recorded *before*, so a crash in between leaves nothing but room that the next attempt gives back; doing it twice does
 * no harm. A reader never looks before the recorded place.
 */
import { constants } from 'node:fs';
import { rm } from 'node:fs/promises';
import { type FileHandle, open } from 'node:fs/promises';
import type { Punch } from '../ports/log-store.ts';
import type { RunFile } from './run-file.ts';
import { addRecord, indexPath, readIndex, thinIndex } from './time-index.ts';

/** What making room is done with. `punch` null = nothing but whole files. */
export interface RoomTools {
  readonly punch: Punch | null;
  readonly isLive: (file: RunFile) => boolean;
  readonly now: () => number;
  /** Told when the machine turns out to be unable to give blocks back. */
  readonly unable: () => void;
}

/** The most files that are kept of one service: a service that dies at once a thousand times leaves small files. */
export const KEPT_RUNS = 100;
/** Ended runs of less are not worth a hole. */
const SMALL_BYTES = 1024 * 1024;
const PAGE_BYTES = 4096;
const LOOK_BYTES = 64 * 1024;
const NEWLINE = 10;
const READ_WRITE = constants.O_RDWR | constants.O_NOFOLLOW;

/**
 * Makes room of `bytes` among the files, and removes the oldest above a hundred. Never throws.
 * Shapes: `files` is one service's, oldest run first; the newest is never removed. Gives the bytes that were given back.
 */
export async function giveBack(files: readonly RunFile[], bytes: number, tools: RoomTools): Promise<number> {
  let given = 0;
  for (const [at, file] of files.entries()) {
    const wanted = bytes - given;
    const isTooMany = files.length - at > KEPT_RUNS;
    if (wanted <= 0 && !isTooMany) break;
    const isWhole = isTooMany || file.diskBytes <= Math.max(wanted, SMALL_BYTES) || tools.punch === null;
    if (at < files.length - 1 && isWhole && !tools.isLive(file)) given += await remove(file);
    else if (wanted > 0) given += await shorten(file, wanted, tools);
  }
  return given;
}

async function remove(file: RunFile): Promise<number> {
  try {
    await rm(file.path, { force: true });
    await rm(indexPath(file.path), { force: true });
    return file.diskBytes;
  } catch {
    // A folder that cannot be written to now: the next attempt is soon.
    return 0;
  }
}

async function shorten(file: RunFile, bytes: number, tools: RoomTools): Promise<number> {
  if (tools.punch === null) return 0;
  try {
    await using handle = await open(file.path, READ_WRITE);
    const { size } = await handle.stat();
    const keptBefore = readIndex(file.path).keptFrom ?? 0;
    const hidden = Math.max(keptBefore, size - file.diskBytes);
    const from = await lineBegin(handle, Math.min(hidden + bytes, size), size);
    const length = Math.floor(from / PAGE_BYTES) * PAGE_BYTES;
    if (length <= Math.floor(hidden / PAGE_BYTES) * PAGE_BYTES) return 0;
    if (from > keptBefore) addRecord(file.path, 'k', from, tools.now());
    const outcome = await tools.punch(handle.fd, length);
    if (outcome === 'unsupported') tools.unable();
    thinIndex(file.path);
    return outcome === 'done' ? length - Math.floor(hidden / PAGE_BYTES) * PAGE_BYTES : 0;
  } catch {
    // Gone meanwhile, or not ours: nothing to give back.
    return 0;
  }
}

/** Where a line begins at or behind `place`; `place` itself inside a line that is longer than 64 KiB. */
async function lineBegin(handle: FileHandle, place: number, size: number): Promise<number> {
  if (place <= 0) return 0;
  const block = Buffer.allocUnsafe(Math.min(LOOK_BYTES, size - place + 1));
  const { bytesRead } = await handle.read(block, 0, block.length, place - 1);
  const newline = block.subarray(0, bytesRead).indexOf(NEWLINE);
  return newline < 0 ? place : place + newline;
}
