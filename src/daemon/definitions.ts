/** Where the daemon's definitions come from: its files, and documents of the API. */
import type { Definitions } from '../api/parts.ts';
import { type LoadOptions, loadDefinition, loadRules, parseDefinitionDocument } from '../config/load.ts';
import { NotFoundError } from '../model/errors.ts';
import { UNKNOWN_GROUND } from '../model/ground.ts';
import { nearest } from '../model/nearest.ts';
import type { Definition, ServiceName } from '../model/spec.ts';
import type { DaemonOrder } from './order.ts';
import { type Scale, readScale, writeScale } from './scale-file.ts';

/** What loading needs beside the order. `environment` is the daemon's own. */
export interface DefinitionSource extends Pick<LoadOptions, 'check' | 'evaluate' | 'ground'> {
  readonly order: DaemonOrder;
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** Where numbers of replicas that were set by hand are kept. */
  readonly scaleFile: string;
}

/** The definitions of a daemon; `first` reads what it was started with: its files, or the document that was put in their place. */
export interface DaemonDefinitions extends Definitions {
  first(): Promise<Definition>;
  /** Reads the files again as they were read last. Errors: DefinitionError. */
  again(): Promise<Definition>;
}

type Present = Pick<Definition, 'name' | 'directory' | 'policy' | 'services'>;

type LoadOrder = Parameters<Definitions['load']>[0];

type Wanted = Pick<LoadOptions, 'files' | 'overlays' | 'stdin' | 'environment'> & {
  readonly profiles: readonly string[];
};

/** Definitions over the order that the daemon was started with. Errors: as `Definitions` says. */
export function createDefinitions(source: DefinitionSource): DaemonDefinitions {
  const { order, check, evaluate, ground = UNKNOWN_GROUND } = source;
  const environment = { ...source.environment, ...order.variables };
  const { overlays: first, profiles: switched = [] } = order;
  let last: Wanted = { files: order.files, overlays: first, stdin: order.stdin, environment, profiles: switched };
  let declared: ReadonlyMap<ServiceName, number> = new Map();
  const look = (wanted: Wanted, scale: Scale): ReturnType<typeof loadDefinition> =>
    loadDefinition({
      ...wanted,
      scale,
      directory: order.directory,
      project: order.naming === 'given' ? order.project : null,
      evaluate,
      trust: 'check',
      check,
      ground,
    });
  const read = async (wanted: Wanted, scale: Scale): Promise<Definition> => {
    const { definition, replicas } = await look(wanted, scale);
    last = wanted;
    declared = replicas;
    return definition;
  };
  const wantedOf = ({ files, overlays = [], variables = {}, profiles = last.profiles }: LoadOrder): Wanted => ({
    files,
    overlays,
    stdin: null,
    environment: { ...environment, ...variables },
    profiles,
  });
  const load = (wanted: Wanted): Promise<Definition> => read(wanted, readScale(source.scaleFile));
  const parse = (document: unknown, present: Present): Definition =>
    parseDefinitionDocument(document, {
      directory: present.directory,
      project: isNamed(document) ? null : present.name,
      environment,
      made: 'api',
      profiles: last.profiles,
      check,
      ground,
      present,
    }).definition;
  return {
    files: () => last.files,
    first: () => (order.document === undefined ? load(last) : rememberedOf(source, { wanted: last, parse })),
    again: () => load(last),
    load: (wanted) => load(wantedOf(wanted)),
    look: async (wanted) => (await look(wantedOf(wanted), readScale(source.scaleFile))).definition,
    scale: async (service, count) => {
      await load(last);
      const over = declared.get(service);
      if (over === undefined) throw notScalable(service, declared);
      const { [service]: _, ...others } = readScale(source.scaleFile);
      const scale = count === null ? others : { ...others, [service]: { count, over } };
      const definition = await read(last, scale);
      return { definition, keep: () => writeScale(source.scaleFile, scale) };
    },
    parse,
  };
}

/** The document that was put: it stands in place of what the files define, and never of what they allow. */
async function rememberedOf(
  { order, evaluate, ground = UNKNOWN_GROUND }: DefinitionSource,
  { wanted, parse }: { wanted: Wanted; parse: (document: unknown, present: Present) => Definition },
): Promise<Definition> {
  const { directory, project: name, document } = order;
  const policy = await loadRules({ ...wanted, directory, evaluate, trust: 'check', ground });
  // What it asks for was held against the rules when it was put, and against services that are not known here any more.
  const asked = { ...policy, apiDefinitions: { ...policy.apiDefinitions, root: 'allowed' } } as const;
  return { ...parse(document, { name, directory, policy: asked, services: [] }), policy };
}

function notScalable(service: ServiceName, declared: ReadonlyMap<ServiceName, number>): NotFoundError {
  const near = nearest(service, declared.keys());
  return new NotFoundError('RSE4001', `cannot scale "${service}": no service with "command" has that name`, {
    service,
    hint: near === null ? 'only a service that Rouse runs by "command" can have replicas' : `did you mean "${near}"?`,
  });
}

function isNamed(document: unknown): boolean {
  return typeof document === 'object' && document !== null && 'name' in document;
}
