/** The environment of a service: its own variables, those of its files, those it takes over. */
import { resolve } from 'node:path';
import { parseEnv } from 'node:util';
import { VARIABLE_NAME } from '../contract/definition-confinement.ts';
import type { ServiceInput } from '../contract/definition-service.ts';
import type { Fault, Report } from './fault.ts';
import { writtenIn } from './probe.ts';
import type { Span } from './source.ts';
import { type Path, type Table, type Tree, childOf, keySpanAt, textsOf } from './tree.ts';

/** What the reading of an environment needs. `readText` reports by itself and answers null. */
export interface EnvironmentPlace {
  readonly service: string;
  readonly table: Table;
  readonly path: Path;
  readonly directory: string;
  readonly readText: (path: string, span: Span | null) => string | null;
  readonly report: Report;
  /** Takes what is no fault but should be known. */
  readonly warn: Report;
}

/** Variables that steer loaders and interpreters. Source: ld.so(8), node(1), bash(1), perlrun(1). */
export const LOADERS = /^(?:LD_.*|DYLD_.*|NODE_OPTIONS|BASH_ENV|ENV|PYTHON.*PATH|PERL5LIB|RUBYOPT|GCONV_PATH|IFS)$/;
const SECRET = /pass|secret|token|key|credential|auth|dsn/i;
const MAX_BYTES = 128 * 1024;

/** The variables: files in order, then `env`. Faults are RSE1112, and RSE1102 beyond 128 KiB. */
export function environmentOf(input: ServiceInput, place: EnvironmentPlace): Readonly<Record<string, string>> {
  const allowed = input.allow_loader_env ?? [];
  const env: Record<string, string> = {};
  for (const file of textsOf(childOf(place.table, 'env_file'))) {
    const path = resolve(writtenIn(file.span?.source.path) ?? place.directory, String(file.value));
    const text = place.readText(path, file.span);
    for (const [name, value] of Object.entries(text === null ? {} : parseEnv(text))) {
      checkName(name, { ...place, allowed, span: file.span, at: ['env_file'] });
      if (value !== undefined) env[name] = value;
    }
  }
  const written = childOf(place.table, 'env');
  for (const [name, value] of Object.entries(input.env ?? {})) {
    checkName(name, { ...place, allowed, span: keySpanAt(place.table, ['env', name]), at: ['env', name] });
    checkValue(name, { value, tree: written }, place);
    env[name] = value;
  }
  checkSize(env, place);
  return env;
}

/** The names taken over. Faults are RSE1112. */
export function inheritedOf(input: ServiceInput, place: EnvironmentPlace): readonly string[] {
  const allowed = input.allow_loader_env ?? [];
  const list = childOf(place.table, 'inherit_env');
  for (const name of textsOf(list))
    checkName(String(name.value), { ...place, allowed, span: name.span, at: ['inherit_env'] });
  return input.inherit_env ?? [];
}

interface NamePlace extends EnvironmentPlace {
  readonly allowed: readonly string[];
  readonly span: Span | null;
  readonly at: Path;
}

function checkName(name: string, place: NamePlace): void {
  if (!VARIABLE_NAME.test(name)) {
    refuse(place, {
      message: `"${name}" cannot be the name of a variable`,
      hint: 'names are letters, digits and "_", do not begin with a digit, and have at most 128 characters',
    });
  } else if (LOADERS.test(name) && !place.allowed.includes(name)) {
    refuse(place, {
      message: `"${name}" changes which code the program of "${place.service}" loads`,
      hint: `if that is wanted: allow_loader_env = ["${name}"]`,
    });
  }
}

function refuse(place: NamePlace, words: Pick<Fault, 'message' | 'hint'>): void {
  const path = [...place.path, ...place.at];
  place.report({ code: 'RSE1112', ...words, span: place.span, path, services: [place.service] });
}

function checkValue(
  name: string,
  { value, tree }: { value: string; tree: Tree | undefined },
  place: EnvironmentPlace,
): void {
  const path = [...place.path, 'env', name];
  const span = tree === undefined ? null : (childOf(tree, name)?.span ?? null);
  const services = [place.service];
  if (value.includes('\0'))
    place.report({ code: 'RSE1112', message: `the value of "${name}" holds a NUL`, span, path, services });
  const text = span?.source.text?.slice(span.start, span.end) ?? '';
  if (SECRET.test(name) && value.length >= 8 && text !== '' && !text.includes('${'))
    place.warn({
      code: 'RSE1118',
      message: `the value of "${name}" of "${place.service}" stands in the definition`,
      span,
      path,
      hint: `write "\${${name}}" and set it in the environment or in .env`,
      services,
    });
}

function checkSize(env: Readonly<Record<string, string>>, place: EnvironmentPlace): void {
  const bytes = Object.entries(env).reduce(
    (sum, [name, value]) => sum + Buffer.byteLength(name) + Buffer.byteLength(value) + 2,
    0,
  );
  if (bytes > MAX_BYTES)
    place.report({
      code: 'RSE1102',
      message: `the environment of "${place.service}" has ${bytes} bytes, ${MAX_BYTES} at most`,
      span: keySpanAt(place.table, ['env']),
      path: [...place.path, 'env'],
      services: [place.service],
    });
}
