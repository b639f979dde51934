/** From documents in one shape to a definition: merge, layer, fill in, build, check. No file is touched here. */
import { definitionSchema } from '../contract/definition-file.ts';
import { z } from 'zod';
import type { Issue } from '../model/errors.ts';
import { DefinitionError } from '../model/errors.ts';
import { nearest } from '../model/nearest.ts';
import type { Definition, Origin, Spec } from '../model/spec.ts';
import type { Ground } from '../model/ground.ts';
import { type Asking, checkAsked } from './asked.ts';
import { type Fault, type Report, inOrder, issueOf } from './fault.ts';
import { checkConflicts } from './conflicts.ts';
import { definitionHash } from './hash.ts';
import { layered, mergeDocuments } from './merge.ts';
import { isProjectName } from './project-name.ts';
import { type Scale, declaredCounts, membersOf, withReplicas } from './replicas.ts';
import { checked } from './schema-fault.ts';
import { documentOf, originsOf, withRules } from './resolved.ts';
import type { ReadRules } from './rules.ts';
import { settingsOf } from './settings.ts';
import type { Span } from './source.ts';
import { type Building, specOf } from './spec.ts';
import type { MergedService } from './stand-in.ts';
import { type Path, type Table, EMPTY_TABLE, childOf, plainOf, textOf, textsOf } from './tree.ts';
import { type Place, type Variables, expand, expandTree } from './variables.ts';

/** A definition with what is known of how it came about. */
export interface LoadedDefinition {
  readonly definition: Definition;
  /** The merged, filled-in document, in short key names: what `rouse config` prints. JSON-able. */
  readonly resolved: Readonly<Record<string, unknown>>;
  /** Where each value of `resolved` was written, by JSON pointer. */
  readonly origins: ReadonlyMap<string, Origin>;
  /** Names of the environment that the definition asks for, set or not; sorted. */
  readonly variables: readonly string[];
  /** How many of each service the documents ask for, before anybody scaled it; only those that may have several. */
  readonly replicas: ReadonlyMap<string, number>;
  /** What is no fault but should be known. */
  readonly warnings: readonly Issue[];
}

/** Finds faults of the graph; each with the origin of the edge. */
export type CheckGraph = (specs: readonly Spec[]) => readonly Issue[];

/** What an assembly is made from. */
export interface Assembly {
  /** In one shape; later ones win. */
  readonly documents: readonly Table[];
  /** The root of `config.defaults.toml`, or null. */
  readonly defaults: Table | null;
  readonly directory: string;
  readonly files: readonly string[];
  /** The name that wins over the document's, or null. */
  readonly project: string | null;
  /** The name when nobody gives one. */
  readonly usualName: string;
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** By whom: definitions of the API may ask for less. */
  readonly made: 'file' | 'library' | 'api';
  /** What is allowed at all, and where that is said. */
  readonly rules: ReadRules;
  readonly ground: Ground;
  /** The services that a document of the API is to replace; null for everything else. */
  readonly present: readonly Spec[] | null;
  /** Profiles that are switched on. */
  readonly profiles: readonly string[];
  /** How many there are to be of some services, whatever the documents say. */
  readonly scale: Scale;
  readonly readText: (path: string, span: Span | null, report: Report) => string | null;
  readonly check: CheckGraph;
  /** Faults found before; the assembly adds its own and throws them all. */
  readonly faults: readonly Fault[];
}

const MAX_SERVICES = 10_000;

