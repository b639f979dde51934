/** A resolved definition as TOML, with the places of its values. */
import { relative } from 'node:path';
import type { Origin } from '../../model/spec.ts';
import { escapeLine } from './escape.ts';
import { type Style, paint } from './style.ts';

/** How it is shown. `origins`: places by JSON pointer, null to leave them out. */
export interface ConfigLayout {
  readonly origins: ReadonlyMap<string, Origin> | null;
  readonly folder: string;
  readonly style: Style;
}

type Table = Readonly<Record<string, unknown>>;

/** The lines of the document: values of a table first, then its tables, an empty line before each. */
export function configLines(document: Table, layout: ConfigLayout): string[] {
  return tableLines(document, [], layout);
}

// Tables as deep as a service's own keys get a heading; what lies deeper is written inline.
const HEADED_DEPTH = 2;

function tableLines(table: Table, path: readonly string[], layout: ConfigLayout): string[] {
  const entries = Object.entries(table).filter(([, value]) => value !== null && value !== undefined);
  const isHeaded = ([, value]: readonly [string, unknown]): boolean =>
    isTable(value) && path.length < HEADED_DEPTH && !isLeaf(path);
  const values = entries.filter((entry) => !isHeaded(entry));
  const width = Math.max(0, ...values.map(([name]) => keyText(name).length));
  return [
    ...values.map(
      ([name, value]) => `${keyText(name).padEnd(width)} = ${valueText(value)}${originText([...path, name], layout)}`,
    ),
    ...entries.filter(isHeaded).flatMap(([name, value]) => {
      const inner = isTable(value) ? tableLines(value, [...path, name], layout) : [];
      const heading = paint(layout.style, 'strong', `[${[...path, name].map(keyText).join('.')}]`);
      const isEmptyGroup = isTable(value) && Object.values(value).every(isTable) && Object.keys(value).length > 0;
      return isEmptyGroup && path.length === 0 ? inner : ['', heading, ...inner];
    }),
  ];
}

// Inside a service, tables are written inline, as people write them.
const isLeaf = (path: readonly string[]): boolean =>
  path.length === 2 && (path[0] === 'services' || path[0] === 'templates');

const keyText = (name: string): string => (/^[A-Za-z0-9_-]+$/.test(name) ? name : escapeLine(JSON.stringify(name)));

function valueText(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(valueText).join(', ')}]`;
  if (!isTable(value)) return escapeLine(JSON.stringify(value));
  const entries = Object.entries(value).map(([name, entry]) => `${keyText(name)} = ${valueText(entry)}`);
  return entries.length === 0 ? '{}' : `{ ${entries.join(', ')} }`;
}

function originText(path: readonly string[], { origins, folder, style }: ConfigLayout): string {
  if (origins === null) return '';
  const pointer = path.map((part) => `/${part.replaceAll('~', '~0').replaceAll('/', '~1')}`).join('');
  const origin = origins.get(pointer);
  if (origin === undefined) return paint(style, 'faint', '  # default');
  const file = origin.file.startsWith('/') ? relative(folder, origin.file) : origin.file;
  return paint(style, 'faint', `  # ${escapeLine(`${file}:${origin.line}`)}`);
}

function isTable(value: unknown): value is Table {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
