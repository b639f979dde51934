/**
 * Reading what was already written.
 *
 * A portion is the stretch of one run's file that was asked for: what is kept of it, what can be of the times asked for,
 * and what lies behind the place to go on from. A service's portions come in the order of its runs.
 */
import type { LogLine, LogPlace } from '../model/log-line.ts';
import type { ServiceName } from '../model/spec.ts';
import type { LogQuery } from '../ports/log-store.ts';
import { type SplitLine, lineSplitter } from './line-splitter.ts';
import { keptFromOf, openToRead, readPiece } from './piece.ts';
import type { RunFile } from './run-file.ts';
import { unfinishedFrom } from './tail.ts';
import { readIndex, stretchOf, timeTeller } from './time-index.ts';

/** A stretch of a run's file, from a line's begin on. `to` is at most its size when it was looked at. */
export interface Portion {
  readonly file: RunFile;
  readonly from: number;
  readonly to: number;
  /** When a line was written, by where it ends. */
  readonly at: (next: number) => number;
  /** When the file was found cut by hand; null = never. */
  readonly cutAt: number | null;
}

/** Where a line lies, and what it is. */
export interface LineOrigin {
  readonly service: ServiceName;
  readonly run: number;
}

/** The files of a service that a query is about. Shapes: `files` is one service's, oldest run first; so is the result. */
export function chosenFiles(files: readonly RunFile[], runs: LogQuery['runs']): readonly RunFile[] {
  if (runs === 'all') return files;
  return runs === 'last' ? files.slice(-1) : files.slice(-2, -1);
}

/** What is to be read of a service's files, oldest run first. A file that has vanished meanwhile is left out. */
export async function portionsOf(
  files: readonly RunFile[],
  bounds: {
    readonly after?: LogPlace | undefined;
    readonly since?: number | undefined;
    readonly until?: number | undefined;
  },
): Promise<readonly Portion[]> {
  const portions: Portion[] = [];
  for (const file of files) {
    const { after, since, until } = bounds;
    if (after !== undefined && file.run < after.run) continue;
    const portion = await portionOf(file, { after: after?.run === file.run ? after.offset : 0, since, until });
    if (portion !== null) portions.push(portion);
  }
  return portions;
}

async function portionOf(
  file: RunFile,
  {
    after,
    since,
    until,
  }: { readonly after: number; readonly since: number | undefined; readonly until: number | undefined },
): Promise<Portion | null> {
  await using handle = await openToRead(file.path);
  if (handle === null) return null;
  const index = readIndex(file.path);
  const kept = await keptFromOf(handle, index.keptFrom, file);
  const stretch = stretchOf(index, { since, until });
  // A place behind the end is one in a file that was cut: what it holds now is all new.
  const begin = after > file.sizeBytes ? 0 : after;
  let from = Math.max(kept, begin);
  if (stretch.from > from && since !== undefined)
    from = Math.max(from, await unfinishedFrom(handle, Math.min(stretch.from, file.sizeBytes)));
  const to = Math.max(from, Math.min(file.sizeBytes, stretch.to ?? file.sizeBytes));
  return { file, from, to, at: timeTeller(index, Math.floor(file.modifiedAt)), cutAt: index.cutAt };
}

/** What of a portion is read. `rest` says what to do with a line that is unfinished at its end. */
export interface LineReading {
  readonly rest: 'give' | 'leave';
  readonly chunk: Buffer;
  readonly signal: AbortSignal;
  /** Told where reading came to: behind the last line that was given. */
  readonly came?: (offset: number) => void;
}

/** The lines of a portion in batches, which may be empty. */
export async function* linesOf(
  portion: Portion,
  { rest, chunk, signal, came }: LineReading,
): AsyncGenerator<readonly LogLine[]> {
  const { file, at, cutAt } = portion;
  if (cutAt !== null && portion.from === 0) yield [gapLine(file, 0, { at: cutAt, text: cutText(cutAt) })];
  await using handle = await openToRead(file.path);
  if (handle === null) return;
  let splitter = lineSplitter(portion.from);
  let offset = portion.from;
  while (offset < portion.to && !signal.aborted) {
    const room = chunk.subarray(0, Math.min(chunk.length, portion.to - offset));
    const piece = await readPiece({ handle, path: file.path }, room, offset);
    if (piece.type === 'given-back') {
      yield [gapLine(file, piece.keptFrom, { at: null, text: GIVEN_BACK })];
      offset = piece.keptFrom;
      splitter = lineSplitter(offset);
      continue;
    }
    if (piece.bytes.length === 0) break;
    offset += piece.bytes.length;
    yield logLines(file, splitter.push(piece.bytes), at);
  }
  if (rest === 'give') yield logLines(file, splitter.end(), at);
  came?.(splitter.offset());
}

/** The bytes of a portion in pieces; each piece is only good until the next is asked for. Ends early on abort. */
export async function* bytesOf(portion: Portion, chunk: Buffer, signal: AbortSignal): AsyncGenerator<Uint8Array> {
  await using handle = await openToRead(portion.file.path);
  if (handle === null) return;
  let offset = portion.from;
  while (offset < portion.to && !signal.aborted) {
    const room = chunk.subarray(0, Math.min(chunk.length, portion.to - offset));
    const piece = await readPiece({ handle, path: portion.file.path }, room, offset);
    if (piece.type === 'given-back') {
      offset = piece.keptFrom;
      continue;
    }
    if (piece.bytes.length === 0) return;
    yield piece.bytes;
    offset += piece.bytes.length;
  }
}

/** Split lines with the run they belong to. */
export function logLines(
  { service, run }: LineOrigin,
  lines: readonly SplitLine[],
  at: (next: number) => number,
): readonly LogLine[] {
  return lines.map(({ offset, next, text, cut }) => ({
    service,
    run,
    offset,
    next,
    at: at(next),
    text,
    cut,
    kind: 'line',
  }));
}

/** Words about output that is not there; `place` is where output goes on. */
export function gapLine(
  { service, run }: LineOrigin,
  place: number,
  words: { readonly at: number | null; readonly text: string },
): LogLine {
  return { service, run, offset: place, next: place, ...words, cut: 'no', kind: 'gap' };
}

/** Said where a reader was slower than the output is kept. */
export const GIVEN_BACK = 'output before this was given back to keep within logs.keep';

/** Said of a file that somebody has cut. */
export function cutText(at: number): string {
  return `truncated by hand at ${isoTime(at)}: what was written before is lost`;
}

/** Said of a file that is found deleted while its run lives. */
export const DELETED = 'deleted by hand: what this run writes is not kept; output is kept again from the next run on';

/** Said of a file that somebody has deleted. */
export function deletedText(at: number): string {
  return `deleted by hand at ${isoTime(at)}: what this run writes is not kept; output is kept again from the next run on`;
}

function isoTime(at: number): string {
  return new Date(at).toISOString();
}
