/** `user`, `group`, `sandbox`, `network`, `writable`, `low_ports`, `secrets` and limits of each process, of a service. */
import { resolve } from 'node:path';
import { VARIABLE_NAME } from '../contract/definition-confinement.ts';
import type { ServiceInput } from '../contract/definition-service.ts';
import { type Confinement, PLAIN_CONFINEMENT, type ProcessLimits, type Secret } from '../model/confinement.ts';
import { parseDuration, parseSize } from '../model/duration.ts';
import type { ErrorCode } from '../model/errors.ts';
import type { Spec } from '../model/spec.ts';
import { LOADERS } from './environment.ts';
import type { LifePlace } from './life.ts';
import { writtenIn } from './probe.ts';
import { originOf } from './source.ts';
import { type Path, childOf, keySpanAt, spanAt, textsOf } from './tree.ts';

/** What a definition says of it. Faults: RSE1106 where it does not fit how the service runs, RSE1112 for names of secrets. */
export function confinementOf(input: ServiceInput, place: LifePlace): Pick<Spec, 'confinement' | 'secrets'> {
  if (place.execution.type !== 'process') {
    for (const key of KEYS) if (input[key] !== undefined) unfit(key, place);
    return { confinement: PLAIN_CONFINEMENT, secrets: {} };
  }
  const sandbox = input.sandbox ?? 'default';
  if (input.writable !== undefined && sandbox !== 'strict')
    tell(place, ['writable'], {
      code: 'RSE1106',
      message: `"writable" of "${place.command.service}" is for a strict sandbox: without one it may write what its user may`,
      hint: 'set sandbox = "strict", or take it out',
    });
  const confinement: Confinement = {
    user: input.user === undefined ? null : String(input.user),
    group: input.group === undefined ? null : String(input.group),
    sandbox,
    network: input.network ?? 'host',
    writable: sandbox === 'strict' ? writableOf(place) : [],
    lowPorts: input.low_ports === true ? 'allowed' : 'refused',
    limits: processLimitsOf(input.limits),
  };
  return { confinement, secrets: secretsOf(input, place) };
}

const KEYS = ['user', 'group', 'sandbox', 'network', 'writable', 'low_ports', 'secrets'] as const;

function unfit(key: (typeof KEYS)[number], place: LifePlace): void {
  const { service } = place.command;
  const why: Readonly<Record<string, string>> = {
    command: 'which is held by another program: its commands run as the daemon',
    external: 'which is external',
    function: 'which runs inside this program',
  };
  tell(place, [key], {
    code: 'RSE1106',
    message: `"${key}" does not go with "${service}", ${why[place.execution.type] ?? 'which Rouse does not run itself'}`,
    hint: `take it out; where it comes from defaults or a template: unset = ["${key}"]`,
  });
}

// The folder of the file that wrote it, so that a template of another folder means its own.
function writableOf(place: LifePlace): readonly string[] {
  return textsOf(childOf(place.table, 'writable')).map(({ value, span }) =>
    resolve(writtenIn(span?.source.path) ?? place.directory, String(value)),
  );
}

function processLimitsOf(input: ServiceInput['limits']): ProcessLimits {
  const bytes = (text: string | undefined): number | null => (text === undefined ? null : parseSize(text));
  return {
    files: input?.files ?? null,
    coreBytes: bytes(input?.core),
    fileSizeBytes: bytes(input?.file_size),
    cpuTimeMs: input?.cpu_time === undefined ? null : parseDuration(input.cpu_time),
    stackBytes: bytes(input?.stack),
    lockedMemoryBytes: bytes(input?.locked_memory),
    nice: input?.nice ?? null,
  };
}

function secretsOf(input: ServiceInput, place: LifePlace): Readonly<Record<string, Secret>> {
  const found: [string, Secret][] = [];
  for (const [name, written] of Object.entries(input.secrets ?? {})) {
    checkName(name, { input, written }, place);
    const table = typeof written === 'string' ? { file: written } : written;
    if (table.file === undefined) {
      const message = `secret "${name}" of "${place.command.service}" needs "file"`;
      tell(place, ['secrets', name], { code: 'RSE1103', message, hint: `${name} = "/path/of/the/file"` });
      continue;
    }
    const tree = childOf(childOf(place.table, 'secrets'), name);
    const span = tree?.type === 'table' ? childOf(tree, 'file')?.span : tree?.span;
    const file = resolve(writtenIn(span?.source.path) ?? place.directory, table.file);
    found.push([name, { file, as: table.as ?? 'file', origin: originOf(keySpanAt(place.table, ['secrets', name])) }]);
  }
  return Object.fromEntries(found);
}

type Written = NonNullable<ServiceInput['secrets']>[string];

function checkName(
  name: string,
  { input, written }: { input: ServiceInput; written: Written },
  place: LifePlace,
): void {
  const { service } = place.command;
  const isVariable = typeof written !== 'string' && written.as === 'env';
  const at = ['secrets', name];
  if (!VARIABLE_NAME.test(name))
    tell(place, at, {
      code: 'RSE1112',
      message: `"${name}" cannot be the name of a secret`,
      hint: 'names are letters, digits and "_", do not begin with a digit, and have at most 128 characters',
    });
  else if (isVariable && LOADERS.test(name) && input.allow_loader_env?.includes(name) !== true)
    tell(place, at, {
      code: 'RSE1112',
      message: `"${name}" changes which code the program of "${service}" loads`,
      hint: `if that is wanted: allow_loader_env = ["${name}"]`,
    });
  else if (isVariable && input.env?.[name] !== undefined)
    tell(place, at, {
      code: 'RSE1106',
      message: `"${name}" of "${service}" is in "env" and in "secrets"`,
      hint: 'keep the secret, or let it be handed over as a file: as = "file"',
    });
}

function tell(place: LifePlace, path: Path, words: { code: ErrorCode; message: string; hint?: string }): void {
  const { service, variables } = place.command;
  const span = keySpanAt(place.table, path) ?? spanAt(place.table, path);
  variables.report({ ...words, span, path: [...place.path, ...path], services: [service] });
}
