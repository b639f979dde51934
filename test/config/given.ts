/** Definitions in folders of their own, and their faults in a line each. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { onTestFinished } from 'vitest';
import type { LoadedDefinition } from '../../src/config/assemble.ts';
import {
  type DocumentContext,
  type LoadOptions,
  loadDefinition,
  parseDefinitionDocument,
} from '../../src/config/load.ts';
import { DefinitionError, type Issue, RouseError } from '../../src/model/errors.ts';
import type { Spec } from '../../src/model/spec.ts';

/** A fresh folder with these files; removed when the test has ended. */
export function folderWith(files: Readonly<Record<string, string>>): string {
  const folder = mkdtempSync(join(tmpdir(), 'rouse-config-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, name)), { recursive: true });
    writeFileSync(join(folder, name), text);
  }
  return folder;
}

const USUAL: LoadOptions = {
  files: [],
  directory: '/',
  overlays: [],
  environment: {},
  stdin: null,
  project: null,
  evaluate: () => Promise.reject(new RouseError('RSE0103', 'nothing is evaluated here')),
  trust: 'skip',
  check: () => [],
};

/** Loads what a folder with these files holds; names in `files` are relative to it. */
export async function load(
  files: Readonly<Record<string, string>>,
  options: Partial<LoadOptions> = {},
): Promise<LoadedDefinition> {
  const directory = folderWith(files);
  const named = (options.files ?? []).map((file) => (file === '-' ? file : join(directory, file)));
  return await loadDefinition({ ...USUAL, directory, ...options, files: named });
}

/** The service of that name, or the only one, of a `rouse.toml`. */
export async function specOf(text: string, options: Partial<LoadOptions> = {}): Promise<Spec> {
  const { definition } = await load({ 'rouse.toml': text }, options);
  const [spec] = definition.services;
  if (spec === undefined) throw new Error('the text defines no service');
  return spec;
}

/** The faults of the files: `CODE file:line:column+length message`, in the order reported. */
export async function faultsIn(
  files: Readonly<Record<string, string>>,
  options: Partial<LoadOptions> = {},
): Promise<string[]> {
  return (await issuesIn(files, options)).map(faultLine);
}

/** The faults of a `rouse.toml`. */
export async function faultsOf(text: string, options: Partial<LoadOptions> = {}): Promise<string[]> {
  return await faultsIn({ 'rouse.toml': text }, options);
}

/** The issues of the files; empty when they load. */
export async function issuesIn(
  files: Readonly<Record<string, string>>,
  options: Partial<LoadOptions> = {},
): Promise<readonly Issue[]> {
  try {
    await load(files, options);
    return [];
  } catch (error) {
    if (error instanceof DefinitionError) return error.issues;
    throw error;
  }
}

/** The definition that a document of a program makes. */
export function document(value: unknown, context: Partial<DocumentContext> = {}): LoadedDefinition {
  const usual = { directory: '/srv/shop', project: null, environment: {}, made: 'library', check: () => [] } as const;
  return parseDefinitionDocument(value, { ...usual, ...context });
}

/** The faults of a document. */
export function documentFaults(value: unknown, context: Partial<DocumentContext> = {}): string[] {
  try {
    document(value, context);
    return [];
  } catch (error) {
    if (error instanceof DefinitionError) return error.issues.map(faultLine);
    throw error;
  }
}

function faultLine(issue: Issue): string {
  const { code, origin, length, message, path } = issue;
  const file = origin?.file.replace(/^.*\//, '') ?? '';
  const place = origin === null ? path.join('.') : `${file}:${origin.line}:${origin.column}+${length}`;
  return `${code} ${place} ${message.replaceAll(/\/\S*\/rouse-config-[^/"]*/g, '<folder>')}`;
}
