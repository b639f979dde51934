/** Where the definition is when nobody says it. */
import { type Dirent, existsSync, readdirSync } from 'node:fs';
import { delimiter, dirname, join, resolve } from 'node:path';
import { RouseError } from '../model/errors.ts';

/** Names of definition files, as they are looked for. */
export const FILE_NAMES: readonly string[] = [
  'rouse.toml',
  'rouse.yaml',
  'rouse.yml',
  'rouse.json',
  'rouse.jsonc',
  'rouse.config.ts',
  'rouse.config.mts',
  'rouse.config.js',
  'rouse.config.mjs',
];

const OTHER_TOOLS: Readonly<Record<string, string>> = {
  'compose.yaml': 'a Compose file',
  'compose.yml': 'a Compose file',
  'docker-compose.yaml': 'a Compose file',
  'docker-compose.yml': 'a Compose file',
  'process-compose.yaml': 'a process-compose file',
  'process-compose.yml': 'a process-compose file',
  Procfile: 'a Procfile',
  'ecosystem.config.js': 'a pm2 file',
  'package.json': 'package.json, whose scripts can become services',
};

/**
 * The definition files for a folder: those of `ROUSE_FILE` (separated by colons, relative to the folder), else the one
 * in the nearest folder upwards, as far as the first that holds a `.git`.
 * Errors: RSE0101 there is none, with what other tools' files were seen; RSE0102 a folder holds two.
 */
export function discover(start: string, env: Readonly<Record<string, string | undefined>>): { files: string[] } {
  const named = env['ROUSE_FILE'] ?? '';
  if (named !== '')
    return { files: named.split(delimiter).map((file) => (file === '-' ? file : resolve(start, file))) };
  let folder = resolve(start);
  for (;;) {
    const found = FILE_NAMES.filter((name) => namesIn(folder).has(name));
    const [first, second] = found;
    if (second !== undefined) throw two(folder, [String(first), second]);
    if (first !== undefined) return { files: [join(folder, first)] };
    const above = dirname(folder);
    if (above === folder || existsSync(join(folder, '.git'))) throw none(start, folder);
    folder = above;
  }
}

function namesIn(folder: string): ReadonlySet<string> {
  try {
    const entries: Dirent[] = readdirSync(folder, { withFileTypes: true });
    return new Set(entries.filter((entry) => !entry.isDirectory()).map((entry) => entry.name));
  } catch {
    // A folder that may not be listed holds nothing that could be read.
    return new Set();
  }
}

function two(folder: string, [first, second]: readonly [string, string]): RouseError {
  return new RouseError('RSE0102', `cannot choose a definition: "${folder}" holds "${first}" and "${second}"`, {
    hint: `remove one, or name the one you mean: -f ${first}`,
  });
}

function none(start: string, last: string): RouseError {
  const names = namesIn(resolve(start));
  const seen = Object.entries(OTHER_TOOLS).filter(([name]) => names.has(name));
  const where =
    resolve(start) === last ? `in "${last}"` : `in "${resolve(start)}" or a folder above it, up to "${last}"`;
  const others = seen.map(([name, what]) => (name === 'package.json' ? what : `${name} (${what})`)).join(', ');
  const found = seen.length === 0 ? '' : `; found ${others}`;
  return new RouseError('RSE0101', `cannot find a definition: there is no rouse.toml ${where}${found}`, {
    hint: 'write one with "rouse init", or name a file: -f FILE',
  });
}
