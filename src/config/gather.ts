/** All files of a definition, read and brought into one shape, in the order of merging. */
import { existsSync } from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import { RouseError } from '../model/errors.ts';
import type { Report } from './fault.ts';
import { treeFrom } from './parse-value.ts';
import { guessSyntax, parseSource, syntaxOf } from './parse.ts';
import { readSource } from './read.ts';
import { shape } from './shape.ts';
import { type Source, type Span, spanFrom } from './source.ts';
import { type Table, type Tree, childOf, textsOf } from './tree.ts';

/** The most files a definition may have. */
const MAX_FILES = 1000;

/** What gathering needs. */
export interface Gathering {
  readonly directory: string;
  readonly overlays: readonly string[];
  readonly stdin: string | null;
  readonly evaluate: (path: string) => Promise<unknown>;
  readonly trust: 'check' | 'skip';
  readonly report: Report;
}

/** `whole` is `no` when a file could not be read: what refers to it would be reported wrongly. */
export interface Gathered {
  readonly documents: readonly Table[];
  readonly files: readonly string[];
  readonly whole: 'yes' | 'no';
}

interface Bag {
  readonly documents: Table[];
  readonly files: string[];
  whole: 'yes' | 'no';
}

/** Reads the files with what they include, then the overlays, then the local file; later ones win. */
export async function gather(files: readonly string[], gathering: Gathering): Promise<Gathered> {
  const bag: Bag = { documents: [], files: [], whole: 'yes' };
  for (const file of files)
    await add(file === '-' ? file : resolve(gathering.directory, file), null, [], { bag, gathering });
  const [first = '-'] = files;
  for (const name of [...gathering.overlays, 'local']) {
    const path = beside(first, name, gathering);
    if (path !== null) await add(path, null, [], { bag, gathering });
    else if (name !== 'local') missingOverlay(name, { bag, gathering });
  }
  return bag;
}

interface Work {
  readonly bag: Bag;
  readonly gathering: Gathering;
}

async function add(path: string, span: Span | null, above: readonly string[], work: Work): Promise<void> {
  const { bag, gathering } = work;
  if (above.includes(path)) {
    const circle = [...above.slice(above.indexOf(path)), path].map((file) => basename(file)).join(' › ');
    gathering.report({
      code: 'RSE0103',
      message: `files include each other in a circle: ${circle}`,
      span,
      path: ['include'],
    });
    bag.whole = 'no';
    return;
  }
  if (bag.files.includes(path)) return;
  if (bag.files.length + above.length >= MAX_FILES) {
    if (bag.whole === 'yes')
      gathering.report({
        code: 'RSE1116',
        message: `the definition has more than ${MAX_FILES} files`,
        span,
        path: ['include'],
      });
    bag.whole = 'no';
    return;
  }
  const document = await readDocument(path, span, work);
  if (document === null) {
    bag.files.push(path);
    bag.whole = 'no';
    return;
  }
  for (const included of textsOf(childOf(document, 'include')))
    await add(resolve(folderOf(path, gathering), String(included.value)), included.span, [...above, path], work);
  bag.files.push(path);
  bag.documents.push(document);
}

const folderOf = (path: string, gathering: Gathering): string => (path === '-' ? gathering.directory : dirname(path));

async function readDocument(path: string, span: Span | null, { gathering }: Work): Promise<Table | null> {
  const { report, stdin, trust } = gathering;
  if (path === '-') {
    const source: Source = { path: '<stdin>', text: stdin ?? '' };
    return shaped(parseSource(source, guessSyntax(source.text ?? ''), report), 'file', report);
  }
  const syntax = syntaxOf(path);
  const source = readSource(path, { trust, report, span });
  if (source === null) return null;
  if (syntax === null) {
    report({
      code: 'RSE0103',
      message: `cannot read "${path}": its ending says nothing of its syntax`,
      span: span ?? { source, start: 0, end: 1 },
      path: [],
      hint: 'name it .toml, .yaml, .json or .ts',
    });
    return null;
  }
  if (syntax !== 'script') return shaped(parseSource(source, syntax, report), 'file', report);
  return shaped(await evaluated(source, gathering), 'script', report);
}

function shaped(tree: Tree | null, dialect: Extract<'file' | 'script', string>, report: Report): Table | null {
  return tree === null ? null : shape(tree, { report, dialect });
}

// The places of a script's values are not known: they show the file alone.
async function evaluated(script: Source, { evaluate, report }: Gathering): Promise<Tree | null> {
  const source: Source = { path: script.path, text: null };
  try {
    const value = await evaluate(source.path);
    return treeFrom(value, { source, places: new Map(), report, functions: 'refused' });
  } catch (error) {
    if (!(error instanceof RouseError)) throw error;
    const { code, message, hint, origin } = error;
    const span = origin === null ? { source, start: 0, end: 0 } : spanFrom(script, origin);
    report({ code, message, span, path: [], ...(hint === null ? {} : { hint }) });
    return null;
  }
}

const OVERLAY_ENDINGS: readonly string[] = ['toml', 'yaml', 'yml', 'json', 'jsonc'];

function beside(first: string, name: string, gathering: Gathering): string | null {
  const stem = first === '-' ? 'rouse' : basename(first).replace(/(?:\.config)?\.[^.]*$/, '');
  const paths = OVERLAY_ENDINGS.map((ending) => join(gathering.directory, `${stem}.${name}.${ending}`));
  return paths.find((path) => existsSync(path)) ?? null;
}

function missingOverlay(name: string, { bag, gathering }: Work): void {
  bag.whole = 'no';
  gathering.report({
    code: 'RSE0101',
    message: `cannot find the overlay "${name}" in "${gathering.directory}"`,
    span: null,
    path: [],
    hint: `write rouse.${name}.toml beside the definition`,
  });
}
