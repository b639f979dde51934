/** Reading a piece of a run's file that may be given back, cut or written to at the same moment. */
import { type FileHandle, open } from 'node:fs/promises';
import { READ_FLAGS } from './run-file.ts';
import { readIndex } from './time-index.ts';

/** Bytes as they lie in the file, or where the kept part begins when what was to be read is not kept any more. */
export type Piece =
  | { readonly type: 'bytes'; readonly bytes: Uint8Array }
  | { readonly type: 'given-back'; readonly keptFrom: number };

const PAGE_BYTES = 4096;

/** Opens for reading; null when the file is not there any more, or is none of ours. */
export async function openToRead(path: string): Promise<FileHandle | null> {
  try {
    return await open(path, READ_FLAGS);
  } catch {
    // Retention took it between the look and the reading, or it is a link: there is nothing to read.
    return null;
  }
}

/**
 * The bytes at `offset`, as many as `chunk` holds and there are; they are only good until the chunk is used again.
 * What is given back reads as zeros, and the place up to which it is was recorded before: so bytes with a zero among them
 * are believed only when they do not lie before that place.
 */
export async function readPiece(
  { handle, path }: { readonly handle: FileHandle; readonly path: string },
  chunk: Buffer,
  offset: number,
): Promise<Piece> {
  const { bytesRead } = await handle.read(chunk, 0, chunk.length, offset);
  const bytes = chunk.subarray(0, bytesRead);
  if (bytes.includes(0)) {
    const { keptFrom } = readIndex(path);
    if (keptFrom !== null && keptFrom > offset) return { type: 'given-back', keptFrom };
  }
  return { type: 'bytes', bytes };
}

/**
 * Where the kept part of a file begins: as recorded, else, where the record is lost, behind the zeros at its begin that
 * take no room. Units: bytes.
 */
export async function keptFromOf(
  handle: FileHandle,
  known: number | null,
  { sizeBytes, diskBytes }: { readonly sizeBytes: number; readonly diskBytes: number },
): Promise<number> {
  if (known !== null) return Math.min(known, sizeBytes);
  if (sizeBytes - diskBytes < PAGE_BYTES || !(await isHole(handle, 0))) return 0;
  let [low, high] = [0, Math.floor(sizeBytes / PAGE_BYTES)];
  // The page `low` is a hole; the page `high` is not, or is the last.
  while (high - low > 1) {
    const middle = Math.floor((low + high) / 2);
    if (await isHole(handle, middle)) low = middle;
    else high = middle;
  }
  return lineAfter(handle, high * PAGE_BYTES);
}

async function isHole(handle: FileHandle, page: number): Promise<boolean> {
  const block = Buffer.alloc(PAGE_BYTES, 1);
  const { bytesRead } = await handle.read(block, 0, PAGE_BYTES, page * PAGE_BYTES);
  return bytesRead > 0 && block.subarray(0, bytesRead).every((byte) => byte === 0);
}

/** Behind the next newline, looking 64 KiB ahead; the place itself when there is none. */
async function lineAfter(handle: FileHandle, place: number): Promise<number> {
  const block = Buffer.alloc(16 * PAGE_BYTES);
  const { bytesRead } = await handle.read(block, 0, block.length, place);
  return place + block.subarray(0, bytesRead).indexOf(10) + 1;
}
