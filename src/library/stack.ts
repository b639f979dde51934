/** Stacks: definitions with checked names, from a program's own words or from files. */
import { resolve } from 'node:path';
import { loadDefinition, parseDefinitionDocument } from '../config/load.ts';
import type { Definition } from '../model/spec.ts';
import type { ServiceFunction } from '../supervisor/function.ts';
import { check } from '../supervisor/offline.ts';
import { evaluate } from '../supervisor/script.ts';
import type { ServiceDef, Services } from './service-words.ts';

/** A definition that can be brought up, as often as wished. `N` are the names of its services. */
export interface Stack<N extends string = string> {
  readonly name: string;
  /** In the order of declaration. */
  readonly services: readonly N[];
  readonly definition: Definition;
  /** The functions of services with `run`, by name. */
  readonly functions: ReadonlyMap<string, ServiceFunction>;
  readonly environment: Readonly<Record<string, string | undefined>>;
}

/** What a stack is declared with. */
export interface StackDef<N extends string> {
  readonly name: string;
  readonly services: Services<N>;
}

/**
 * The stack of these services. Relative paths start from the working folder, variables come from the environment.
 * Errors: DefinitionError with every fault.
 */
export function defineStack<const N extends string>(def: StackDef<N>): Stack<N> {
  const environment = { ...process.env };
  const { definition } = parseDefinitionDocument(def, {
    directory: process.cwd(),
    project: null,
    environment,
    made: 'library',
    check,
  });
  const functions = new Map<string, ServiceFunction>();
  for (const [name, { run }] of Object.entries<ServiceDef>(def.services))
    if (run !== undefined) functions.set(name, run);
  const declared = (name: string): name is N => Object.hasOwn(def.services, name);
  return {
    name: definition.name,
    services: definition.services.map(({ name }) => name).filter(declared),
    definition,
    functions,
    environment,
  };
}

/** How files are read. */
export interface LoadStackOptions {
  /** `rouse.NAME.*` beside the file, on top of it, in this order. */
  readonly overlays?: readonly string[];
}

/**
 * The stack of a definition file, or of several of which later ones win.
 * Errors: DefinitionError with every fault; RSE0103 a file cannot be read.
 */
export async function loadStack(files: string | readonly string[], options: LoadStackOptions = {}): Promise<Stack> {
  const environment = { ...process.env };
  const { definition } = await loadDefinition({
    files: (typeof files === 'string' ? [files] : files).map((file) => resolve(file)),
    directory: process.cwd(),
    overlays: options.overlays ?? [],
    environment,
    stdin: null,
    project: null,
    evaluate,
    trust: 'check',
    check,
  });
  const services = definition.services.map(({ name }) => name);
  return { name: definition.name, services, definition, functions: new Map(), environment };
}
