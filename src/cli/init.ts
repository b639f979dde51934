/** `rouse init`: writes a rouse.toml from what is in the folder; never over one that is there. */
import { existsSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { FILE_NAMES } from '../config/discover.ts';
import { ConflictError, RouseError } from '../model/errors.ts';
import { type Found, type FoundFile, lookAround } from './here.ts';
import { printJson } from './json.ts';
import { escapeLine } from './render/escape.ts';
import { type Session, printLines } from './session.ts';
import type { Verb } from './verb.ts';

/** The verb. */
export const verb: Verb = {
  usage: '',
  examples: [
    ['rouse init', 'look at package.json, compose.yaml and Procfile, and write rouse.toml'],
    ['rouse init --dry-run', 'show it instead of writing it'],
  ],
  flags: [],
  exits: [
    [0, 'written'],
    [6, 'there is a definition already'],
  ],
  run,
};

const KEYS = ['file', 'services', 'notes'] as const;

async function run(session: Session): Promise<number> {
  const { cwd } = session;
  const there = FILE_NAMES.find((name) => existsSync(join(cwd, name)));
  if (there !== undefined)
    throw new ConflictError('RSE4010', `cannot write rouse.toml: "${there}" is here already`, {
      hint: 'bring it up: rouse up',
    });
  const found = await lookAround(cwd);
  const services = merged(found);
  const text = definitionText(basename(cwd), services);
  const path = join(cwd, 'rouse.toml');
  if (session.flags.dryRun) {
    printLines(session, [...text.trimEnd().split('\n'), '# nothing was written']);
    return 0;
  }
  write(path, text);
  const notes = services.filter(({ note }) => note !== null).map(({ name, note }) => `${name}: ${note}`);
  if (session.flags.json !== null)
    printJson(session, { file: path, services: services.map(({ name }) => name), notes }, KEYS);
  else printLines(session, report({ found, services, notes, lineCount: text.split('\n').length - 1 }));
  return 0;
}

// `wx`: whoever was quicker is not written over.
function write(path: string, text: string): void {
  try {
    writeFileSync(path, text, { flag: 'wx' });
  } catch (cause) {
    const why = cause instanceof Error && 'code' in cause ? String(cause.code) : String(cause);
    throw new RouseError('RSE0103', `cannot write "${path}": ${why}`, { cause });
  }
}

/** One list of services; a name that two files speak of is taken from the first that can run it. */
function merged(found: readonly FoundFile[]): readonly Found[] {
  const byName = new Map<string, Found>();
  for (const service of found.flatMap(({ services }) => services)) {
    const known = byName.get(service.name);
    if (known === undefined || (known.command === null && service.command !== null)) byName.set(service.name, service);
  }
  return [...byName.values()];
}

/** The definition. A service that cannot be run as it stands is written as a comment, so that the file is sound. */
export function definitionText(project: string, services: readonly Found[]): string {
  const runnable = new Set(services.filter(({ command }) => command !== null).map(({ name }) => name));
  const blocks = services.map((service) => (service.command === null ? commented(service) : block(service, runnable)));
  const example =
    '# [services.web]\n# command    = "node server.js"\n# health     = "http://localhost:3000/healthz"\n# depends_on = ["db"]\n';
  return [
    `# What runs here, and in which order. Keys: rouse explain services\nname = ${JSON.stringify(slug(project))}\n`,
    ...(blocks.length === 0 ? [example] : blocks),
  ].join('\n');
}

const slug = (text: string): string =>
  text
    .toLowerCase()
    .replace(/[^a-z0-9._-]+/g, '-')
    .replace(/^[^a-z]+/, '')
    .slice(0, 63) || 'project';

function block(service: Found, runnable: ReadonlySet<string>): string {
  const command = service.command ?? '';
  const needs = service.dependsOn.filter((name) => runnable.has(name));
  const needsShell = /[|&;<>()$`*?~#!]/.test(command);
  return [
    `[services.${key(service.name)}]`,
    `command    = ${JSON.stringify(command)}`,
    ...(needsShell ? ['shell      = true'] : []),
    ...(service.health === null ? [] : [`health     = ${JSON.stringify(service.health)}`]),
    ...(needs.length === 0 ? [] : [`depends_on = ${JSON.stringify(needs)}`]),
    '',
  ].join('\n');
}

function commented(service: Found): string {
  return [
    `# [services.${key(service.name)}]       ${escapeLine(service.note ?? '')}`,
    '# command    = "…"',
    ...(service.health === null ? [] : [`# health     = ${JSON.stringify(service.health)}`]),
    '',
  ].join('\n');
}

const key = (name: string): string => (/^[A-Za-z0-9_-]+$/.test(name) ? name : JSON.stringify(name));

interface Report {
  readonly found: readonly FoundFile[];
  readonly services: readonly Found[];
  readonly notes: readonly string[];
  readonly lineCount: number;
}

function report({ found, services, notes, lineCount }: Report): string[] {
  const files = found.map(({ file }) => file).join(' and ');
  const count = `${services.length} ${services.length === 1 ? 'service' : 'services'}`;
  return [
    `${files === '' ? '' : `Found ${files}. `}Wrote rouse.toml (${count}, ${lineCount} lines). Nothing else was changed.`,
    ...notes.map((note) => `  to be written by hand: ${escapeLine(note)}`),
    `Next: ${services.some(({ command }) => command !== null) ? 'rouse up' : 'write a service, then rouse up'}`,
  ];
}
