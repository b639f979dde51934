/** Where the last lines of a file begin, found from its end backwards. */
import type { FileHandle } from 'node:fs/promises';

/** Where to begin, and how many lines there are from there on. */
export interface Tail {
  readonly offset: number;
  readonly lines: number;
}

const BLOCK_BYTES = 64 * 1024;
const NEWLINE = 10;

/**
 * The place before `end` from where there are at most `lines` lines; fewer when the file has no more.
 * Shapes: `end` at most the file's size; an unfinished line at the end counts as one. `lines` 0 gives `end`.
 * Reads 64 KiB at a time and no more of the file than those lines. Nothing before `from`, where a line begins, is looked at.
 */
export async function tailOf(file: FileHandle, end: number, lines: number, from = 0): Promise<Tail> {
  if (lines <= 0 || end <= from) return { offset: end, lines: 0 };
  const block = Buffer.allocUnsafe(BLOCK_BYTES);
  let found = 0;
  let blockEnd = end;
  while (blockEnd > from) {
    const begin = Math.max(from, blockEnd - BLOCK_BYTES);
    const { bytesRead } = await file.read(block, 0, blockEnd - begin, begin);
    // A newline in the very last place ends the last line; it does not begin another.
    let place = Math.min(bytesRead, end - begin - 1) - 1;
    if (found === 0 && blockEnd === end) found = 1;
    for (;;) {
      const newline = place < 0 ? -1 : block.lastIndexOf(NEWLINE, place);
      if (newline < 0) break;
      if (found === lines) return { offset: begin + newline + 1, lines };
      found += 1;
      place = newline - 1;
    }
    blockEnd = begin;
  }
  return { offset: from, lines: found };
}

/** Where the line that is unfinished at `end` begins, looking back at most 64 KiB; `end` when there is none, or no such place any more. */
export async function unfinishedFrom(file: FileHandle, end: number): Promise<number> {
  const begin = Math.max(0, end - BLOCK_BYTES);
  const block = Buffer.allocUnsafe(end - begin);
  const { bytesRead } = await file.read(block, 0, end - begin, begin);
  return bytesRead < block.length ? end : begin + block.lastIndexOf(NEWLINE) + 1;
}