/** The definition. Errors: DefinitionError with every fault, in the order of files and lines. */
export function assemble(assembly: Assembly): LoadedDefinition {
  const faults: Fault[] = [...assembly.faults];
  const warnings: Fault[] = [];
  const report: Report = (fault) => void faults.push(fault);
  const merged = assembly.documents.reduce(mergeDocuments, EMPTY_TABLE);
  const declared = layeredServices(merged, report);
  const services = withReplicas(declared, assembly.scale, report);
  if (declared.length <= MAX_SERVICES && services.length > MAX_SERVICES) tooMany(services.length, merged, report);
  const variables = variablesOf(assembly, merged, { services: [...declared, ...services], report });
  const name = nameOf(assembly, merged, variables);
  const named: Variables = { ...variables, project: { ...variables.project, name } };
  const settings = settingsOf(merged, assembly.defaults, report);
  const { policy } = assembly.rules;
  const { findProgram } = assembly.ground;
  const building: Building = {
    variables: named,
    directory: assembly.directory,
    ...allowedOf(assembly),
    readText: (path, span) => assembly.readText(path, span, report),
    report,
    warn: (warning) => void warnings.push(warning),
    members: membersOf(services),
    profiles: new Set(assembly.profiles),
    listed: { rules: policy.commands, directory: assembly.directory, nuPath: settings.nuPath, findProgram },
  };
  const filled = services.map((service) => fill(service, named));
  const specs = filled.map((service) => specOf(service, building));
  const asking: Asking = { policy, ground: assembly.ground, present: assembly.present, report };
  specs.forEach((spec, index) => {
    const service = filled[index];
    if (service !== undefined) checkAsked(service, spec, asking);
  });
  checkConflicts(filled, report);
  checkTop(merged, named);
  const graph = assembly.check(specs);
  const issues = inOrder([...faults.map(issueOf), ...graph], assembly.files);
  if (issues.length > 0) throw new DefinitionError(issues);
  const { directory, files } = assembly;
  const whole = { name, directory, files, services: specs, settings, policy };
  const document = documentOf(withRules(merged, assembly.rules.table), { name, services: filled, variables: named });
  return {
    definition: { ...whole, hash: definitionHash(whole) },
    resolved: plainOf(document) as Record<string, unknown>,
    origins: originsOf(document),
    variables: [...named.used].toSorted(),
    replicas: declaredCounts(declared),
    warnings: inOrder(warnings.map(issueOf), assembly.files),
  };
}

/** Where checks may go, and whether a shell is granted. */
function allowedOf({ made, rules }: Assembly): Pick<Building, 'reach' | 'shells'> {
  const { apiDefinitions, probeHosts } = rules.policy;
  const isApi = made === 'api';
  return {
    reach: { hosts: isApi && apiDefinitions.probes === 'loopback' ? 'loopback' : 'any', also: probeHosts },
    shells: isApi && apiDefinitions.shell === 'refused' ? 'refused' : 'granted',
  };
}

function layeredServices(merged: Table, report: Report): readonly MergedService[] {
  const services = childOf(merged, 'services');
  const templates = childOf(merged, 'templates');
  const defaults = childOf(merged, 'defaults');
  if (services?.type !== 'table') return [];
  if (services.entries.size > MAX_SERVICES) tooMany(services.entries.size, merged, report);
  return [...services.entries].slice(0, MAX_SERVICES).flatMap(([name, { key, value }]) => {
    if (value.type !== 'table') return [];
    const used = textsOf(childOf(value, 'use')).flatMap((use) => {
      const template = childOf(templates, String(use.value));
      if (template?.type === 'table') return [template];
      unknownTemplate({ name, use: String(use.value), span: use.span }, templates, report);
      return [];
    });
    const layers = defaults?.type === 'table' ? [defaults, ...used] : used;
    return [{ name, table: layered(layers, value), span: declaredAt(key, value) }];
  });
}

function tooMany(count: number, merged: Table, report: Report): void {
  report({
    code: 'RSE1116',
    message: `the definition has ${count} services, ${MAX_SERVICES} at most`,
    span: childOf(merged, 'services')?.span ?? null,
    path: ['services'],
  });
}

/** A TOML header is the place of a service; elsewhere it is the key. */
function declaredAt(key: Span | null, table: Table): Span | null {
  const { span } = table;
  return key === null || (span !== null && span.source.text?.[span.start] === '[') ? span : key;
}

