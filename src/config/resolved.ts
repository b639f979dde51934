/** The document that a definition comes down to: merged, filled in, with the place of every value. */
import { RULE_KEYS } from '../contract/definition-rules.ts';
import type { Origin } from '../model/spec.ts';
import { originOf } from './source.ts';
import type { MergedService } from './stand-in.ts';
import { type Path, type Table, EMPTY_TABLE, childOf, pointerOf, withEntries } from './tree.ts';
import { type Variables, expandTree } from './variables.ts';

/** The merged table with the rules of every file in place of those of the definition alone. */
export function withRules(merged: Table, rules: Table): Table {
  const rest = [...merged.entries].filter(([key]) => !RULE_KEYS.includes(key));
  return withEntries(merged, [...rest, ...rules.entries]);
}

/** The merged table with everything filled in, in the order in which it is shown. */
export function documentOf(
  merged: Table,
  made: { name: string; services: readonly MergedService[]; variables: Variables },
): Table {
  // What is filled in here was checked before: a fault would be a repetition.
  const variables: Variables = { ...made.variables, report: () => undefined };
  const entries = new Map(merged.entries);
  for (const key of ['include', 'defaults', 'templates', '$schema']) entries.delete(key);
  const name = entries.get('name');
  entries.delete('name');
  const services = made.services.map((service) => {
    const place = { variables, service: service.name, path: ['services', service.name] };
    const value = expandTree(service.table, place, () => false);
    return [service.name, { key: service.span, value }] as const;
  });
  const vars = childOf(merged, 'vars');
  if (vars !== undefined)
    entries.set('vars', {
      key: null,
      value: expandTree(vars, { variables, service: null, path: ['vars'] }, () => false),
    });
  entries.set('services', { key: null, value: { ...EMPTY_TABLE, entries: new Map(services) } });
  const value = { type: 'scalar', value: made.name, span: name?.value.span ?? null } as const;
  return { ...merged, entries: new Map([['name', { key: name?.key ?? null, value }], ...entries]) };
}

/** Where each value of a document was written, by JSON pointer. */
export function originsOf(document: Table): ReadonlyMap<string, Origin> {
  const origins = new Map<string, Origin>();
  const walk = (tree: Table['entries'] extends ReadonlyMap<string, infer E> ? E : never, path: Path): void => {
    const origin = originOf(tree.value.span ?? tree.key);
    if (origin !== null) origins.set(pointerOf(path), origin);
    if (tree.value.type === 'table') for (const [key, entry] of tree.value.entries) walk(entry, [...path, key]);
    if (tree.value.type === 'list')
      tree.value.elements.forEach((value, index) => walk({ key: null, value }, [...path, index]));
  };
  walk({ key: null, value: document }, []);
  return origins;
}
