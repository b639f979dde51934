/** Where the daemon's definitions come from: its files, and documents of the API. */
import type { Definitions } from '../api/parts.ts';
import { type LoadOptions, loadDefinition, parseDefinitionDocument } from '../config/load.ts';
import type { Definition } from '../model/spec.ts';
import type { DaemonOrder } from './order.ts';

/** What loading needs beside the order. `environment` is the daemon's own. */
export interface DefinitionSource extends Pick<LoadOptions, 'check' | 'evaluate'> {
  readonly order: DaemonOrder;
  readonly environment: Readonly<Record<string, string | undefined>>;
}

/** The definitions of a daemon; `first` reads the files that it was started with. */
export interface DaemonDefinitions extends Definitions {
  first(): Promise<Definition>;
}

/** Definitions over the order that the daemon was started with. Errors: as `Definitions` says. */
export function createDefinitions(source: DefinitionSource): DaemonDefinitions {
  const { order, check, evaluate } = source;
  const environment = { ...source.environment, ...order.variables };
  let { files } = order;
  const load = async (
    wanted: Pick<LoadOptions, 'files' | 'overlays' | 'stdin' | 'environment'>,
  ): Promise<Definition> => {
    const { definition } = await loadDefinition({
      ...wanted,
      directory: order.directory,
      project: order.naming === 'given' ? order.project : null,
      evaluate,
      trust: 'check',
      check,
    });
    files = wanted.files;
    return definition;
  };
  return {
    files: () => files,
    first: () => load({ files: order.files, overlays: order.overlays, stdin: order.stdin, environment }),
    load: ({ files: named, overlays = [], variables = {} }) =>
      load({ files: named, overlays, stdin: null, environment: { ...environment, ...variables } }),
    parse: (document, present) =>
      parseDefinitionDocument(document, {
        directory: present.directory,
        project: isNamed(document) ? null : present.name,
        environment,
        made: 'api',
        check,
      }).definition,
  };
}

function isNamed(document: unknown): boolean {
  return typeof document === 'object' && document !== null && 'name' in document;
}
