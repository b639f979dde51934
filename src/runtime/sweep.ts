/** Removing the folders of runs that are over, off the loop of this program: they are moved aside, and a program removes them. */
import { readdirSync, renameSync } from 'node:fs';
import { join } from 'node:path';
import { type Host, FIXED_PATH } from './host.ts';
import type { Launcher } from './launcher.ts';
import { findProgram } from './program.ts';
import { TRASH } from './run-folder.ts';
import { spawnProgram } from './spawn.ts';

/** Empties the trash of a run directory. */
export interface Sweep {
  /** Says that a folder was moved to the trash. */
  noted(): void;
  /** Empties it now, unless it is empty. */
  now(): void;
}

/** Folders for which a program is worth its start. */
const MANY = 64;

/** The sweep of a run directory, which is there. What an earlier daemon left in the trash goes at the first sweep. */
export function createSweep(runDirectory: string, host: Host, launcher: Pick<Launcher, 'hand'>): Sweep {
  let count = trashesIn(runDirectory).length;
  let sequence = 0;
  const sweep: Sweep = {
    noted() {
      count += 1;
      if (count >= MANY) sweep.now();
    },
    now() {
      if (count === 0) return;
      count = 0;
      sequence += 1;
      setAside(join(runDirectory, TRASH), join(runDirectory, `${TRASH}.${process.pid}.${sequence}`));
      const rm = findProgram('rm', { path: FIXED_PATH, directory: '/' });
      if (rm.type === 'fault') return;
      // The launcher makes a process for less than this program can.
      if (launcher.hand(rm.path) === 'no') removeHere(rm.path, trashesIn(runDirectory), host);
    },
  };
  return sweep;
}

function setAside(from: string, to: string): void {
  try {
    renameSync(from, to);
  } catch {
    // Nothing was moved there yet; what cannot be moved waits for the next time.
  }
}

function trashesIn(runDirectory: string): readonly string[] {
  try {
    return readdirSync(runDirectory)
      .filter((name) => name === TRASH || name.startsWith(`${TRASH}.`))
      .map((name) => join(runDirectory, name));
  } catch {
    // The run directory is gone, and the trash with it.
    return [];
  }
}

function removeHere(rm: string, paths: readonly string[], host: Host): void {
  if (paths.length === 0) return;
  const quiet = { spawned: () => undefined, failed: () => undefined, ended: () => undefined };
  spawnProgram(
    {
      launch: { type: 'launch', file: rm, args: ['-rf', '--', ...paths] },
      directory: '/',
      environment: { NODE_V8_COVERAGE: undefined },
      output: 'nowhere',
      descriptors: new Map(),
      strayDescriptors: host.strayDescriptors,
    },
    quiet,
  );
}
