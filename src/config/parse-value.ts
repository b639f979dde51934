/** A value that was parsed or made elsewhere, as a tree. */
import type { Report } from './fault.ts';
import type { Source, Span } from './source.ts';
import { type Entry, MAX_DEPTH, type Path, type Tree, pointerOf } from './tree.ts';

/** Where keys and values stand, by JSON pointer. */
export type Places = ReadonlyMap<string, { readonly key: Span | null; readonly value: Span | null }>;

/** What is known of the value. `source` null: no places at all. `functions` are taken for `true` where allowed. */
export interface ValueContext {
  readonly source: Source | null;
  readonly places: Places;
  readonly report: Report;
  readonly functions: 'allowed' | 'refused';
}

/** The tree of a plain value; what JSON cannot say is reported (RSE1101), nesting beyond the limit too (RSE1102). */
export function treeFrom(value: unknown, context: ValueContext): Tree {
  return treeAt(value, [], context, { open: [] });
}

interface Above {
  readonly open: readonly object[];
}

function treeAt(value: unknown, path: Path, context: ValueContext, above: Above): Tree {
  const span = context.places.get(pointerOf(path))?.value ?? wholeOf(context.source);
  if (value === null || value === undefined) return { type: 'scalar', value: null, span };
  if (typeof value === 'string' || typeof value === 'boolean') return { type: 'scalar', value, span };
  if (typeof value === 'number' && Number.isFinite(value)) return { type: 'scalar', value, span };
  if (typeof value === 'function' && context.functions === 'allowed') return { type: 'scalar', value: true, span };
  const refused = refusalOf(value, path, above);
  if (refused !== null || typeof value !== 'object') {
    const { code, message } = refused ?? { code: 'RSE1101', message: 'this is not a value of a definition' };
    context.report({ code, message, span, path });
    return { type: 'scalar', value: null, span };
  }
  const inner = { open: [...above.open, value] };
  if (Array.isArray(value)) {
    const elements = value.map((element: unknown, index) => treeAt(element, [...path, index], context, inner));
    return { type: 'list', elements, span };
  }
  const entries = new Map<string, Entry>();
  for (const [key, child] of Object.entries(value)) {
    const at = [...path, key];
    const keySpan = context.places.get(pointerOf(at))?.key ?? wholeOf(context.source);
    entries.set(key, { key: keySpan, value: treeAt(child, at, context, inner) });
  }
  return { type: 'table', entries, span };
}

function refusalOf(value: unknown, path: Path, above: Above): { code: 'RSE1101' | 'RSE1102'; message: string } | null {
  if (path.length > MAX_DEPTH) return { code: 'RSE1102', message: `values are nested deeper than ${MAX_DEPTH}` };
  if (value instanceof Date) return { code: 'RSE1101', message: 'a date is not a value of a definition: quote it' };
  if (typeof value === 'number') return { code: 'RSE1102', message: 'this number is not finite' };
  if (typeof value === 'function') return { code: 'RSE1101', message: 'a function can only be given by a program' };
  if (typeof value !== 'object')
    return { code: 'RSE1101', message: `a ${typeof value} is not a value of a definition` };
  return value !== null && above.open.includes(value)
    ? { code: 'RSE1101', message: 'this value contains itself' }
    : null;
}

function wholeOf(source: Source | null): Span | null {
  return source === null ? null : { source, start: 0, end: 0 };
}
