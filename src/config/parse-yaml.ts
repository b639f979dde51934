/** YAML 1.2 (core schema) with the place of every value; aliases are followed within a budget. */
import {
  Composer,
  type Document,
  type Node,
  type Pair,
  Parser,
  YAMLError,
  isAlias,
  isMap,
  isPair,
  isScalar,
  isSeq,
} from 'yaml';
import { CROWDED, crowdedPlace } from './crowded.ts';
import type { Report } from './fault.ts';
import type { Source, Span } from './source.ts';
import { type Entry, MAX_DEPTH, type Path, type Tree } from './tree.ts';

/** Values that aliases may add to a document; beyond it the text is taken for a bomb. */
const ALIAS_BUDGET = 10_000;

const TOO_DEEP = `values are nested deeper than ${MAX_DEPTH}`;

interface Walk {
  readonly source: Source;
  /** The nodes that were met so far, by anchor: what an alias means. Looking them up in the document takes its length. */
  readonly anchors: Map<string, Node>;
  readonly report: Report;
  budget: number;
  aliased: number;
  gaveUp: 'no' | 'yes';
}

/** The tree of a YAML text, or null after its first syntax error was reported (RSE0105); doubled keys are RSE1117. */
export function parseYaml(source: Source, report: Report): Tree | null {
  const text = source.text ?? '';
  const refuse = (cause: string, start: number, end = start + 1): null => {
    report({ code: 'RSE0105', message: `cannot read this YAML: ${cause}`, span: { source, start, end }, path: [] });
    return null;
  };
  const deep = deepPlace(text);
  if (deep >= 0) return refuse(TOO_DEEP, deep);
  const aliases = [...text.matchAll(ALIASES)];
  if (aliases.length > ALIAS_BUDGET)
    return refuse('its aliases add too many values', aliases[ALIAS_BUDGET]?.index ?? 0);
  const crowded = crowdedPlace(text);
  if (crowded >= 0) return refuse(CROWDED, crowded);
  const { documents, fault } = composed(text);
  if (fault !== null) {
    const [firstLine = ''] = fault.message.split('\n', 1);
    const cause = /stack/i.test(firstLine) ? TOO_DEEP : lower(firstLine);
    return refuse(cause, fault.start, Math.max(fault.start + 1, fault.end));
  }
  const [document, second] = documents;
  if (document === undefined) return { type: 'table', entries: new Map(), span: { source, start: 0, end: 0 } };
  if (second !== undefined) return refuse('it holds more than one document', second.range[0]);
  const walk: Walk = { source, anchors: new Map(), report, budget: ALIAS_BUDGET, aliased: 0, gaveUp: 'no' };
  const tree = treeOf(walk, document.contents, []);
  return walk.gaveUp === 'yes' ? null : tree;
}

interface YamlFault {
  readonly message: string;
  readonly start: number;
  readonly end: number;
}

/**
 * The first two documents of a text, and its first fault. The parser goes on after a fault: a text of nothing but faults
 * would keep it busy for many seconds, so it is stopped at the first that it tells.
 */
function composed(text: string): { documents: readonly Document.Parsed[]; fault: YamlFault | null } {
  // Doubled keys are found by the walk: the parser compares every key with every other.
  const composer = new Composer({ version: '1.2', prettyErrors: false, uniqueKeys: false });
  const tell: unknown = Reflect.get(composer, 'onError');
  let told: YamlFault | null = null;
  // It is called with a place, a code, the words, and `true` for a warning.
  Reflect.set(composer, 'onError', (...words: readonly unknown[]): void => {
    if (typeof tell === 'function') Reflect.apply(tell, composer, words);
    if (words[3] === true) return;
    told ??= faultOf(Reflect.get(composer, 'errors')) ?? { message: String(words[2]), start: 0, end: 1 };
    throw new Stopped();
  });
  const documents: Document.Parsed[] = [];
  try {
    for (const document of composer.compose(new Parser().parse(text))) {
      documents.push(document);
      if (documents.length === 2) break;
    }
  } catch (error) {
    if (!(error instanceof Stopped)) throw error;
    return { documents, fault: told };
  }
  const [first] = documents;
  return { documents, fault: first === undefined ? null : (faultOf(first.errors) ?? faultOf(first.warnings)) };
}

class Stopped extends Error {}

/** The first of the parser's own faults. */
function faultOf(faults: unknown): YamlFault | null {
  const first: unknown = Array.isArray(faults) ? faults[0] : undefined;
  return first instanceof YAMLError ? { message: first.message, start: first.pos[0], end: first.pos[1] } : null;
}

/** Brackets that may be open at once in a text, and dashes in a row: far beyond the depth that is read. */
const OPEN_LIMIT = 200;
const ALIASES = /(?<=[\s,[{:])\*[^\s,\]}]/g;
const DASHES = /(?:[-?][ \t]+){64}/;

/**
 * Where a text is certainly nested too deeply, or -1. The parser would find out as well, in seconds and megabytes.
 */
function deepPlace(text: string): number {
  let open = 0;
  for (let at = 0; at < text.length; at += 1) {
    const sign = text.charCodeAt(at);
    if (sign === 0x5b || sign === 0x7b) open += 1;
    else if ((sign === 0x5d || sign === 0x7d) && open > 0) open -= 1;
    if (open > OPEN_LIMIT) return at;
  }
  return DASHES.exec(text)?.index ?? -1;
}

const lower = (text: string): string => text.charAt(0).toLowerCase() + text.slice(1);

function treeOf(walk: Walk, node: Node | null, path: Path): Tree {
  const span = spanOf(walk, node);
  if (walk.gaveUp === 'yes' || node === null) return { type: 'scalar', value: null, span };
  if (path.length > MAX_DEPTH) return giveUp(walk, span, TOO_DEEP);
  if (walk.aliased > 0) {
    walk.budget -= 1;
    if (walk.budget < 0) return giveUp(walk, span, 'its aliases add too many values');
  }
  if (isAlias(node)) {
    const target = walk.anchors.get(node.source);
    if (target === undefined) return giveUp(walk, span, `there is no anchor "${node.source}"`);
    walk.aliased += 1;
    const tree = treeOf(walk, target, path);
    walk.aliased -= 1;
    return tree;
  }
  if (node.anchor !== undefined) walk.anchors.set(node.anchor, node);
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
    else if (entries.has(key))
      walk.report({ code: 'RSE1117', message: `"${key}" stands twice in one table`, span, path: [...path, key] });
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
