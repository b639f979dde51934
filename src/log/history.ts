/**
 * Reading what was already written.
 *
 * A portion is the stretch of one run's file that was asked for. Files carry no time for each line, so lines of several
 * services cannot be interleaved as they were written: portions come in the order in which their files were last
 * written to, runs of one service always in their own order. Lines carry no time (`at` is null).
 */
import { open } from 'node:fs/promises';
import type { FileHandle } from 'node:fs/promises';
import type { LogLine } from '../model/log-line.ts';
import type { ServiceName } from '../model/spec.ts';
import type { LogQuery } from '../ports/log-store.ts';
import { type SplitLine, lineSplitter } from './line-splitter.ts';
import { READ_FLAGS, type RunFile } from './run-file.ts';
import { tailOf } from './tail.ts';

/** A stretch of a run's file. `to` is its size when it was looked at; what is written later lies behind it. */
export interface Portion {
  readonly file: RunFile;
  readonly from: number;
  readonly to: number;
}

const CHUNK_BYTES = 128 * 1024;

/** The files of a service that a query is about. Shapes: `files` is one service's, oldest run first; so is the result. */
export function chosenFiles(files: readonly RunFile[], runs: LogQuery['runs']): readonly RunFile[] {
  if (runs === 'all') return files;
  return runs === 'last' ? files.slice(-1) : files.slice(-2, -1);
}

/**
 * The stretches that hold the last `tail` lines of all files together (null = everything), in the order to be read.
 * Shapes: `files` holds each service's files oldest run first. A file that has vanished meanwhile is left out.
 */
export async function portionsOf(files: readonly RunFile[], tail: number | null): Promise<readonly Portion[]> {
  const ordered = inOrderOfWriting(files);
  if (tail === null) return ordered.map((file) => ({ file, from: 0, to: file.sizeBytes }));
  const portions: Portion[] = [];
  let wanted = tail;
  for (const file of ordered.toReversed()) {
    if (wanted <= 0) break;
    await using handle = await openToRead(file.path);
    if (handle === null) continue;
    const { offset, lines } = await tailOf(handle, file.sizeBytes, wanted);
    wanted -= lines;
    portions.push({ file, from: offset, to: file.sizeBytes });
  }
  return portions.toReversed();
}

/** The lines of a portion in batches. `rest` says what to do with a line that is unfinished at its end. */
export async function* linesOf(
  portion: Portion,
  rest: 'give' | 'leave',
  signal: AbortSignal,
): AsyncGenerator<readonly LogLine[]> {
  const splitter = lineSplitter(portion.from);
  for await (const bytes of bytesOf(portion, signal)) yield logLines(portion.file, splitter.push(bytes), null);
  if (rest === 'give') yield logLines(portion.file, splitter.end(), null);
}

/** The bytes of a portion in pieces; each piece is only good until the next is asked for. Ends early on abort. */
export async function* bytesOf(portion: Portion, signal: AbortSignal): AsyncGenerator<Uint8Array> {
  await using handle = await openToRead(portion.file.path);
  if (handle === null) return;
  const chunk = Buffer.allocUnsafe(Math.min(CHUNK_BYTES, Math.max(1, portion.to - portion.from)));
  let offset = portion.from;
  while (offset < portion.to && !signal.aborted) {
    const { bytesRead } = await handle.read(chunk, 0, Math.min(chunk.length, portion.to - offset), offset);
    if (bytesRead === 0) return;
    yield chunk.subarray(0, bytesRead);
    offset += bytesRead;
  }
}

/** Split lines with the run they belong to. */
export function logLines(
  from: { readonly service: ServiceName; readonly run: number },
  lines: readonly SplitLine[],
  at: number | null,
): readonly LogLine[] {
  const { service, run } = from;
  return lines.map(({ offset, text, cut }) => ({ service, run, offset, at, text, cut }));
}

/** Opens for reading; null when the file is not there any more, or is none of ours. */
export async function openToRead(path: string): Promise<FileHandle | null> {
  try {
    return await open(path, READ_FLAGS);
  } catch {
    // Retention took it between the look and the reading, or it is a link: there is nothing to read.
    return null;
  }
}

/** By last write; a run never before an earlier one of its service, even where somebody touched the files. */
function inOrderOfWriting(files: readonly RunFile[]): readonly RunFile[] {
  const latest = new Map<ServiceName, number>();
  return files
    .map((file) => {
      const at = Math.max(latest.get(file.service) ?? 0, file.modifiedAt);
      latest.set(file.service, at);
      return { file, at };
    })
    .toSorted((a, b) => a.at - b.at)
    .map(({ file }) => file);
}
