/** One spawn: own session, no terminal, nothing inherited but what is named here. */
import { type StdioOptions, spawn } from 'node:child_process';
import { closeSync, openSync } from 'node:fs';
import type { Ending, StartFault } from '../model/reason.ts';
import type { Environment } from './environment.ts';
import type { Launch } from './launch.ts';
import { type Identity, identify } from './process-group.ts';
import { spawnFault } from './spawn-fault.ts';

/** What to spawn. Descriptors stay the caller's, who closes them when this returns. */
export interface SpawnOrder {
  readonly launch: Launch;
  readonly directory: string;
  readonly environment: Environment;
  /** Where standard output and standard error go; `nowhere` = /dev/null. */
  readonly output: number | 'nowhere';
  /** Further descriptors of the child, above 2: its number to ours. */
  readonly descriptors: ReadonlyMap<number, number>;
  /** Descriptors that the child would inherit from outside; it gets /dev/null in their place. */
  readonly strayDescriptors: readonly number[];
}

/** Told what happens, never before `spawnProgram` has returned: `failed` alone, or `spawned` and later `ended`. */
export interface SpawnWitness {
  spawned(): void;
  failed(fault: StartFault): void;
  ended(ending: Ending): void;
}

/**
 * Starts a program; null when it could not be started, which the witness is told.
 *
 * Its standard input is /dev/null. The ending is as Node observed it: a code, or a signal. Limit: a signal without a
 * name here (real-time signals, 34 to 64) cannot be told from a clean end, because Node drops its number.
 * Source: setsid(2) by `detached`; Node 24, child_process.spawn. Blocks for about a millisecond, until the program is
 * executed, so signals sent after it reach the program itself.
 */
export function spawnProgram(order: SpawnOrder, witness: SpawnWitness): Identity | null {
  const { launch, directory, environment } = order;
  const fail = (cause: unknown): void => witness.failed(spawnFault(cause, launch, directory));
  const covers = order.strayDescriptors.length > 0 ? openSync('/dev/null', 'r+') : null;
  try {
    const child = spawn(launch.file, launch.args, {
      cwd: directory,
      env: environment,
      detached: true,
      stdio: stdioOf(order, covers),
    });
    child.once('spawn', () => witness.spawned());
    child.once('exit', (exitCode, signal) => witness.ended({ exitCode, signal }));
    // Also said of a signal that could not be sent; none is ever sent through the child object.
    child.once('error', (cause) => {
      if (child.pid === undefined) fail(cause);
    });
    return child.pid === undefined ? null : identify(child.pid);
  } catch (cause) {
    // Node throws at once for some refusals and tells the child object of others.
    queueMicrotask(() => fail(cause));
    return null;
  } finally {
    if (covers !== null) closeSync(covers);
  }
}

function stdioOf(order: SpawnOrder, covers: number | null): StdioOptions {
  const output = order.output === 'nowhere' ? 'ignore' : order.output;
  return standardAnd(['ignore', output, output], {
    strays: order.strayDescriptors,
    covers,
    descriptors: order.descriptors,
  });
}

/** The three standard streams, what is handed over besides, and a cover over each descriptor that came from outside. */
export function standardAnd(
  standard: readonly ('ignore' | 'pipe' | number)[],
  more: {
    readonly strays: readonly number[];
    readonly covers: number | null;
    readonly descriptors?: ReadonlyMap<number, number | 'pipe'>;
  },
): ('ignore' | 'pipe' | number)[] {
  const highest = Math.max(2, ...(more.descriptors?.keys() ?? []), ...more.strays);
  return Array.from({ length: highest + 1 }, (_, fd) => {
    if (fd <= 2) return standard[fd] ?? 'ignore';
    return more.descriptors?.get(fd) ?? (more.strays.includes(fd) ? more.covers : null) ?? 'ignore';
  });
}
