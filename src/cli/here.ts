/** What is in a folder that could become a definition: for `rouse init`, and for `rouse` alone. */
import { existsSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { FILE_NAMES } from '../config/discover.ts';
import { escapeLine } from './render/escape.ts';
import type { Session } from './session.ts';

/** A service that a file of the folder speaks of. `command` null: nothing of it can be run as it stands. */
export interface Found {
  readonly name: string;
  readonly command: string | null;
  readonly dependsOn: readonly string[];
  readonly health: string | null;
  /** What is to be looked at by hand. */
  readonly note: string | null;
}

/** A file that was looked at, with what it holds. */
export interface FoundFile {
  readonly file: string;
  readonly services: readonly Found[];
}

const COMPOSE_NAMES = ['compose.yaml', 'compose.yml', 'docker-compose.yaml', 'docker-compose.yml'];
// Scripts that keep running until they are stopped; others end by themselves or build.
const LASTING_SCRIPTS = ['dev', 'start', 'serve', 'server', 'worker', 'web', 'api'];

/** The files of a folder that speak of services, and what they say. Files that cannot be read are left out. */
export async function lookAround(folder: string): Promise<readonly FoundFile[]> {
  const compose = COMPOSE_NAMES.find((name) => existsSync(join(folder, name)));
  const found = [
    await tryFile(folder, 'Procfile', (text) => Promise.resolve(fromProcfile(text))),
    compose === undefined ? null : await tryFile(folder, compose, fromCompose),
    await tryFile(folder, 'package.json', (text) => Promise.resolve(fromPackage(text))),
  ];
  return found.filter((each) => each !== null);
}

async function tryFile(
  folder: string,
  file: string,
  read: (text: string) => Promise<readonly Found[]>,
): Promise<FoundFile | null> {
  const path = join(folder, file);
  if (!existsSync(path)) return null;
  try {
    return { file, services: await read(readFileSync(path, 'utf8')) };
  } catch {
    // A file of another tool that cannot be read is no fault of the user's command; it is as if it were not there.
    return null;
  }
}

/** `web: node server.js`, a line a service. */
function fromProcfile(text: string): readonly Found[] {
  return text.split('\n').flatMap((line) => {
    const [, name, command] = /^([A-Za-z0-9_-]+)\s*:\s*(\S.*)$/.exec(line) ?? [];
    if (name === undefined || command === undefined) return [];
    return [{ name: nameOf(name), command: command.trim(), dependsOn: [], health: null, note: null }];
  });
}

/** Scripts that last; of `dev` and `start` only the first that is there. */
function fromPackage(text: string): readonly Found[] {
  const manifest: unknown = JSON.parse(text);
  const scripts = isRecord(manifest) && isRecord(manifest['scripts']) ? manifest['scripts'] : {};
  const lasting = LASTING_SCRIPTS.filter((name) => typeof scripts[name] === 'string');
  const kept = lasting.filter((name) => !(name === 'start' && lasting.includes('dev')));
  return kept.map((name) => ({ name, command: `npm run ${name}`, dependsOn: [], health: null, note: null }));
}

/** Services of a Compose file. Those with an image alone cannot be run by this version, and say so. */
async function fromCompose(text: string): Promise<readonly Found[]> {
  const { parse } = await import('yaml');
  const document: unknown = parse(text);
  const services = isRecord(document) && isRecord(document['services']) ? document['services'] : {};
  return Object.entries(services).map(([name, service]) => fromComposeService(name, isRecord(service) ? service : {}));
}

function fromComposeService(name: string, service: Readonly<Record<string, unknown>>): Found {
  const { depends_on: needs, ports, image, command } = service;
  const dependsOn = Array.isArray(needs)
    ? needs.filter((need) => typeof need === 'string')
    : Object.keys(isRecord(needs) ? needs : {});
  const port = hostPort(Array.isArray(ports) ? ports[0] : undefined);
  const isContainer = typeof image === 'string';
  const own = isContainer || typeof command !== 'string' ? null : command;
  return {
    name: nameOf(name),
    command: own,
    dependsOn: dependsOn.map(nameOf),
    health: port === null ? null : `tcp://localhost:${port}`,
    note: own !== null ? null : isContainer ? `it was the image ${image}` : 'its command stands in a Dockerfile',
  };
}

/** The port on this machine out of `8080:80`, `127.0.0.1:8080:80` or `8080`; null for anything else. */
function hostPort(port: unknown): string | null {
  const parts =
    typeof port === 'string' || typeof port === 'number' ? String(port).split('/')[0]?.split(':') : undefined;
  const host = parts?.at(parts.length > 1 ? -2 : -1);
  return host !== undefined && /^\d+$/.test(host) ? host : null;
}

/** A service name that Rouse takes. */
function nameOf(name: string): string {
  return name
    .toLowerCase()
    .replace(/[^a-z0-9._-]+/g, '-')
    .replace(/^[^a-z]+/, '')
    .slice(0, 63);
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** `here: …`: what is in the folder, and what to type next. */
export async function hereLines({ cwd }: Session): Promise<readonly string[]> {
  const own = FILE_NAMES.find((name) => existsSync(join(cwd, name)));
  if (own !== undefined) return ['', `here: ${own} in ${escapeLine(basename(cwd))} · try: rouse up`];
  const found = await lookAround(cwd);
  const seen = found.map(({ file, services }) => {
    const names = services.map(({ name }) => escapeLine(name)).join(', ');
    return names === '' ? file : `${file} (${names})`;
  });
  return [
    '',
    `here: ${seen.length === 0 ? '' : `${seen.join(', ')} · `}no rouse file yet · try: rouse init, or rouse demo`,
  ];
}
