/** JSON, and JSON with comments and trailing commas, with the place of every value. RFC 8259. */
import type { Report } from './fault.ts';
import type { Source, Span } from './source.ts';
import { type Entry, MAX_DEPTH, type Tree } from './tree.ts';

interface Reader {
  readonly source: Source;
  readonly text: string;
  readonly comments: 'allowed' | 'refused';
  readonly report: Report;
  at: number;
}

class JsonFault extends Error {
  readonly at: number;
  constructor(message: string, at: number) {
    super(message);
    this.at = at;
  }
}

const NUMBER = /-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?/y;
const STRING = /"(?:[^"\\\u0000-\u001f]|\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4}))*"/y;
const WORD = /[A-Za-z_][A-Za-z0-9_]*/y;
const SPACE = /[ \t\n\r]*/y;
const COMMENT = /(?:\/\/[^\n]*|\/\*[\s\S]*?\*\/|[ \t\n\r]+)*/y;

/** The tree of a JSON text, or null after its first syntax error was reported (RSE0105); doubled keys are RSE1117. */
export function parseJson(source: Source, comments: Reader['comments'], report: Report): Tree | null {
  const text = source.text ?? '';
  const reader: Reader = { source, text, comments, report, at: text.charCodeAt(0) === 0xfeff ? 1 : 0 };
  try {
    const tree = readValue(reader, 0);
    skip(reader);
    if (reader.at < text.length) throw new JsonFault('expected the end of the text', reader.at);
    return tree;
  } catch (error) {
    if (!(error instanceof JsonFault)) throw error;
    report({
      code: 'RSE0105',
      message: `cannot read this JSON: ${error.message}`,
      span: { source, start: error.at, end: error.at + 1 },
      path: [],
    });
    return null;
  }
}

function readValue(reader: Reader, depth: number): Tree {
  skip(reader);
  const start = reader.at;
  if (depth > MAX_DEPTH) throw new JsonFault(`values are nested deeper than ${MAX_DEPTH}`, start);
  const first = reader.text[start];
  if (first === '{') return readTable(reader, depth);
  if (first === '[') return readList(reader, depth);
  if (first === '"') return { type: 'scalar', value: readText(reader), span: spanFrom(reader, start) };
  const number = match(reader, NUMBER);
  if (number !== null) return { type: 'scalar', value: Number(number), span: spanFrom(reader, start) };
  const word = match(reader, WORD);
  if (word === 'true' || word === 'false')
    return { type: 'scalar', value: word === 'true', span: spanFrom(reader, start) };
  if (word === 'null') return { type: 'scalar', value: null, span: spanFrom(reader, start) };
  throw new JsonFault(first === undefined ? 'the text ends too early' : 'expected a value', start);
}

function readTable(reader: Reader, depth: number): Tree {
  const start = reader.at;
  const entries = new Map<string, Entry>();
  reader.at += 1;
  while (!closes(reader, '}')) {
    const keyStart = reader.at;
    if (reader.text[keyStart] !== '"') throw new JsonFault('expected a key in double quotes', keyStart);
    const key = readText(reader);
    const span = spanFrom(reader, keyStart);
    skip(reader);
    if (reader.text[reader.at] !== ':') throw new JsonFault(`expected ":" after the key`, reader.at);
    reader.at += 1;
    if (entries.has(key))
      reader.report({ code: 'RSE1117', message: `"${key}" stands twice in one table`, span, path: [key] });
    entries.set(key, { key: span, value: readValue(reader, depth + 1) });
    separate(reader, '}');
  }
  reader.at += 1;
  return { type: 'table', entries, span: spanFrom(reader, start) };
}

function readList(reader: Reader, depth: number): Tree {
  const start = reader.at;
  const elements: Tree[] = [];
  reader.at += 1;
  while (!closes(reader, ']')) {
    elements.push(readValue(reader, depth + 1));
    separate(reader, ']');
  }
  reader.at += 1;
  return { type: 'list', elements, span: spanFrom(reader, start) };
}

function closes(reader: Reader, end: string): boolean {
  skip(reader);
  if (reader.at >= reader.text.length) throw new JsonFault(`expected "${end}" before the text ends`, reader.at);
  return reader.text[reader.at] === end;
}

function separate(reader: Reader, end: string): void {
  if (closes(reader, end)) return;
  const comma = reader.at;
  if (reader.text[comma] !== ',') throw new JsonFault(`expected "," or "${end}"`, comma);
  reader.at += 1;
  if (closes(reader, end) && reader.comments === 'refused')
    throw new JsonFault(`expected no "," before "${end}"`, comma);
}

function readText(reader: Reader): string {
  const start = reader.at;
  const raw = match(reader, STRING);
  if (raw === null) throw new JsonFault('this text is not closed, or holds a character that must be escaped', start);
  return JSON.parse(raw) as string;
}

function skip(reader: Reader): void {
  match(reader, reader.comments === 'allowed' ? COMMENT : SPACE);
}

function match(reader: Reader, pattern: RegExp): string | null {
  pattern.lastIndex = reader.at;
  const found = pattern.exec(reader.text)?.[0] ?? null;
  reader.at += found?.length ?? 0;
  return found;
}

function spanFrom(reader: Reader, start: number): Span {
  return { source: reader.source, start, end: reader.at };
}
