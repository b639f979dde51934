/**
 * Brings every accepted shape of a definition into one: a table with `services` as a table by name, short key names,
 * no nulls, no `x-` keys, and none but known keys on the upper levels.
 */
import {
  FILE_KEYS,
  INNER_TABLES,
  LATER_INNER_KEYS,
  LATER_KEYS,
  SERVICE_KEYS,
  TEMPLATE_KEYS,
} from '../contract/definition-file.ts';
import { RULE_KEYS } from '../contract/definition-rules.ts';
import { NAME_PATTERN, RESERVED_NAMES } from '../contract/definition-values.ts';
import { replicaOf } from '../model/replica.ts';
import { nearest } from '../model/nearest.ts';
import type { Report } from './fault.ts';
import { PROTOTYPE_KEYS, refusePrototypeKeys } from './prototype-keys.ts';
import { type Entry, type Path, type Table, type Tree, EMPTY_TABLE, textOf, withEntries } from './tree.ts';

/** Which spellings are taken: the file's own, also camelCase (scripts), also functions to run (programs). */
export type Dialect = 'file' | 'script' | 'program';

/** Where faults go, and how keys may be spelled. */
export interface Shaping {
  readonly report: Report;
  readonly dialect: Dialect;
}

const ALIASES: Readonly<Record<string, string>> = { dependencies: 'depends_on' };
const OTHER_WORDS: Readonly<Record<string, string>> = {
  environment: 'env',
  healthcheck: 'health',
  working_dir: 'cwd',
  dir: 'cwd',
  cmd: 'command',
  requires: 'depends_on',
  needs: 'depends_on',
  stop_signal: 'stop',
  env_files: 'env_file',
  profile: 'profiles',
  timeout: 'start_timeout',
};

/**
 * The canonical table of a document. Shapes: `services`, `templates` and each service are tables afterwards; whatever
 * is of another type is reported and left out.
 */
export function shape(root: Tree, shaping: Shaping): Table {
  refusePrototypeKeys(root, [], shaping.report);
  if (root.type === 'list') return servicesOnly(root, shaping);
  if (root.type === 'scalar') {
    if (root.value !== null)
      shaping.report({
        code: 'RSE1101',
        message: 'a definition is a table with "services", or a list of services',
        span: root.span,
        path: [],
      });
    return EMPTY_TABLE;
  }
  const known = knownEntries(root, { keys: FILE_KEYS, later: [], path: [], of: 'the definition' }, shaping);
  const entries = known.map(([key, entry]): readonly [string, Entry] => {
    const value = entry.value;
    if (key === 'services') return [key, { ...entry, value: shapeServices(value, [key], shaping) }];
    if (key === 'templates') return [key, { ...entry, value: shapeTemplates(value, shaping) }];
    if (key === 'defaults')
      return [key, { ...entry, value: shapeService(value, ['defaults'], shaping, TEMPLATE_KEYS) }];
    return [key, entry];
  });
  return withEntries(root, entries);
}

/** The table of a file of rules: nothing but rules stands in it. */
export function shapeRules(root: Tree, report: Report): Table {
  refusePrototypeKeys(root, [], report);
  const table = tableOf(root, ['rules'], { report, dialect: 'file' });
  return withEntries(
    table,
    knownEntries(table, { keys: RULE_KEYS, later: [], path: [], of: 'the rules' }, { report, dialect: 'file' }),
  );
}

function servicesOnly(root: Tree, shaping: Shaping): Table {
  const value = shapeServices(root, [], shaping);
  return { ...EMPTY_TABLE, span: root.span, entries: new Map([['services', { key: null, value }]]) };
}

