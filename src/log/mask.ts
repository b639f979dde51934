/**
 * Hiding secrets in what is shown of a service's output. What is stored stays as it was written.
 *
 * Looked for are the lines of what the service was given in secret, as they are: not parts of them, and not what a program
 * makes of them (another encoding, a line break inside). So it is a help against mishaps and no promise.
 */
import type { LogLine } from '../model/log-line.ts';
import type { ServiceName } from '../model/spec.ts';

/** Says what a service was given in secret; may be empty. Asked often. */
export type TextsOf = (service: ServiceName) => readonly string[];

/** Hides what services were given in secret. */
export interface Mask {
  /** Of a line of output. Lines of a run that come in their order are hidden in across the places where they were cut. */
  line(line: LogLine): LogLine;
  text(service: ServiceName, text: string): string;
  bytes(service: ServiceName, bytes: Uint8Array): Uint8Array;
}

/** What stands in place of a secret. */
const HIDDEN = '***';
/** Shorter ones are words that occur anyway; bytes. */
const LEAST_BYTES = 8;
/** The longest list of what is looked for in each line of a service. */
const MOST_NEEDLES = 256;
/** At a place where a line was cut, so much of a secret is told from chance; characters. */
const LEAST_PART = 4;
/** Places of cuts that are remembered: lines that long are rare. */
const MOST_CUTS = 1000;

/** Hides what `textsOf` says. */
export function createMask(textsOf: TextsOf): Mask {
  const known = new Map<ServiceName, { readonly count: number; readonly needles: readonly string[] }>();
  const cuts = new Set<string>();
  const needlesOf = (service: ServiceName): readonly string[] => {
    const texts = textsOf(service);
    let last = known.get(service);
    // What was given once is never forgotten, so equal counts are equal texts.
    if (last?.count !== texts.length) known.set(service, (last = { count: texts.length, needles: needlesIn(texts) }));
    return last.needles;
  };
  const text = (service: ServiceName, shown: string): string =>
    needlesOf(service).reduce((hidden, needle) => hidden.replaceAll(needle, HIDDEN), shown);
  return {
    text,
    line(line) {
      const { service, run } = line;
      const needles = line.kind === 'line' ? needlesOf(service) : [];
      if (needles.length === 0) return line;
      const place = (offset: number): string => `${service}:${run}:${offset}`;
      let hidden = text(service, line.text);
      if (cuts.has(place(line.offset))) hidden = withoutHead(hidden, needles);
      if (line.cut === 'yes') {
        if (cuts.size >= MOST_CUTS) cuts.clear();
        cuts.add(place(line.next));
        hidden = withoutTail(hidden, needles);
      }
      return hidden === line.text ? line : { ...line, text: hidden };
    },
    bytes: (service, bytes) => needlesOf(service).reduce(withoutBytes, bytes),
  };
}

/** Nothing is hidden. */
export const NO_MASK: Mask = { line: (line) => line, text: (_, text) => text, bytes: (_, bytes) => bytes };

function needlesIn(texts: readonly string[]): readonly string[] {
  const lines = texts.flatMap((text) => text.split('\n')).map((line) => line.trim());
  const long = lines.filter((line) => Buffer.byteLength(line) >= LEAST_BYTES);
  // One may be part of another.
  return [...new Set(long)].toSorted((a, b) => b.length - a.length).slice(0, MOST_NEEDLES);
}

function withoutTail(text: string, needles: readonly string[]): string {
  for (const needle of needles)
    for (let size = Math.min(needle.length - 1, text.length); size >= LEAST_PART; size -= 1)
      if (text.endsWith(needle.slice(0, size))) return `${text.slice(0, -size)}${HIDDEN}`;
  return text;
}

function withoutHead(text: string, needles: readonly string[]): string {
  for (const needle of needles)
    for (let size = Math.min(needle.length - 1, text.length); size >= LEAST_PART; size -= 1)
      if (text.startsWith(needle.slice(-size))) return `${HIDDEN}${text.slice(size)}`;
  return text;
}

function withoutBytes(bytes: Uint8Array, needle: string): Uint8Array {
  const all = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
  const pieces: Uint8Array[] = [];
  const size = Buffer.byteLength(needle);
  let from = 0;
  for (let at = all.indexOf(needle); at >= 0; at = all.indexOf(needle, from)) {
    pieces.push(all.subarray(from, at), Buffer.from(HIDDEN));
    from = at + size;
  }
  return from === 0 ? bytes : Buffer.concat([...pieces, all.subarray(from)]);
}
