/** The definition that is meant: which files, loaded here, and what of it is handed to the daemon. */
import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { text as textOf } from 'node:stream/consumers';
import { parseEnv } from 'node:util';
import type { LoadedDefinition } from '../config/assemble.ts';
import { discover } from '../config/discover.ts';
import type { LoadOrder } from '../contract/api-definition.ts';
import { RouseError } from '../model/errors.ts';
import { onlyHere } from './only-here.ts';
import { usage } from './options.ts';
import type { Session } from './session.ts';

/** What the daemon needs to load a definition by itself, and what is known of it already. */
export interface Handover {
  /** Absolute. */
  readonly files: readonly string[];
  /** Of the caller's environment, those that the files name. */
  readonly variables: Readonly<Record<string, string>>;
  readonly loaded: LoadedDefinition;
}

/**
 * The files that are meant, absolute, `-` for standard input: those of the flags, else the one found from here.
 * Errors: RSE0101, RSE0102.
 */
export function definitionFiles({ flags, cwd, env }: Session): readonly string[] {
  const named = flags.files.map((file) => (file === '-' ? file : resolve(cwd, file)));
  return named.length > 0 ? named : discover(cwd, env).files;
}

/** The definition of these files; of those that are meant when none is named. Errors: RSE0101, RSE0102; DefinitionError. */
export async function loadHere(session: Session, files: readonly string[]): Promise<LoadedDefinition> {
  const { loadDefinition } = await import('../config/load.ts');
  const { check } = await import('../supervisor/offline.ts');
  const { groundOf } = await import('../supervisor/ground.ts');
  const { flags, cwd } = session;
  const named = files.map((file) => (file === '-' ? file : resolve(cwd, file)));
  const paths = named.length > 0 ? named : definitionFiles(session);
  return loadDefinition({
    files: paths,
    directory: cwd,
    overlays: flags.overlays,
    profiles: flags.profiles ?? [],
    environment: environmentOf(session),
    stdin: paths.includes('-') ? await textOf(process.stdin) : null,
    project: flags.project,
    evaluate: async (path) => (await import('../supervisor/script.ts')).evaluate(path),
    trust: 'check',
    check,
    ground: groundOf(session.env),
  });
}

/** What the daemon is told to read. Profiles that nobody speaks of stay as they are there. */
export function loadOrderOf({ flags }: Session, { files, variables }: Handover): LoadOrder {
  const { overlays, profiles } = flags;
  return { files, variables, overlays, ...(profiles === null ? {} : { profiles }) };
}

/** Loads the definition here, so that nothing is done when it has problems, and says what the daemon needs of it. Errors: also RSE0107. */
export async function handoverOf(session: Session): Promise<Handover> {
  onlyHere(session, 'hand files over');
  const files = definitionFiles(session);
  if (files.includes('-'))
    throw usage('cannot run what comes from standard input: the daemon cannot read it again', 'name a file: -f FILE');
  const loaded = await loadHere(session, []);
  const environment = environmentOf(session);
  const variables = loaded.variables.flatMap((name) => {
    const value = environment[name];
    return value === undefined ? [] : [[name, value] as const];
  });
  return { files, variables: Object.fromEntries(variables), loaded };
}

/** The shell's variables, and below them those of `--env-file`. Errors: RSE0103. */
function environmentOf({ flags, cwd, env }: Session): Readonly<Record<string, string | undefined>> {
  const texts = flags.envFiles.map((file) => readText(resolve(cwd, file)));
  return { ...Object.assign({}, ...texts.map((text) => parseEnv(text))), ...env };
}

function readText(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (cause) {
    const why = cause instanceof Error && 'code' in cause ? String(cause.code) : String(cause);
    throw new RouseError('RSE0103', `cannot read "${path}": ${why}`, { cause, hint: 'see --env-file' });
  }
}
