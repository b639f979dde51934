/** YAML 1.2 (core schema) with the place of every value; aliases are followed within a budget. */
import {
  type Document,
  LineCounter,
  type Node,
  type Pair,
  isAlias,
  isMap,
  isPair,
  isScalar,
  isSeq,
  parseAllDocuments,
} from 'yaml';
import type { Report } from './fault.ts';
import type { Source, Span } from './source.ts';
import { type Entry, MAX_DEPTH, type Path, type Tree } from './tree.ts';

/** Values that aliases may add to a document; beyond it the text is taken for a bomb. */
const ALIAS_BUDGET = 10_000;

interface Walk {
  readonly source: Source;
  readonly document: Document;
  readonly report: Report;
  budget: number;
  aliased: number;
  gaveUp: 'no' | 'yes';
}

/** The tree of a YAML text, or null after its syntax errors were reported (RSE0105, doubled keys RSE1117). */
export function parseYaml(source: Source, report: Report): Tree | null {
  const text = source.text ?? '';
  const parsed = parseAllDocuments(text, { version: '1.2', lineCounter: new LineCounter(), prettyErrors: false });
  const documents = Array.isArray(parsed) ? parsed : [];
  const [document, second] = documents;
  if (document === undefined) return { type: 'table', entries: new Map(), span: { source, start: 0, end: 0 } };
  const errors = [...document.errors, ...document.warnings];
  for (const { code, message, pos } of errors) {
    const [firstLine = ''] = message.split('\n', 1);
    report({
      code: code === 'DUPLICATE_KEY' ? 'RSE1117' : 'RSE0105',
      message:
        code === 'DUPLICATE_KEY' ? 'this key stands twice in one table' : `cannot read this YAML: ${lower(firstLine)}`,
      span: { source, start: pos[0], end: Math.max(pos[0] + 1, pos[1]) },
      path: [],
    });
  }
  if (errors.some(({ code }) => code !== 'DUPLICATE_KEY')) return null;
  if (second !== undefined) {
    const start = second.range[0];
    report({
      code: 'RSE0105',
      message: 'cannot read this YAML: it holds more than one document',
      span: { source, start, end: start + 1 },
      path: [],
    });
    return null;
  }
  const walk: Walk = { source, document, report, budget: ALIAS_BUDGET, aliased: 0, gaveUp: 'no' };
  const tree = treeOf(walk, document.contents, []);
  return walk.gaveUp === 'yes' ? null : tree;
}

const lower = (text: string): string => text.charAt(0).toLowerCase() + text.slice(1);

function treeOf(walk: Walk, node: Node | null, path: Path): Tree {
  const span = spanOf(walk, node);
  if (walk.gaveUp === 'yes' || node === null) return { type: 'scalar', value: null, span };
  if (path.length > MAX_DEPTH) return giveUp(walk, span, `values are nested deeper than ${MAX_DEPTH}`);
  if (walk.aliased > 0) {
    walk.budget -= 1;
    if (walk.budget < 0) return giveUp(walk, span, 'its aliases add too many values');
  }
  if (isAlias(node)) {
    const target = node.resolve(walk.document);
    if (target === undefined) return giveUp(walk, span, `there is no anchor "${node.source}"`);
    walk.aliased += 1;
    const tree = treeOf(walk, target, path);
    walk.aliased -= 1;
    return tree;
  }
  if (isMap(node))
    return { type: 'table', entries: entriesOf(walk, node.items as Pair<Node, Node | null>[], path), span };
  if (isSeq(node)) {
    const elements = node.items.map((element, index) =>
      treeOf(walk, (isPair(element) ? null : element) as Node | null, [...path, index]),
    );
    return { type: 'list', elements, span };
  }
  return { type: 'scalar', value: isScalar(node) ? scalarOf(walk, node.value, span) : null, span };
}

function entriesOf(walk: Walk, pairs: readonly Pair<Node, Node | null>[], path: Path): Map<string, Entry> {
  const entries = new Map<string, Entry>();
  for (const pair of pairs) {
    const key = isScalar(pair.key) ? String(pair.key.value) : null;
    const span = spanOf(walk, pair.key);
    if (key === null) giveUp(walk, span, 'a key must be a plain word');
    else entries.set(key, { key: span, value: treeOf(walk, pair.value ?? null, [...path, key]) });
  }
  return entries;
}

function scalarOf(walk: Walk, value: unknown, span: Span | null): string | number | boolean | null {
  if (value === null || typeof value === 'string' || typeof value === 'boolean') return value;
  if (typeof value === 'number') return value;
  giveUp(walk, span, 'this value is neither a text, a number nor true or false');
  return null;
}

function giveUp(walk: Walk, span: Span | null, cause: string): Tree {
  if (walk.gaveUp === 'no')
    walk.report({ code: 'RSE0105', message: `cannot read this YAML: ${cause}`, span, path: [] });
  walk.gaveUp = 'yes';
  return { type: 'scalar', value: null, span };
}

function spanOf(walk: Walk, node: Node | null): Span | null {
  const range = node?.range;
  return range === undefined || range === null ? null : { source: walk.source, start: range[0], end: range[1] };
}