function shapeServices(services: Tree, path: Path, shaping: Shaping): Table {
  const named =
    services.type === 'list' ? namedServices(services.elements, path, shaping) : tableOf(services, path, shaping);
  const entries = [...named.entries].flatMap(([name, entry]): (readonly [string, Entry])[] => {
    const at = [...path, name];
    // A document that was written down from a definition names replicas one by one.
    const written = shaping.dialect === 'file' ? name : (replicaOf(name)?.of ?? name);
    checkName(written, { entry, path: at, report: shaping.report });
    const inner = shapeService(withoutName(entry, { name, path: at, shaping }), at, shaping, SERVICE_KEYS);
    // What is no table was reported; it would only be told again that it does not say how it runs.
    return entry.value.type === 'table' || isNull(entry.value) ? [[name, { ...entry, value: inner }]] : [];
  });
  return withEntries(named, entries);
}

function namedServices(elements: readonly Tree[], path: Path, shaping: Shaping): Table {
  const entries = new Map<string, Entry>();
  elements.forEach((element, index) => {
    const name = element.type === 'table' ? element.entries.get('name') : undefined;
    const text = textOf(name?.value);
    if (text === null) {
      shaping.report({
        code: 'RSE1103',
        message: 'a service in a list needs "name"',
        span: name?.value.span ?? element.span,
        path: [...path, index, 'name'],
      });
      return;
    }
    if (entries.has(text))
      shaping.report({
        code: 'RSE1115',
        message: `service "${text}" is defined twice`,
        span: name?.value.span ?? null,
        path: [...path, index, 'name'],
        services: [text],
      });
    else entries.set(text, { key: name?.value.span ?? null, value: element });
  });
  return { type: 'table', entries, span: null };
}

function checkName(name: string, place: { entry: Entry; path: Path; report: Report }): void {
  const span = place.entry.key ?? place.entry.value.span;
  if (!NAME_PATTERN.test(name) || name.includes('..')) {
    place.report({
      code: 'RSE1109',
      message: `"${name}" cannot be the name of a service`,
      span,
      path: place.path,
      hint: 'begin with a lower-case letter, go on with a-z, 0-9, ".", "_" and "-", without "..", at most 63 characters',
    });
  } else if (RESERVED_NAMES.includes(name)) {
    place.report({
      code: 'RSE1110',
      message: `"${name}" is a word of Rouse and cannot be the name of a service`,
      span,
      path: place.path,
      hint: `choose another one; reserved are ${RESERVED_NAMES.join(', ')}`,
    });
  }
}

function withoutName(entry: Entry, place: { name: string; path: Path; shaping: Shaping }): Tree {
  const { value } = entry;
  const inner = value.type === 'table' ? value.entries.get('name') : undefined;
  if (value.type !== 'table' || inner === undefined) return value;
  if (textOf(inner.value) !== place.name)
    place.shaping.report({
      code: 'RSE1106',
      message: `"name" of service "${place.name}" says another name`,
      span: inner.value.span,
      path: [...place.path, 'name'],
      hint: 'leave it out: the key is the name',
    });
  return withEntries(
    value,
    [...value.entries].filter(([key]) => key !== 'name'),
  );
}

function shapeTemplates(templates: Tree, shaping: Shaping): Table {
  const table = tableOf(templates, ['templates'], shaping);
  const entries = [...table.entries].map(([name, entry]): readonly [string, Entry] => [
    name,
    { ...entry, value: shapeService(entry.value, ['templates', name], shaping, TEMPLATE_KEYS) },
  ]);
  return withEntries(table, entries);
}

// The list of keys tells a service from a template.
function shapeService(service: Tree, path: Path, shaping: Shaping, keys: readonly string[]): Table {
  const table = tableOf(service, path, shaping);
  const of = path.length > 1 ? `${path[0] === 'templates' ? 'template' : 'service'} "${path.at(-1)}"` : '"defaults"';
  const found = new Map<string, Entry>();
  for (const [key, entry] of knownEntries(table, { keys, later: LATER_KEYS, path, of }, shaping)) {
    const short = ALIASES[key] ?? key;
    if (found.has(short))
      shaping.report({
        code: 'RSE1106',
        message: `${of} has both "depends_on" and "dependencies"`,
        span: entry.key,
        path: [...path, key],
        hint: 'they mean the same: keep one',
      });
    else {
      const value = shapeInner(short, entry.value, [...path, key], shaping);
      if (!emptied(entry.value, value)) found.set(short, { ...entry, value });
    }
  }
  return withEntries(table, found);
}

