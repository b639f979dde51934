/**
 * The folder of a live run: `<run directory>/<service>/<run>`, 0700, gone when the core has let go of the run.
 *
 * | file    | holds |
 * |---------|-------|
 * | `proc`  | process id, start time and boot id, in one line: what a later daemon needs to know whether the process still lives |
 * | `ready` | what the service writes to the descriptor of `ROUSE_READY_FD` |
 */
import assert from 'node:assert/strict';
import { constants, mkdirSync, openSync, readFileSync, rmSync, rmdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { readyFilePath } from '../model/ready-file.ts';
import type { ServiceName } from '../model/spec.ts';
import type { Identity } from './process-group.ts';

/** A run as its folder knows it. `same` = this machine has not been restarted since. */
export interface RunRecord {
  readonly identity: Identity;
  readonly boot: 'same' | 'other';
}

const NAME = /^[a-z][a-z0-9._-]{0,62}(@\d{1,6})?$/;
const FRESH = constants.O_WRONLY | constants.O_APPEND | constants.O_CREAT | constants.O_EXCL | constants.O_NOFOLLOW;

/** Whether a folder of that name may hold the runs of a service. */
export function isRunName(name: string): boolean {
  return NAME.test(name);
}

/** The files of one run. */
export interface RunFolder {
  /** Makes the folder, emptied of what an earlier run of the same number left. Throws what the file system says. */
  make(): void;
  /** Makes the file for readiness and opens it for appending; the caller closes it. Throws what the file system says. */
  openReady(): number;
  /** Notes whom the run consists of. Never throws: without the note a later daemon knows less, and nothing else is lost. */
  note(identity: Identity): void;
  /** What was noted; null when nothing was, or it cannot be read. */
  record(): RunRecord | null;
  /** Removes the folder. Never throws. */
  remove(): void;
}

/** The folder of a run below the run directory. A name that is no service's is a bug. */
export function runFolder(runDirectory: string, service: ServiceName, run: number): RunFolder {
  assert(NAME.test(service), `"${service}" is no service name`);
  const ready = readyFilePath(runDirectory, service, run);
  const folder = dirname(ready);
  const proc = join(folder, 'proc');
  return {
    make() {
      rmSync(folder, { recursive: true, force: true });
      mkdirSync(folder, { recursive: true, mode: 0o700 });
    },
    openReady: () => openSync(ready, FRESH, 0o600),
    note({ pid, startTime }) {
      quietly(() => writeFileSync(proc, `${pid} ${startTime ?? '-'} ${bootId() ?? '-'}\n`, { mode: 0o600 }));
    },
    record: () => recordOf(proc),
    remove() {
      quietly(() => rmSync(folder, { recursive: true, force: true }));
      quietly(() => rmdirSync(dirname(folder)));
    },
  };
}

function recordOf(proc: string): RunRecord | null {
  try {
    // Without its newline the line is not complete.
    const [, pid, startTime, boot] = /^(\d+) (\d+) (\S+)\n$/.exec(readFileSync(proc, 'utf8')) ?? [];
    if (pid === undefined || startTime === undefined) return null;
    return { identity: { pid: Number(pid), startTime }, boot: boot === (bootId() ?? '-') ? 'same' : 'other' };
  } catch {
    // Never written, or lost with the folder: nothing is known.
    return null;
  }
}

/** Which start of the machine this is; null where it does not say. Source: random(4). */
export function bootId(): string | null {
  try {
    return readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim();
  } catch {
    // Not Linux, or hidden.
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
