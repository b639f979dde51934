/**
 * The files of output: `<folder>/<service>/<run>.log`, one a run, written by the services themselves.
 *
 * A service holds the open file, so what it writes is kept whether or not anybody reads, and whether or not Rouse lives.
 * Retention (`giving-back.ts`) removes the files of the oldest ended runs, and gives the oldest blocks of others back.
 */
import assert from 'node:assert/strict';
import { constants, closeSync, fstatSync, lstatSync, mkdirSync, openSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { RouseError } from '../model/errors.ts';
import type { ServiceName } from '../model/spec.ts';

/** The file of one run. `diskBytes`: without what was given back. Units: bytes; epoch ms of the last write. */
export interface RunFile {
  readonly service: ServiceName;
  readonly run: number;
  readonly path: string;
  readonly sizeBytes: number;
  readonly diskBytes: number;
  readonly modifiedAt: number;
}

/** The unit of `st_blocks`, whatever the file system's own; stat(2). */
const BLOCK_BYTES = 512;

// A replica is NAME@1. What does not look like this never becomes a path.
const NAME = /^[a-z][a-z0-9._-]{0,62}(@\d{1,6})?$/;
const FILE = /^(\d{1,15})\.log$/;
const APPEND = constants.O_WRONLY | constants.O_APPEND | constants.O_CREAT | constants.O_NOFOLLOW;

/** How files of output are opened for reading: never through a link that a service could have put there. */
export const READ_FLAGS = constants.O_RDONLY | constants.O_NOFOLLOW;

/** Whether a name may become a path: a service's, or a replica's (`NAME@1`). */
export function isServiceName(name: string): boolean {
  return NAME.test(name);
}

/** Where the run's output lies. Shapes: absolute when `folder` is. A name that is no service's is a bug. */
export function runFilePath(folder: string, service: ServiceName, run: number): string {
  assert(NAME.test(service), `"${service}" is no service name`);
  assert(Number.isSafeInteger(run) && run >= 0, 'a run is numbered');
  return join(folder, service, `${run}.log`);
}

/**
 * Makes the file of a run if it is not there, 0600 in a folder 0700, and opens it for appending.
 * Errors: RSE3008 when it cannot be made, or is a link, no regular file, or somebody else's.
 */
export function openRunFile(
  folder: string,
  service: ServiceName,
  run: number,
): { readonly fd: number; readonly path: string } {
  const path = runFilePath(folder, service, run);
  try {
    mkdirSync(join(folder, service), { recursive: true, mode: 0o700 });
    return { fd: openOwn(path), path };
  } catch (cause) {
    throw unwritable(service, path, cause);
  }
}

/** The files of a service, oldest run first; empty when it never ran or the name is no service's. Never throws. */
export function runFiles(folder: string, service: ServiceName): readonly RunFile[] {
  if (!NAME.test(service)) return [];
  const found: RunFile[] = [];
  for (const name of namesIn(join(folder, service))) {
    const run = FILE.exec(name)?.[1];
    if (run === undefined) continue;
    const path = join(folder, service, name);
    const stats = lookAt(path);
    if (stats !== null) found.push({ service, run: Number(run), path, ...stats });
  }
  return found.toSorted((a, b) => a.run - b.run);
}

/** Every service that has a folder, in order of name. */
export function servicesIn(folder: string): readonly ServiceName[] {
  return namesIn(folder)
    .filter((name) => NAME.test(name))
    .toSorted();
}

/** A file of output as it is now; null when there is none, or no regular file. Units: bytes; epoch ms. Never throws. */
export function lookAt(
  path: string,
): (Pick<RunFile, 'sizeBytes' | 'diskBytes' | 'modifiedAt'> & { readonly inode: number }) | null {
  try {
    const stats = lstatSync(path, { throwIfNoEntry: false });
    if (stats?.isFile() !== true) return null;
    const { size, blocks, mtimeMs, ino } = stats;
    return { sizeBytes: size, diskBytes: Math.min(size, blocks * BLOCK_BYTES), modifiedAt: mtimeMs, inode: ino };
  } catch {
    // Not ours to look at: as if it were not there.
    return null;
  }
}

function openOwn(path: string): number {
  const fd = openSync(path, APPEND, 0o600);
  const stats = fstatSync(fd);
  if (stats.isFile() && stats.nlink <= 1 && stats.uid === (process.geteuid?.() ?? stats.uid)) return fd;
  closeSync(fd);
  throw new Error('it is not a regular file of this user');
}

function unwritable(service: ServiceName, path: string, cause: unknown): RouseError {
  const words = cause instanceof Error ? cause.message : String(cause);
  // As Node words it, `EMFILE: too many open files, open '/a/path'`: the words first, and without the path again.
  const [, code, text] = /^([A-Z]+): (.+), \w+(?: '.*)?$/.exec(words) ?? [];
  const why = code === undefined ? words : `${text} (${code})`;
  const isFull = code === 'EMFILE' || code === 'ENFILE';
  return new RouseError('RSE3008', `cannot write the log of "${service}": ${why}`, {
    hint: isFull
      ? 'raise the limit of open files of the daemon (ulimit -n)'
      : `make "${path}" writable, or set ROUSE_STATE_DIR to a folder that is`,
    service,
    cause,
  });
}

function namesIn(directory: string): string[] {
  try {
    return readdirSync(directory);
  } catch {
    // Not there, or not ours to read: either way there is no output to show.
    return [];
  }
}
