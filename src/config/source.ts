/** Where a value was written: a text with its name, and stretches of it. */
import type { Origin } from '../model/spec.ts';

/** A text that was read. `path` is absolute, or `<stdin>`; `text` is null where positions are not known (scripts). */
export interface Source {
  readonly path: string;
  readonly text: string | null;
}

/** A stretch of a text. Units: UTF-16 offsets, `end` excluded. */
export interface Span {
  readonly source: Source;
  readonly start: number;
  readonly end: number;
}

const lineStarts = new WeakMap<Source, readonly number[]>();

/** Line and column of a span's start; null without a span. */
export function originOf(span: Span | null): Origin | null {
  if (span === null) return null;
  const starts = startsOf(span.source);
  let low = 0;
  let high = starts.length - 1;
  while (low < high) {
    const middle = Math.ceil((low + high) / 2);
    if ((starts[middle] ?? 0) <= span.start) low = middle;
    else high = middle - 1;
  }
  return { file: span.source.path, line: low + 1, column: span.start - (starts[low] ?? 0) + 1 };
}

/** The rest of a line from a place on. */
export function spanFrom(source: Source, place: { readonly line: number; readonly column: number }): Span {
  const starts = startsOf(source);
  const start = (starts[place.line - 1] ?? 0) + place.column - 1;
  const next = starts[place.line];
  return { source, start, end: next === undefined ? (source.text?.length ?? start) : next - 1 };
}

/** Characters to underline: the span's part on its first line, at least 1. */
export function lengthOf(span: Span | null): number {
  if (span === null || span.source.text === null) return 1;
  const [firstLine = ''] = span.source.text.slice(span.start, span.end).split('\n', 1);
  return Math.max(1, firstLine.trimEnd().length);
}

/**
 * The part of a written text that became `length` characters at `offset` of its value; the whole span where quoting
 * or escapes hide it.
 */
export function partOf(span: Span | null, value: string, offset: number, length: number): Span | null {
  if (span === null || span.source.text === null) return span;
  const raw = span.source.text.slice(span.start, span.end);
  for (const quotes of [1, 0, 3, 4]) if (raw.startsWith(value, quotes)) return piece(span, quotes + offset, length);
  const found = raw.indexOf(value.slice(offset, offset + length));
  return found >= 0 && length > 0 ? piece(span, found, length) : span;
}

function piece(span: Span, offset: number, length: number): Span {
  return { source: span.source, start: span.start + offset, end: span.start + offset + length };
}

function startsOf(source: Source): readonly number[] {
  const known = lineStarts.get(source);
  if (known !== undefined) return known;
  const starts = [0];
  const text = source.text ?? '';
  for (let at = text.indexOf('\n'); at >= 0; at = text.indexOf('\n', at + 1)) starts.push(at + 1);
  lineStarts.set(source, starts);
  return starts;
}