// A table that lost all its keys to faults is a fault no more: it would only be told again that it says nothing.
const emptied = (before: Tree, after: Tree): boolean =>
  before.type === 'table' && after.type === 'table' && before.entries.size > 0 && after.entries.size === 0;

function shapeInner(key: string, value: Tree, path: Path, shaping: Shaping): Tree {
  if (value.type !== 'table') return value;
  if (key === 'depends_on') {
    const entries = [...value.entries].map(([name, entry]): readonly [string, Entry] => [
      name,
      { ...entry, value: respelled(entry.value, ['when', 'optional', 'on_loss'], shaping) },
    ]);
    return withEntries(
      value,
      entries.filter(([, entry]) => !isNull(entry.value)),
    );
  }
  const keys = INNER_TABLES[key];
  if (keys === undefined)
    return withEntries(
      value,
      [...value.entries].filter(([, entry]) => !isNull(entry.value)),
    );
  const of = `"${key}" of "${path.at(-2)}"`;
  const inner = knownEntries(value, { keys, later: LATER_INNER_KEYS[key] ?? [], path, of }, shaping);
  return withEntries(value, inner);
}

function respelled(value: Tree, keys: readonly string[], shaping: Shaping): Tree {
  if (value.type !== 'table') return value;
  return withEntries(
    value,
    [...value.entries].map(([key, entry]) => [spelling(key, keys, shaping), entry] as const),
  );
}

interface Known {
  readonly keys: readonly string[];
  readonly later: readonly string[];
  readonly path: Path;
  /** What the keys belong to, in words. */
  readonly of: string;
}

function knownEntries(table: Table, known: Known, shaping: Shaping): (readonly [string, Entry])[] {
  const kept: (readonly [string, Entry])[] = [];
  for (const [written, entry] of table.entries) {
    const key = spelling(written, known.keys, shaping);
    if (isNull(entry.value) || key.startsWith('x-') || PROTOTYPE_KEYS.includes(key)) continue;
    const runs = key === 'run' && shaping.dialect === 'program' && known.keys === SERVICE_KEYS;
    if (known.keys.includes(key) || runs) kept.push([key, entry]);
    else refuseKey(key, entry, known, shaping);
  }
  return kept;
}

function refuseKey(key: string, entry: Entry, known: Known, { report }: Shaping): void {
  const path = [...known.path, key];
  const span = entry.key ?? entry.value.span;
  if (known.later.includes(key)) {
    const message = `"${key}" in ${known.of} is not yet supported in this version`;
    report({ code: 'RSE1105', message, span, path, hint: 'take it out; Rouse does not ignore what it cannot do' });
    return;
  }
  const suggestion = spelling(key, known.keys, { report, dialect: 'script' });
  const near = known.keys.includes(suggestion) ? suggestion : (OTHER_WORDS[key] ?? nearest(key, known.keys));
  report({
    code: 'RSE1104',
    message: `unknown key "${key}" in ${known.of}`,
    span,
    path,
    suggestion: near !== null && known.keys.includes(near) ? near : null,
    hint: known.keys === FILE_KEYS ? 'own keys begin with x-' : 'own keys go under "labels" or begin with x-',
  });
}

function spelling(key: string, keys: readonly string[], { dialect }: Shaping): string {
  if (dialect === 'file' || keys.includes(key)) return key;
  const snake = key.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
  return keys.includes(snake) || LATER_KEYS.includes(snake) ? snake : key;
}

function tableOf(tree: Tree, path: Path, { report }: Shaping): Table {
  if (tree.type === 'table') return tree;
  if (!isNull(tree))
    report({ code: 'RSE1101', message: `"${path.at(-1) ?? 'services'}" must be a table`, span: tree.span, path });
  return { ...EMPTY_TABLE, span: tree.span };
}

const isNull = (tree: Tree): boolean => tree.type === 'scalar' && tree.value === null;
