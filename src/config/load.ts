/** Files to a definition, and a definition's document to a definition. */
import { existsSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { parseEnv } from 'node:util';
import { RULE_KEYS } from '../contract/definition-rules.ts';
import { DefinitionError } from '../model/errors.ts';
import { type Ground, UNKNOWN_GROUND } from '../model/ground.ts';
import { PLAIN_POLICY, type Policy } from '../model/policy.ts';
import type { Spec } from '../model/spec.ts';
import { type Assembly, type CheckGraph, type LoadedDefinition, assemble } from './assemble.ts';
import { discover } from './discover.ts';
import { type Fault, type Report, inOrder, issueOf } from './fault.ts';
import { type Gathered, gather } from './gather.ts';
import { parseSource, syntaxOf } from './parse.ts';
import { treeFrom } from './parse-value.ts';
import { usualName } from './project-name.ts';
import { readSource } from './read.ts';
import type { Scale } from './replicas.ts';
import { rulesOf } from './rules.ts';
import { type Dialect, shape, shapeRules } from './shape.ts';
import type { Span } from './source.ts';
import { type Table, EMPTY_TABLE } from './tree.ts';

/** What is loaded, and with what means. */
export interface LoadOptions {
  /** Absolute, later ones win, `-` is standard input; empty: looked for from `directory` upwards. */
  readonly files: readonly string[];
  readonly directory: string;
  /** `rouse.NAME.*` beside the first file, on top of it, in this order. */
  readonly overlays: readonly string[];
  /** Wins over `.env` and `.env.local` beside the first file. */
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** The text of standard input, for the file `-`. */
  readonly stdin: string | null;
  /** The project's name, wins over the file's. */
  readonly project: string | null;
  /** Evaluates a script in a bounded process and answers its JSON. */
  readonly evaluate: (path: string) => Promise<unknown>;
  /** `check`: as root, files and their folders must belong to root alone. */
  readonly trust: 'check' | 'skip';
  /** Profiles that are switched on. */
  readonly profiles?: readonly string[];
  /** How many there are to be of some services, whatever the files say. */
  readonly scale?: Scale;
  readonly check: CheckGraph;
  /** The machine that it is loaded for; left out: nothing is refused that depends on it. */
  readonly ground?: Ground;
}

/**
 * The definition of some files: the whole set or nothing.
 * Errors: RSE0101 and RSE0102 when none is found; DefinitionError with every fault at once.
 */
export async function loadDefinition(options: LoadOptions): Promise<LoadedDefinition> {
  const files = options.files.length > 0 ? options.files : discover(options.directory, options.environment).files;
  const faults: Fault[] = [];
  const report: Report = (fault) => void faults.push(fault);
  const first = files[0] ?? '-';
  const directory = first === '-' ? resolve(options.directory) : dirname(resolve(options.directory, first));
  const gathered = await gather(files, { ...options, directory, report });
  const ground = options.ground ?? UNKNOWN_GROUND;
  const below = rulesFile(ground, options.trust, report);
  if (gathered.whole === 'no') throw refusal(faults, gathered.files);
  const readText = (path: string, span: Span | null, to: Report): string | null =>
    readSource(path, { trust: options.trust, report: to, span })?.text ?? null;
  return assemble({
    documents: gathered.documents,
    defaults: defaultsBeside(directory, options, report),
    directory,
    files: gathered.files,
    project: options.project,
    usualName: usualName(first === '-' ? null : first, directory),
    environment: { ...dotEnv(directory, options, report), ...defined(options.environment) },
    made: 'file',
    rules: rulesOf([...below, ...gathered.documents], { ground, directory, report }),
    ground,
    present: null,
    profiles: options.profiles ?? [],
    scale: options.scale ?? {},
    readText,
    check: options.check,
    faults,
  });
}

/**
 * The rules of some files alone, for a document that stands in place of their definition. Files that are gone say nothing;
 * those that cannot be read are a fault, so that no rule is lost by a slip. Errors: DefinitionError.
 */
export async function loadRules(
  options: Pick<LoadOptions, 'files' | 'directory' | 'overlays' | 'stdin' | 'evaluate' | 'trust' | 'ground'>,
): Promise<Policy> {
  const faults: Fault[] = [];
  const report: Report = (fault) => void faults.push(fault);
  const first = options.files[0] ?? '-';
  const directory = first === '-' ? resolve(options.directory) : dirname(resolve(options.directory, first));
  const there = options.files.filter((file) => file === '-' || existsSync(resolve(options.directory, file)));
  const gathered = await gather(there, { ...options, directory, report });
  const ground = options.ground ?? UNKNOWN_GROUND;
  const below = rulesFile(ground, options.trust, report);
  const { policy } = rulesOf([...below, ...gathered.documents], { ground, directory, report });
  if (faults.length > 0) throw refusal(faults, gathered.files);
  return policy;
}

/** What a document that did not come from a file may do, and what is known of it. */
export interface DocumentContext {
  /** Absolute; relative paths start here, and the project is named for it when nothing else names it. */
  readonly directory: string;
  readonly project: string | null;
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** `api`: no shell, checks go to this machine alone. `library`: as in a file, and functions may run. */
  readonly made: 'api' | 'library';
  /** Profiles that are switched on. */
  readonly profiles?: readonly string[];
  readonly check: CheckGraph;
  /** The machine that it is made for; left out: nothing is refused that depends on it. */
  readonly ground?: Ground;
  /** For `api`: the definition that it replaces, whose rules go on. Left out: the plain rules. */
  readonly present?: { readonly policy: Policy; readonly services: readonly Spec[] };
}

/**
 * The definition of a document that a program or the API gave. Keys may be in camelCase too. Origins are null.
 * Errors: DefinitionError with every fault at once.
 */
export function parseDefinitionDocument(document: unknown, context: DocumentContext): LoadedDefinition {
  const faults: Fault[] = [];
  const report: Report = (fault) => void faults.push(fault);
  const functions = context.made === 'library' ? 'allowed' : 'refused';
  const tree = treeFrom(document, { source: null, places: new Map(), report, functions });
  const dialect: Dialect = context.made === 'library' ? 'program' : 'script';
  const table = shape(tree, { report, dialect });
  const include = table.entries.get('include');
  if (include !== undefined)
    report({ code: 'RSE1106', message: '"include" is for files only', span: null, path: ['include'] });
  const ground = context.ground ?? UNKNOWN_GROUND;
  const directory = resolve(context.directory);
  if (context.made === 'api') refuseRules(table, report);
  const assembly: Assembly = {
    documents: [table],
    defaults: null,
    directory,
    files: [],
    project: context.project,
    usualName: usualName(null, directory),
    environment: context.environment,
    made: context.made,
    rules:
      context.made === 'api'
        ? { policy: context.present?.policy ?? PLAIN_POLICY, table: EMPTY_TABLE }
        : rulesOf([table], { ground, directory, report }),
    ground,
    present: context.made === 'api' ? (context.present?.services ?? []) : null,
    profiles: context.profiles ?? [],
    scale: {},
    readText: (path, span, to) =>
      context.made === 'library'
        ? (readSource(path, { trust: 'skip', report: to, span })?.text ?? null)
        : noFiles(path, to),
    check: context.check,
    faults,
  };
  return assemble(assembly);
}

// They hold whatever a document says; one that says something of them would be believed to have changed them.
function refuseRules(table: Table, report: Report): void {
  for (const [key, { key: at, value }] of table.entries)
    if (RULE_KEYS.includes(key))
      report({
        code: 'RSE1120',
        message: `"${key}" is a rule of the project and cannot stand in a definition of the API`,
        span: at ?? value.span,
        path: [key],
        hint: 'write it into the file that the daemon loads, or into /etc/rouse/config.toml',
      });
}

function noFiles(path: string, report: Report): null {
  const message = `cannot read "${path}": a definition that did not come from a file cannot name one`;
  report({ code: 'RSE0106', message, span: null, path: [], hint: 'write the variables under "env"' });
  return null;
}

function refusal(faults: readonly Fault[], files: Gathered['files']): DefinitionError {
  return new DefinitionError(inOrder(faults.map(issueOf), files));
}

/** The table of the file of rules, as a list of none or one. It is held to the rule of ownership as definitions are. */
function rulesFile({ rulesFile: named }: Ground, trust: LoadOptions['trust'], report: Report): readonly Table[] {
  if (named === null || (named.need === 'optional' && !existsSync(named.path))) return [];
  const source = readSource(named.path, { trust, report, span: null });
  const syntax = syntaxOf(named.path) ?? 'toml';
  const tree = source === null ? null : parseSource(source, syntax === 'script' ? 'toml' : syntax, report);
  return tree === null ? [] : [shapeRules(tree, report)];
}

function defaultsBeside(directory: string, options: LoadOptions, report: Report): Table | null {
  const path = join(directory, 'config.defaults.toml');
  if (!existsSync(path)) return null;
  const source = readSource(path, { trust: options.trust, report, span: null });
  // The file belongs to others as well: what they write there is not looked at.
  const ours: Report = (fault) => {
    if (fault.code === 'RSE0105' || fault.path[0] === 'orchestrator') report(fault);
  };
  const tree = source === null ? null : parseSource(source, 'toml', ours);
  return tree?.type === 'table' ? tree : EMPTY_TABLE;
}

function dotEnv(directory: string, options: LoadOptions, report: Report): Record<string, string> {
  const found: Record<string, string> = {};
  for (const name of ['.env', '.env.local']) {
    const path = join(directory, name);
    const text = existsSync(path) ? readSource(path, { trust: options.trust, report, span: null })?.text : undefined;
    Object.assign(found, defined(text === undefined || text === null ? {} : parseEnv(text)));
  }
  return found;
}

function defined(values: Readonly<Record<string, string | undefined>>): Record<string, string> {
  const entries = Object.entries(values).filter((entry): entry is [string, string] => entry[1] !== undefined);
  return Object.fromEntries(entries);
}
