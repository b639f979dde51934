/** A parsed document of any syntax: tables, lists and scalars, each knowing where it was written. Immutable. */
import type { Span } from './source.ts';

/** A value of a document. */
export type Tree = Scalar | List | Table;

/** A leaf. */
export interface Scalar {
  readonly type: 'scalar';
  readonly value: string | number | boolean | null;
  readonly span: Span | null;
}

/** A sequence. */
export interface List {
  readonly type: 'list';
  readonly elements: readonly Tree[];
  readonly span: Span | null;
}

/** A mapping; the order is that of writing. */
export interface Table {
  readonly type: 'table';
  readonly entries: ReadonlyMap<string, Entry>;
  readonly span: Span | null;
}

/** A key with its value. `key` is where the key was written. */
export interface Entry {
  readonly key: Span | null;
  readonly value: Tree;
}

/** Keys and indices from the root of a document. */
export type Path = readonly (string | number)[];

/** The deepest nesting that is read. */
export const MAX_DEPTH = 32;

/** A table without entries. */
export const EMPTY_TABLE: Table = { type: 'table', entries: new Map(), span: null };

/** A leaf with a text. */
export const textOf = (tree: Tree | undefined): string | null =>
  tree?.type === 'scalar' && typeof tree.value === 'string' ? tree.value : null;

/** The value under a key, if the tree is a table and has it. */
export const childOf = (tree: Tree | undefined, key: string): Tree | undefined =>
  tree?.type === 'table' ? tree.entries.get(key)?.value : undefined;

/** The texts of a list of texts, or of a single text; other elements are left out. */
export function textsOf(tree: Tree | undefined): readonly Scalar[] {
  if (tree === undefined || tree.type === 'table') return [];
  const elements = tree.type === 'list' ? tree.elements : [tree];
  return elements.filter((element): element is Scalar => textOf(element) !== null);
}

/** A copy with other entries. */
export const withEntries = (table: Table, entries: Iterable<readonly [string, Entry]>): Table => ({
  ...table,
  entries: new Map(entries),
});

/** The plain JSON-able value. Keys are own properties whatever their name. */
export function plainOf(tree: Tree): unknown {
  if (tree.type === 'scalar') return tree.value;
  if (tree.type === 'list') return tree.elements.map(plainOf);
  return Object.fromEntries([...tree.entries].map(([key, entry]) => [key, plainOf(entry.value)]));
}

/** The value at a path; the nearest one above it where the path ends early. */
export function valueAt(tree: Tree, path: Path): Tree {
  const [step, ...rest] = path;
  if (step === undefined) return tree;
  const next = typeof step === 'number' && tree.type === 'list' ? tree.elements[step] : childOf(tree, String(step));
  return next === undefined ? tree : valueAt(next, rest);
}

/** The table without the value at a path; as it is when there is none. */
export function withoutPath(table: Table, path: Path): Table {
  const tree = removed(table, path);
  return tree.type === 'table' ? tree : table;
}

function removed(tree: Tree, path: Path): Tree {
  const [step, ...rest] = path;
  if (tree.type === 'list' && typeof step === 'number') {
    const elements = tree.elements.flatMap((element, index) =>
      index !== step ? [element] : rest.length === 0 ? [] : [removed(element, rest)],
    );
    return { ...tree, elements };
  }
  const entry = tree.type === 'table' ? tree.entries.get(String(step)) : undefined;
  if (tree.type !== 'table' || entry === undefined) return tree;
  const entries = new Map(tree.entries);
  if (rest.length === 0) entries.delete(String(step));
  else entries.set(String(step), { ...entry, value: removed(entry.value, rest) });
  return { ...tree, entries };
}

/** Where the value at a path was written; that of the nearest value above it where the path ends early. */
export function spanAt(tree: Tree, path: Path): Span | null {
  return valueAt(tree, path).span;
}

/** Where the key at a path was written, else its value, else the nearest value above. */
export function keySpanAt(tree: Tree, path: Path): Span | null {
  const parent = valueAt(tree, path.slice(0, -1));
  const last = path.at(-1);
  const entry = parent.type === 'table' && typeof last === 'string' ? parent.entries.get(last) : undefined;
  return entry?.key ?? spanAt(tree, path);
}

/** A JSON pointer (RFC 6901). */
export const pointerOf = (path: Path): string =>
  path.map((step) => `/${String(step).replaceAll('~', '~0').replaceAll('/', '~1')}`).join('');
