/**
 * The last lines that are wanted, found from the end backwards.
 *
 * Where every line is wanted, newlines are counted. Where only some are, windows of the file are read from the end on,
 * each from a line's begin to the window before it, and the wanted lines in it are counted. Only where to begin is
 * remembered, never the lines: so memory is bounded by a window, however many lines are asked for.
 */
import type { FileHandle } from 'node:fs/promises';
import type { Wanted } from './filter.ts';
import { type Portion, logLines } from './history.ts';
import { lineSplitter } from './line-splitter.ts';
import { openToRead } from './piece.ts';
import { tailOf } from './tail.ts';

/** What is to be read, and how many wanted lines are in it: at least those asked for, unless there are fewer. */
export interface LastPortions {
  readonly portions: readonly Portion[];
  readonly lines: number;
}

const WINDOW_BYTES = 256 * 1024;
/** The longest that a window grows to find where a line begins. */
const LONGEST_WINDOW_BYTES = 8 * 1024 * 1024;
const NEWLINE = 10;

/** The end of the portions that holds the last `tail` wanted lines; `wanted` null = all are. */
export async function lastOf(
  portions: readonly Portion[],
  { tail, wanted }: { readonly tail: number; readonly wanted: Wanted | null },
): Promise<LastPortions> {
  const found: Portion[] = [];
  let lines = 0;
  for (const portion of portions.toReversed()) {
    if (lines >= tail) break;
    await using handle = await openToRead(portion.file.path);
    if (handle === null) continue;
    const last =
      wanted === null
        ? await tailOf(handle, portion.to, tail - lines, portion.from)
        : await wantedTail({ handle, portion, wanted }, tail - lines);
    lines += last.lines;
    found.unshift({ ...portion, from: last.offset });
  }
  return { portions: found, lines };
}

interface Search {
  readonly handle: FileHandle;
  readonly portion: Portion;
  readonly wanted: Wanted;
}

async function wantedTail(
  { handle, portion, wanted }: Search,
  tail: number,
): Promise<{ offset: number; lines: number }> {
  const { file, from, at } = portion;
  let end = portion.to;
  let lines = 0;
  while (end > from && lines < tail) {
    const { bytes, begin } = await windowBefore(handle, from, end);
    const splitter = lineSplitter(begin);
    lines += logLines(file, [...splitter.push(bytes), ...splitter.end()], at).filter(wanted).length;
    end = begin;
  }
  return { offset: end, lines };
}

/** Whole lines before `end`, at least one. */
async function windowBefore(handle: FileHandle, from: number, end: number): Promise<{ bytes: Buffer; begin: number }> {
  for (let size = WINDOW_BYTES; ; size *= 2) {
    const begin = Math.max(from, end - size);
    const block = Buffer.allocUnsafe(end - begin);
    const { bytesRead } = await handle.read(block, 0, block.length, begin);
    const bytes = block.subarray(0, bytesRead);
    if (begin === from) return { bytes, begin };
    const newline = bytes.indexOf(NEWLINE);
    // The newline in the very last place ends the one line that the window is in the middle of.
    if (newline >= 0 && newline < bytes.length - 1)
      return { bytes: bytes.subarray(newline + 1), begin: begin + newline + 1 };
    if (size >= LONGEST_WINDOW_BYTES) return { bytes, begin };
  }
}
