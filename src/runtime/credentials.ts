/**
 * What services are given in secret, while their runs last.
 *
 *     <runtime>/<project>/credentials/           0711, for nobody's listing
 *       <service>/                               0500, of the service's user: its CREDENTIALS_DIRECTORY
 *         <NAME>                                 0400, of the service's user
 *       .<service>                               0400, the daemon's: which run it is, and secrets that are variables
 *
 * Files are made for a run at its first use (its before_start hook, or its start) and are there until the run is over,
 * whatever becomes of the daemon meanwhile. A changed secret is a matter of the next run. A variable reaches a program
 * through the file with a dot, which the shim reads: it stands in no argument, no folder of the run and no record.
 * Source: systemd.exec(5), credentials; CREDENTIALS_DIRECTORY as services know it from there.
 */
import { chmodSync, chownSync, mkdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { StartFault } from '../model/reason.ts';
import type { ServiceName, Spec } from '../model/spec.ts';
import { findAccount } from './account.ts';
import type { Environment } from './environment.ts';
import { namesIn } from './folder-names.ts';
import { quote } from './launch-script.ts';
import { letThrough } from './passage.ts';
import { codeOf, isRunName } from './run-folder.ts';
import { readPlainFile, readSecret, secretFault } from './secret-source.ts';

/** What a run, or a command beside it, is given. */
export interface Delivered {
  readonly type: 'delivered';
  /** `CREDENTIALS_DIRECTORY`, where there are secrets. */
  readonly environment: Environment;
  /** Secrets that are variables. They go into an environment and nowhere else. */
  readonly variables: Environment;
  /** A file that sets these in a shell which reads it; null where there are none. */
  readonly script: string | null;
}

/** What the daemon keeps of a run's secrets, beside them. */
interface Note {
  readonly run: number;
  readonly variables: Readonly<Record<string, string>>;
}

/** The secrets of all services of a project. */
export interface Credentials {
  /** Hands over what the run is to have, once; asked again, it says the same. `secret` is the code of a fault. Never throws. */
  deliver(spec: Pick<Spec, 'name' | 'secrets' | 'confinement'>, run: number): Delivered | Refused;
  /** Takes everything away again, if it is that run's. Never throws. */
  remove(service: ServiceName, run: number): void;
  /** Takes away what runs left that are over. Never throws. */
  sweep(isKept: (service: ServiceName) => boolean): void;
  /** Every text that was handed to the service as far as this program knows: for hiding it where it turns up. */
  texts(service: ServiceName): readonly string[];
}

interface Refused {
  readonly type: 'fault';
  readonly fault: StartFault;
}

const NOTHING: Delivered = { type: 'delivered', environment: {}, variables: {}, script: null };
const NAME = /^[A-Za-z0-9_][A-Za-z0-9_.-]{0,127}$/;
/** Files of a folder that are looked into; the service may have put more there. */
const MOST_FILES = 100;
/** The longest that a variable may be, its name and its end included; bytes. Source: execve(2), MAX_ARG_STRLEN. */
const LONGEST_VARIABLE = 32 * 4096;

/** Keeps secrets below `folder`; `sourcesOf` says where those of a service are kept, for hiding what was handed over before. */
export function createCredentials(folder: string, sourcesOf: (service: ServiceName) => Spec['secrets']): Credentials {
  const runs = new Map<ServiceName, { readonly run: number; readonly delivered: Delivered }>();
  const known = new Map<ServiceName, Set<string>>();
  const textsOf = (service: ServiceName): Set<string> => {
    let texts = known.get(service);
    if (texts === undefined) known.set(service, (texts = textsBefore(folder, service, sourcesOf(service))));
    return texts;
  };
  return {
    deliver(spec, run) {
      if (Object.keys(spec.secrets).length === 0) return NOTHING;
      const last = runs.get(spec.name);
      if (last?.run === run) return last.delivered;
      const texts = textsOf(spec.name);
      const delivered = takenOver(folder, spec.name, run) ?? handOver(folder, { spec, run, texts });
      if (delivered.type === 'delivered') runs.set(spec.name, { run, delivered });
      return delivered;
    },
    remove(service, run) {
      const last = runs.get(service)?.run ?? noteIn(folder, service)?.run;
      if (last !== run) return;
      runs.delete(service);
      take(folder, service);
    },
    sweep(isKept) {
      const services = new Set(namesIn(folder).map((name) => name.replace(/^\.(?:new\.)?/, '')));
      for (const service of services) if (!isRunName(service) || !isKept(service)) take(folder, service);
      if (namesIn(folder).length > 0) letThrough(folder);
    },
    texts: (service) => [...textsOf(service)],
  };
}

/** What was handed over by any daemon and is still there, as text. Never throws. */
export function deliveredTexts(folder: string, service: ServiceName): readonly string[] {
  const inside = join(folder, service);
  const files = namesIn(inside)
    .slice(0, MOST_FILES)
    .map((name) => readPlainFile(join(inside, name)));
  return [...files, ...Object.values(noteIn(folder, service)?.variables ?? {})].filter((text) => text !== '');
}

function textsBefore(folder: string, service: ServiceName, sources: Spec['secrets']): Set<string> {
  const texts = new Set(deliveredTexts(folder, service));
  for (const [name, secret] of Object.entries(sources)) {
    const read = readSecret(name, secret);
    if (read.type === 'read') texts.add(read.bytes.toString());
  }
  return texts;
}

/** What a daemon before this one has handed to the same run. */
function takenOver(folder: string, service: ServiceName, run: number): Delivered | null {
  const note = noteIn(folder, service);
  return note?.run === run ? deliveredBy(folder, service, note) : null;
}

interface HandOver {
  readonly spec: Pick<Spec, 'name' | 'secrets' | 'confinement'>;
  readonly run: number;
  readonly texts: Set<string>;
}

function handOver(folder: string, { spec, run, texts }: HandOver): Delivered | Refused {
  const files: [name: string, bytes: Buffer][] = [];
  const variables: Record<string, string> = {};
  for (const [name, secret] of Object.entries(spec.secrets)) {
    const refuse = (why: string, hint: string | null): Refused => ({
      type: 'fault',
      fault: secretFault(name, why, hint),
    });
    if (!NAME.test(name)) return refuse('it is no name of a file', 'use letters, digits and _');
    const read = readSecret(name, secret);
    if (read.type === 'fault') return read;
    texts.add(read.bytes.toString());
    if (secret.as === 'file') {
      files.push([name, read.bytes]);
      continue;
    }
    const text = read.bytes.toString().replace(/\r?\n$/, '');
    if (text.includes('\0') || Buffer.byteLength(text) + name.length + 2 > LONGEST_VARIABLE)
      return refuse(
        `what "${secret.file}" holds does not fit into a variable`,
        'leave out as = "env": it is then a file',
      );
    variables[name] = text;
  }
  try {
    const note = { run, variables };
    const unpassable = write(folder, { spec, files, note });
    if (unpassable !== null) return { type: 'fault', fault: unpassable };
    return deliveredBy(folder, spec.name, note);
  } catch (cause) {
    take(folder, spec.name);
    const [name = ''] = Object.keys(spec.secrets);
    const why = `"${folder}" cannot be written to (${codeOf(cause) ?? String(cause)})`;
    return { type: 'fault', fault: secretFault(name, why, 'set ROUSE_RUNTIME_DIR to a folder that can be written to') };
  }
}

interface Written {
  readonly spec: HandOver['spec'];
  readonly files: readonly (readonly [name: string, bytes: Buffer])[];
  readonly note: Note;
}

/** Makes the files beside and puts them in place whole. Gives why the user of the service cannot come to them. */
function write(folder: string, { spec: { name, secrets, confinement }, files, note }: Written): StartFault | null {
  const own = process.getuid?.() ?? 0;
  const account = confinement.user === null ? null : findAccount(confinement.user);
  const uid = own === 0 ? (account?.uid ?? 0) : own;
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  take(folder, name);
  const fresh = join(folder, `.new.${name}`);
  mkdirSync(fresh, { mode: 0o700 });
  for (const [file, bytes] of files) {
    const path = join(fresh, file);
    writeFileSync(path, bytes, { mode: 0o400, flag: 'wx' });
    if (uid !== own) chownSync(path, uid, account?.gid ?? uid);
  }
  if (uid !== own) chownSync(fresh, uid, account?.gid ?? uid);
  chmodSync(fresh, 0o500);
  writeFileSync(notePath(folder, name), noteText(note), { mode: 0o400, flag: 'wx' });
  renameSync(fresh, join(folder, name));
  const stop = uid === own ? null : letThrough(folder);
  if (stop === null) return null;
  take(folder, name);
  const [first = ''] = Object.keys(secrets);
  const why = `user ${confinement.user ?? uid} may not pass through "${stop}"`;
  return secretFault(first, why, `chmod o+x ${stop}, or set ROUSE_RUNTIME_DIR to a folder elsewhere`);
}

function deliveredBy(folder: string, service: ServiceName, { variables }: Note): Delivered {
  return {
    type: 'delivered',
    environment: { CREDENTIALS_DIRECTORY: join(folder, service) },
    variables,
    script: Object.keys(variables).length === 0 ? null : notePath(folder, service),
  };
}

const notePath = (folder: string, service: ServiceName): string => join(folder, `.${service}`);

/** One line for the next daemon, which a shell passes over, and a line or more a variable for the shim. */
function noteText(note: Note): string {
  const lines = Object.entries(note.variables).map(([name, value]) => `export ${name}=${quote(value)}\n`);
  return `# ${JSON.stringify(note)}\n${lines.join('')}`;
}

function noteIn(folder: string, service: ServiceName): Note | null {
  const [line = ''] = readPlainFile(notePath(folder, service)).split('\n');
  try {
    const found: unknown = JSON.parse(line.slice(2));
    return isNote(found) ? found : null;
  } catch {
    // There is none, or it was cut off when the machine went down.
    return null;
  }
}

function isNote(found: unknown): found is Note {
  if (typeof found !== 'object' || found === null || !('run' in found) || !('variables' in found)) return false;
  const { run, variables } = found;
  if (typeof run !== 'number' || typeof variables !== 'object' || variables === null) return false;
  return Object.values(variables).every((value) => typeof value === 'string');
}

/** Removes all that belongs to a service. */
function take(folder: string, service: string): void {
  for (const name of [service, `.${service}`, `.new.${service}`]) {
    try {
      const path = join(folder, name);
      // Who is not root needs it to remove what is inside.
      if (name !== `.${service}`) makeWritable(path);
      rmSync(path, { recursive: true, force: true });
    } catch {
      // It stays for the next sweep; only the service and root can read it.
    }
  }
}

function makeWritable(path: string): void {
  try {
    chmodSync(path, 0o700);
  } catch {
    // It is not there.
  }
}
