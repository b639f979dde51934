/**
 * One definition from several layers: tables merge key by key, everything else is replaced, `unset` removes; later wins.
 *
 * Short forms count as the table they stand for, so that a bare address over a table of defaults sets only the address.
 * A question replaces a question of another kind together with what belongs to it.
 */
import { HTTP_KEYS, PROBE_KINDS } from '../contract/definition-probe.ts';
import {
  type Entry,
  type Table,
  type Tree,
  EMPTY_TABLE,
  childOf,
  textOf,
  textsOf,
  withEntries,
  withoutPath,
} from './tree.ts';

/** The upper document over the lower one. The origin of a service stays where it was first written. */
export function mergeDocuments(lower: Table, upper: Table): Table {
  return mergeTables(lower, upper, (key, below, above) => {
    if (key === 'services' || key === 'templates')
      return mergeTables(below, above, (_name, base, over) => keepUnset(mergeServices(base, over), base, over));
    if (key === 'defaults') return keepUnset(mergeServices(below, above), below, above);
    return mergeTables(below, above, mergeDeep);
  });
}

/** The service that results from defaults, its templates in order, and what it says itself. */
export function layered(layers: readonly Table[], service: Table): Table {
  const merged = [...layers, service].reduce(mergeServices, EMPTY_TABLE);
  const entries = [...merged.entries].filter(([key]) => key !== 'unset' && key !== 'use');
  return { ...withEntries(merged, entries), span: service.span };
}

function mergeServices(lower: Table, upper: Table): Table {
  const unset = textsOf(childOf(upper, 'unset')).map((key) => String(key.value).split('.'));
  const base = unset.reduce(withoutPath, lower);
  return mergeTables(base, upper, mergeSlot, expanded);
}

type MergeInner = (key: string, below: Table, above: Table) => Table;

// Short forms are expanded on the level of a service only.
function mergeTables(
  lower: Table,
  upper: Table,
  inner: MergeInner,
  short: (key: string, tree: Tree) => Tree = (_, tree) => tree,
): Table {
  const entries = new Map<string, Entry>(lower.entries);
  for (const [key, entry] of upper.entries) {
    const known = lower.entries.get(key);
    const below = known === undefined ? undefined : short(key, known.value);
    const above = short(key, entry.value);
    if (known !== undefined && below?.type === 'table' && above.type === 'table')
      entries.set(key, { key: known.key, value: inner(key, below, above) });
    else entries.set(key, entry);
  }
  return withEntries(lower.entries.size === 0 ? upper : lower, entries);
}

function mergeDeep(_key: string, below: Table, above: Table): Table {
  return mergeTables(below, above, mergeDeep);
}

function mergeSlot(key: string, below: Table, above: Table): Table {
  const asks = key === 'health' || key === 'ready';
  const kind = PROBE_KINDS.find((candidate) => above.entries.has(candidate));
  if (!asks || kind === undefined) return { ...mergeTables(below, above, mergeDeep), span: above.span };
  const gone = PROBE_KINDS.filter((candidate) => candidate !== kind);
  const base = [...below.entries].filter(
    ([name]) => !gone.includes(name) && (kind === 'http' || !HTTP_KEYS.includes(name)),
  );
  return { ...mergeTables(withEntries(below, base), above, mergeDeep), span: above.span };
}

/** The table that a short form stands for; everything else as it is. */
function expanded(key: string, tree: Tree): Tree {
  const text = textOf(tree);
  if (key === 'watch' && (text !== null || tree.type === 'list')) return tableAround('paths', tree);
  if (text === null) return tree;
  if (key === 'ready' && text === 'notify') return tableAround('notify', { ...tree, type: 'scalar', value: true });
  const words: Readonly<Record<string, string>> = { restart: 'policy', stop: 'signal', schedule: 'cron' };
  const inner = key === 'health' || key === 'ready' ? addressKey(text) : words[key];
  return inner === undefined ? tree : tableAround(inner, tree);
}

const tableAround = (key: string, value: Tree): Table => ({
  type: 'table',
  entries: new Map([[key, { key: value.span, value }]]),
  span: value.span,
});

/** The kind of question that a bare address asks. */
export function addressKey(address: string): 'http' | 'tcp' | 'dns' {
  if (address.startsWith('tcp:')) return 'tcp';
  return address.startsWith('dns:') ? 'dns' : 'http';
}

function keepUnset(merged: Table, lower: Table, upper: Table): Table {
  const elements = [lower, upper].flatMap((layer) => textsOf(childOf(layer, 'unset')));
  if (elements.length === 0) return merged;
  const entries = new Map(merged.entries);
  entries.set('unset', { key: null, value: { type: 'list', elements, span: elements[0]?.span ?? null } });
  return withEntries(merged, entries);
}
