/**
 * The folder of a live run: `<run directory>/<service>/<run>`, 0700, gone when the core has let go of the run.
 *
 * | file        | holds |
 * |-------------|-------|
 * | `spec.json` | the definition the run is started with, its name for ever, and which start of the machine it belongs to |
 * | `launch`    | what the shim executes: the way from a bare shell to the program |
 * | `record`    | what the shim notes (`run-record.ts`); its making is the claim: whoever makes it begins the run, or keeps all others from it |
 * | `ready`     | what the service writes to the descriptor of `ROUSE_READY_FD` |
 *
 * | `which`     | of a run that was begun by a spare: its own name, for the shim |
 *
 * Beside the services stand `.shim` (the script), `.events` (what shims tell the daemon), `.spare` (what is to become the
 * folder of a run) and `.trash.*` (folders on their way out: a folder leaves by one rename, and a program empties the trash).
 */
import assert from 'node:assert/strict';
import {
  closeSync,
  constants,
  fchmodSync,
  fchownSync,
  mkdirSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  rmdirSync,
  statSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { readyFilePath } from '../model/ready-file.ts';
import type { ServiceName } from '../model/spec.ts';
import { type RunRecord, readRecord } from './run-record.ts';
import { type StoredSpec, readStoredSpec, writeStoredSpec } from './stored-spec.ts';

const NAME = /^[a-z][a-z0-9._-]{0,62}(@\d{1,6})?$/;
const FRESH = constants.O_WRONLY | constants.O_APPEND | constants.O_CREAT | constants.O_EXCL | constants.O_NOFOLLOW;

/** Whether a folder of that name may hold the runs of a service. */
export function isRunName(name: string): boolean {
  return NAME.test(name);
}

/** The step that a run failed at which a daemon kept from being begun. */
export const FENCED = 'fenced';
/** Where folders of runs go before they are removed; below the run directory. */
export const TRASH = '.trash';

/** The files of one run. */
export interface RunFolder {
  readonly path: string;
  /** How shims and events name the run: `<service>/<run>`. */
  readonly which: string;
  /** Makes the folder, emptied of what an earlier run of the same number left. Throws what the file system says. */
  make(): void;
  /** Instead of `make`: what belongs into the folder is made in that of a spare, until `put`. */
  makeIn(spare: string): void;
  /** Makes the spare's folder that of the run, which is claimed by that. Throws what the file system says. */
  put(): void;
  /** Makes the file for readiness, for the group of another user where there is one; the shim opens it. Throws what the file system says. */
  makeReady(as?: { readonly gid: number } | null): string;
  /** Writes what is needed to begin the run. Throws what the file system says. */
  write(stored: StoredSpec, launch: string): void;
  /** The definition that the run was started with; null when there is none that can be read. */
  stored(): StoredSpec | null;
  /** What the shim has noted; null when nobody has claimed the run. Throws what the file system says. */
  record(): RunRecord | null;
  /** Takes the claim, so that nobody will ever begin the run; `taken` when somebody has it, or it cannot be had. Never throws. */
  claim(): 'ours' | 'taken';
  /** Moves the folder out of the way. Never throws. */
  remove(): void;
  /** Removes the folder of the service, unless it has runs. Never throws. */
  leave(): void;
  /** Does that against a shim that has claimed and is not heard of: who has not noted its process by now never can. Gives what was noted. */
  fence(): RunRecord | null;
}

/** The folder of a run below the run directory. A name that is no service's is a bug. */
export function runFolder(runDirectory: string, service: ServiceName, run: number): RunFolder {
  assert(isRunName(service), `"${service}" is no service name`);
  const ready = readyFilePath(runDirectory, service, run);
  const path = dirname(ready);
  const record = join(path, 'record');
  const which = `${service}/${run}`;
  const trash = join(runDirectory, TRASH, `${service}.${run}`);
  let last: { readonly size: number; readonly record: RunRecord | null } | null = null;
  let at = path;
  const folder: RunFolder = {
    path,
    which,
    make: () => makeAll(folder, runDirectory),
    makeIn(spare) {
      at = spare;
    },
    put() {
      putOne(folder, at);
      at = path;
    },
    makeReady(as) {
      const fd = openSync(join(at, basename(ready)), FRESH, 0o600);
      if (as) openToGroup(fd, as.gid);
      closeSync(fd);
      return ready;
    },
    write(stored, launch) {
      writeFileSync(join(at, 'launch'), launch, { mode: 0o600 });
      writeFileSync(join(at, 'spec.json'), writeStoredSpec(stored), { mode: 0o600 });
    },
    stored() {
      try {
        return readStoredSpec(readFileSync(join(path, 'spec.json'), 'utf8'));
      } catch {
        // Never written, or lost with the folder.
        return null;
      }
    },
    record() {
      // It only grows; most looks find it as it was.
      const size = statSync(record, { throwIfNoEntry: false })?.size;
      if (size === undefined) return null;
      if (last?.size !== size) last = { size, record: readRecord(record) };
      return last.record;
    },
    claim: () => claim(record),
    remove: () => quietly(() => moveAway(path, trash)),
    leave: () => quietly(() => rmdirSync(dirname(path))),
    fence() {
      // What a run of the same number left there, before its numbers were lost, is not what this one has noted.
      quietly(() => rmSync(trash, { recursive: true, force: true }));
      folder.remove();
      return readQuietly(join(trash, 'record'));
    },
  };
  return folder;
}

function makeAll(folder: RunFolder, runDirectory: string): void {
  const { path } = folder;
  // Mostly the service has had a run a moment ago, and all above is there.
  let made = makeOne(path);
  if (made === 'there') {
    folder.remove();
    made = makeOne(path);
  }
  if (made !== 'nowhere') return;
  mkdirSync(runDirectory, { recursive: true, mode: 0o700 });
  makeOne(dirname(path));
  mkdirSync(path, { mode: 0o700 });
}

/** `nowhere`: what is above it is not there. Node says ENOENT for a read-only file system when asked for several at once. */
function makeOne(path: string): 'made' | 'there' | 'nowhere' {
  try {
    mkdirSync(path, { mode: 0o700 });
    return 'made';
  } catch (cause) {
    const code = codeOf(cause);
    if (code === 'ENOENT') return 'nowhere';
    if (code !== 'EEXIST') throw cause;
    return 'there';
  }
}

/** Mostly the service has had a run a moment ago, and all above is there. */
function putOne(folder: RunFolder, from: string): void {
  const { path } = folder;
  try {
    return renameSync(from, path);
  } catch (cause) {
    if (codeOf(cause) === 'ENOENT') mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
    else folder.remove();
  }
  renameSync(from, path);
}

function claim(record: string): 'ours' | 'taken' {
  try {
    const fd = openSync(record, FRESH, 0o600);
    quietly(() => writeSync(fd, `failed ${FENCED}\n`));
    closeSync(fd);
    return 'ours';
  } catch {
    return 'taken';
  }
}

/** Lets a group write an open file, and nobody else: the daemon stays its owner. Throws what the file system says. */
export function openToGroup(fd: number, gid: number): void {
  fchownSync(fd, -1, gid);
  fchmodSync(fd, 0o620);
}

let boot: string | null = null;

/** Which start of the machine this is; null where it does not say. Source: random(4). */
export function bootId(): string | null {
  try {
    return (boot ??= readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim());
  } catch {
    // Not Linux, or hidden.
    return null;
  }
}

/** The code of an error of the system, e.g. `ENOENT`; null when it has none. */
export function codeOf(cause: unknown): string | null {
  return cause instanceof Error && 'code' in cause && typeof cause.code === 'string' ? cause.code : null;
}

function moveAway(path: string, to: string): void {
  try {
    renameSync(path, to);
  } catch (cause) {
    const code = codeOf(cause);
    if (code === 'ENOENT') {
      // There is no trash yet, or no folder.
      mkdirSync(dirname(to), { recursive: true, mode: 0o700 });
      return renameSync(path, to);
    }
    // One of the same name is in the trash already, or the trash cannot be used.
    rmSync(path, { recursive: true, force: true });
  }
}

function readQuietly(record: string): RunRecord | null {
  try {
    return readRecord(record);
  } catch {
    // What cannot be read has not noted anything that anybody could go by.
    return null;
  }
}

function quietly(act: () => void): void {
  try {
    act();
  } catch {
    // What stays behind is a small file or folder that the next run of that number removes; nobody is harmed.
  }
}
