/** TOML with the place of every value: one parser for the values, another for where they stand. */
import { TomlError, parse } from 'smol-toml';
import { type AST, ParseError, parseTOML } from 'toml-eslint-parser';
import { CROWDED, crowdedPlace } from './crowded.ts';
import type { Report } from './fault.ts';
import { type Places, treeFrom } from './parse-value.ts';
import type { Source, Span } from './source.ts';
import { MAX_DEPTH, type Path, type Tree, pointerOf } from './tree.ts';

/** The tree of a TOML text, or null after its first syntax error was reported (RSE0105, doubled keys RSE1117). */
export function parseToml(source: Source, report: Report): Tree | null {
  // A mark of the byte order says nothing in UTF-8; a space keeps every place.
  const text = (source.text ?? '').replace(/^\uFEFF/, ' ');
  const crowded = crowdedPlace(text);
  if (crowded >= 0) {
    const span = { source, start: crowded, end: crowded + 1 };
    report({ code: 'RSE0105', message: `cannot read this TOML: ${CROWDED}`, span, path: [] });
    return null;
  }
  try {
    const value = parse(text, { maxDepth: MAX_DEPTH });
    // Dotted keys nest as deeply as their line is long; the places of such a text are not worth their cost.
    if (isDeep(value, MAX_DEPTH)) throw new TomlDepth();
    return treeFrom(value, { source, places: placesIn(source, text), report, functions: 'refused' });
  } catch (error) {
    const place = placeOf(error);
    if (place === null) throw error;
    const lines = text.split('\n', place.line - 1);
    const start = lines.reduce((sum, line) => sum + line.length + 1, 0) + place.column - 1;
    const doubled = /redefine|multiple times/.test(place.message);
    report({
      code: doubled ? 'RSE1117' : 'RSE0105',
      message: doubled ? 'this key or table stands twice' : `cannot read this TOML: ${place.message}`,
      span: { source, start, end: doubled ? wordEnd(text, start) : start + 1 },
      path: [],
    });
    return null;
  }
}

class TomlDepth extends Error {}

const isDeep = (value: unknown, depth: number): boolean =>
  typeof value === 'object' &&
  value !== null &&
  !(value instanceof Date) &&
  (depth < 0 || Object.values(value).some((child) => isDeep(child, depth - 1)));

function placeOf(error: unknown): { line: number; column: number; message: string } | null {
  if (error instanceof TomlError) {
    const [firstLine = ''] = error.message.split('\n', 1);
    return { line: error.line, column: error.column, message: firstLine.replace(/^Invalid TOML document: /, '') };
  }
  if (error instanceof ParseError)
    return { line: error.lineNumber, column: error.column + 1, message: error.message.toLowerCase() };
  if (error instanceof TomlDepth) return { line: 1, column: 1, message: `values are nested deeper than ${MAX_DEPTH}` };
  return null;
}

function wordEnd(text: string, start: number): number {
  const word = /^[\w."'-]+/.exec(text.slice(start, start + 200));
  return start + Math.max(1, word?.[0].length ?? 1);
}

// The parser of places gives up on texts of some 100 KB, which the parser of values takes: then they have none.
function placesIn(source: Source, text: string): Places {
  try {
    return placesOf(source, parseTOML(text));
  } catch (error) {
    if (error instanceof RangeError) return new Map();
    throw error;
  }
}

function placesOf(source: Source, program: AST.TOMLProgram): Places {
  const places = new Map<string, { key: Span | null; value: Span | null }>();
  const span = (range: readonly [number, number]): Span => ({ source, start: range[0], end: range[1] });
  const set = (path: Path, key: Span | null, value: Span): void => {
    const pointer = pointerOf(path);
    const known = places.get(pointer);
    places.set(pointer, { key: known?.key ?? key, value: known?.value ?? value });
  };
  const keyed = (entry: AST.TOMLKeyValue, above: Path): void => {
    const keys = entry.key.keys.map((key) => ({
      name: key.type === 'TOMLBare' ? key.name : key.value,
      span: span(key.range),
    }));
    const path = [...above, ...keys.map(({ name }) => name)];
    keys.forEach((key, index) => set(path.slice(0, above.length + index + 1), key.span, span(entry.range)));
    places.set(pointerOf(path), { key: keys.at(-1)?.span ?? null, value: span(entry.value.range) });
    content(entry.value, path);
  };
  const content = (node: AST.TOMLContentNode, path: Path): void => {
    if (node.type === 'TOMLInlineTable') for (const entry of node.body) keyed(entry, path);
    if (node.type !== 'TOMLArray') return;
    node.elements.forEach((element, index) => {
      set([...path, index], null, span(element.range));
      content(element, [...path, index]);
    });
  };
  for (const part of program.body[0].body) {
    if (part.type === 'TOMLKeyValue') keyed(part, []);
    else table(part, { set, span, source, places });
    if (part.type === 'TOMLTable') for (const entry of part.body) keyed(entry, part.resolvedKey);
  }
  return places;
}

interface Marks {
  readonly set: (path: Path, key: Span | null, value: Span) => void;
  readonly span: (range: readonly [number, number]) => Span;
  readonly source: Source;
  readonly places: Map<string, { key: Span | null; value: Span | null }>;
}

function table(part: AST.TOMLTable, marks: Marks): void {
  const text = marks.source.text ?? '';
  const last = part.key.keys.at(-1);
  const close = text.indexOf(']', last?.range[1] ?? part.range[0]);
  const header = marks.span([part.range[0], close + (part.kind === 'array' ? 2 : 1)]);
  let depth = 0;
  part.resolvedKey.forEach((step, index) => {
    const key = typeof step === 'string' ? part.key.keys[depth] : undefined;
    if (typeof step === 'string') depth += 1;
    const path = part.resolvedKey.slice(0, index + 1);
    marks.set(path, key === undefined ? null : marks.span(key.range), header);
  });
  const pointer = pointerOf(part.resolvedKey);
  const key = typeof part.resolvedKey.at(-1) === 'string' && last !== undefined ? marks.span(last.range) : null;
  marks.places.set(pointer, { key, value: header });
}
