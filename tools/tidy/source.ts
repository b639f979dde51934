// What every rule reads: one parsed file. Nodes are ESTree with TypeScript's additions, as oxc-parser gives them.
import { parseSync } from 'oxc-parser';

/** A syntax node. Offsets count UTF-16 units from the start of the text. */
export interface Node {
  readonly type: string;
  readonly start: number;
  readonly end: number;
  readonly [key: string]: unknown;
}

/** A comment; `text` is what stands between its marks. */
export interface Comment {
  readonly kind: 'Line' | 'Block';
  readonly text: string;
  readonly start: number;
  readonly end: number;
}

/** A parsed file. `path` is relative to the root of the repository, with `/`; `room` is set below src/ only. */
export interface Source {
  readonly path: string;
  readonly text: string;
  readonly room: string | undefined;
  readonly program: Node;
  readonly comments: readonly Comment[];
}

/** Something wrong, and what to do instead. `line` counts from 1. */
export interface Fault {
  readonly rule: string;
  readonly path: string;
  readonly line: number;
  readonly message: string;
}

/** Whether a value of the tree is a node. */
export const isNode = (value: unknown): value is Node =>
  typeof value === 'object' && value !== null && 'type' in value && 'start' in value && typeof value.type === 'string';

/** The nodes directly below, in no promised order. */
function childrenOf(node: Node): Node[] {
  return Object.values(node).flatMap((value) =>
    Array.isArray(value) ? value.filter(isNode) : isNode(value) ? [value] : [],
  );
}

/** Visits every node, parents first; `above` holds the ancestors, the nearest last. */
export function walk(
  node: Node,
  visit: (node: Node, above: readonly Node[]) => void,
  above: readonly Node[] = [],
): void {
  visit(node, above);
  const next = [...above, node];
  for (const child of childrenOf(node)) walk(child, visit, next);
}

/** The name of an identifier, or undefined for any other node. */
export const nameOf = (node: unknown): string | undefined =>
  isNode(node) && (node.type === 'Identifier' || node.type === 'PrivateIdentifier') && typeof node['name'] === 'string'
    ? node['name']
    : undefined;

/** The text of a string literal, or undefined for any other node. */
export const textOf = (node: unknown): string | undefined =>
  isNode(node) && node.type === 'Literal' && typeof node['value'] === 'string' ? node['value'] : undefined;

/** The line, from 1, of an offset. */
export const lineAt = (text: string, offset: number): number => text.slice(0, offset).split('\n').length;

/** A fault at a node. */
export const faultAt = (source: Source, at: { readonly start: number }, rule: string, message: string): Fault => ({
  rule,
  path: source.path,
  line: lineAt(source.text, at.start),
  message,
});

/** Parses a file. Errors: throws with the parser's words when the text is not TypeScript. */
export function parse(path: string, text: string): Source {
  const parsed = parseSync(path, text);
  const [first] = parsed.errors;
  if (first !== undefined) throw new Error(`cannot parse "${path}": ${first.message}`);
  const program: unknown = parsed.program;
  if (!isNode(program)) throw new Error(`cannot parse "${path}": no syntax tree`);
  const comments = parsed.comments.map((comment) => ({
    kind: comment.type,
    text: comment.value,
    start: comment.start,
    end: comment.end,
  }));
  return { path, text, room: /^src\/([^/]+)\//.exec(path)?.[1], program, comments };
}