function unknownTemplate(
  { name, use, span }: { name: string; use: string; span: Span | null },
  templates: ReturnType<typeof childOf>,
  report: Report,
): void {
  const known = templates?.type === 'table' ? [...templates.entries.keys()] : [];
  const near = nearest(use, known);
  report({
    code: 'RSE1205',
    message: `"${name}" uses the template "${use}", which does not exist`,
    span,
    path: ['services', name, 'use'],
    suggestion: near === null ? null : `"${near}"`,
    hint: known.length === 0 ? `define it: [templates.${use}]` : `known are ${known.slice(0, 20).join(', ')}`,
    services: [name],
  });
}

function variablesOf(
  assembly: Assembly,
  merged: Table,
  { services, report }: { services: readonly MergedService[]; report: Report },
): Variables {
  const vars = childOf(merged, 'vars');
  return {
    environment: assembly.environment,
    vars: vars?.type === 'table' ? vars : EMPTY_TABLE,
    project: { directory: assembly.directory, name: null },
    services: new Map(services.map((service) => [service.name, service.table])),
    report,
    used: new Set(),
    known: new Map(),
  };
}

/** The project's name; a name that cannot be one is RSE1109. */
function nameOf(assembly: Assembly, merged: Table, variables: Variables): string {
  const tree = childOf(merged, 'name');
  const written = textOf(tree);
  const span = tree?.span ?? null;
  const place: Place = { variables, service: null, text: written ?? '', span, path: ['name'] };
  const name = assembly.project ?? (written === null ? assembly.usualName : expand(place));
  if (!isProjectName(name))
    variables.report({
      code: 'RSE1109',
      message: `"${name}" cannot be the name of a project`,
      span: assembly.project === null ? span : null,
      path: ['name'],
      hint: 'begin with a lower-case letter, go on with a-z, 0-9, ".", "_" and "-", at most 63 characters',
    });
  return name;
}

/** Texts that are commands: split first, filled in afterwards. */
function isCommandText(path: Path): boolean {
  const [, , key, inner, ...deeper] = path;
  if (key === 'hooks')
    return inner !== undefined && (deeper.length === 0 || (deeper.length === 1 && deeper[0] === 'command'));
  if (inner === undefined) return ['command', 'start_command', 'stop_command', 'status_command'].includes(String(key));
  return (
    deeper.length === 0 &&
    ((inner === 'exec' && (key === 'health' || key === 'ready')) || (inner === 'command' && key === 'stop'))
  );
}

// The words of a command are filled in one by one, so that a value stays within its word.
const isCommandWord = (path: Path): boolean => typeof path.at(-1) === 'number' && isCommandText(path.slice(0, -1));

function fill(service: MergedService, variables: Variables): MergedService {
  const place = { variables, service: service.name, path: ['services', service.name] };
  const leave = (path: Path): boolean => isCommandText(path) || isCommandWord(path);
  const table = expandTree(service.table, place, leave);
  return table.type === 'table' ? { ...service, table } : service;
}

const topSchema = z.strictObject({
  $schema: definitionSchema.shape.$schema,
  description: definitionSchema.shape.description,
  include: definitionSchema.shape.include,
  vars: definitionSchema.shape.vars,
  orchestrator: z.strictObject({ services: z.unknown() }).partial().optional(),
});

/** What belongs to no service: every variable is worked out, also one that nobody uses. */
function checkTop(merged: Table, variables: Variables): void {
  const { report } = variables;
  const keys = Object.keys(topSchema.shape);
  const tree: Table = { ...merged, entries: new Map([...merged.entries].filter(([key]) => keys.includes(key))) };
  checked(topSchema, { tree, path: [], report, services: [] });
  expandTree(variables.vars, { variables, service: null, path: ['vars'] }, () => false);
  const name = childOf(merged, 'name');
  if (name !== undefined && textOf(name) === null)
    report({ code: 'RSE1101', message: '"name" must be a text', span: name.span, path: ['name'] });
}
