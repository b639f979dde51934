// Trees of real processes: a shim that is no member, a process that becomes the run's, and what that starts.
import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, realpathSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { systemClock } from '../../src/clock/system.ts';
import type { HeldBy } from '../../src/model/held.ts';
import type { ResourceLimits } from '../../src/model/spec.ts';
import { NO_GROUND } from '../../src/runtime/cgroup-ground.ts';
import { identify } from '../../src/runtime/process-group.ts';
import { killTree } from '../../src/runtime/tree-killing.ts';
import { INSTANCE_VARIABLE } from '../../src/runtime/tree-scan.ts';
import type { Tree, Trees } from '../../src/runtime/tree.ts';
import { createTrees } from '../../src/runtime/trees.ts';
import { pause } from './runtime-world.ts';

export type Way = HeldBy['tree'];

/** A run of a shell script. */
export interface Planted {
  readonly tree: Tree;
  readonly main: number;
  readonly shim: ChildProcess;
  /** The status that the shim saw, when it has ended. */
  readonly status: Promise<number>;
}

export interface TreeWorld extends AsyncDisposable {
  readonly folder: string;
  readonly trees: Trees;
  /** Trees as the next daemon of the same project makes them. */
  again(way: Way): Trees;
  plant(script: string, different?: Partial<ResourceLimits>): Promise<Planted>;
  /** Resolves when the file has that many lines, with the numbers in it. */
  pids(name: string, count: number): Promise<readonly number[]>;
  /** Kills the tree until it is empty. */
  end(tree: Tree): Promise<void>;
  /** Resolves when nothing of the tree executes. */
  empty(tree: Tree): Promise<void>;
}

export const UNLIMITED: ResourceLimits = { memoryBytes: null, cpus: null, processes: null };

/** What a shim does, in short: it outlives the signals of its group, and notes how the process ended. */
const SHIM = `trap : HUP INT TERM QUIT USR1 USR2
sh -c 'for place in $PLACE; do echo 0 >"$place/cgroup.procs"; done; echo $$ >"$0"; exec sh -c "$1"' "$1" "$2"
echo $? >"$1.status"`;

let count = 0;

export function treeWorld(way: Way): TreeWorld {
  const folder = realpathSync(mkdtempSync(join(tmpdir(), 'tree-')));
  const clock = systemClock({ keepAlive: 'yes' });
  const make = (by: Way): Trees =>
    createTrees({ clock, runDirectory: join(folder, 'run'), ...(by === 'session' ? { ground: NO_GROUND } : {}) });
  const trees = make(way);
  const planted: Planted[] = [];
  const read = async (name: string, lines: number): Promise<readonly string[]> => {
    for (;;) {
      const text = existsSync(join(folder, name)) ? readFileSync(join(folder, name), 'utf8') : '';
      const found = text.split('\n').slice(0, -1);
      if (found.length >= lines) return found;
      await pause(5);
    }
  };
  const empty = async (tree: Tree): Promise<void> => {
    const { promise, resolve } = Promise.withResolvers<void>();
    using _ = tree.watch(resolve);
    await promise;
  };
  const end = (tree: Tree): Promise<void> =>
    new Promise((over) => killTree(tree, { clock, isRestOver: () => true, lingering: () => undefined, over }));
  return {
    folder,
    trees,
    again: make,
    async plant(script, different = {}) {
      const run = (count += 1);
      const instance = `test-${process.pid}-${run}`;
      const tree = trees.plant({ service: 'web', run, instance, limits: { ...UNLIMITED, ...different } });
      const name = `main.${run}`;
      const shim = spawn('/bin/sh', ['-c', SHIM, 'shim', name, script], {
        cwd: folder,
        detached: true,
        stdio: 'ignore',
        env: { PATH: '/usr/bin:/bin', PLACE: tree.place.join(' '), [INSTANCE_VARIABLE]: instance },
      });
      const [main] = await read(name, 1);
      tree.know({ main: identify(Number(main)), shim: identify(shim.pid ?? 0) });
      const status = read(`${name}.status`, 1).then(([text]) => Number(text));
      const one: Planted = { tree, main: Number(main), shim, status };
      planted.push(one);
      return one;
    },
    pids: async (name, lines) => (await read(name, lines)).map(Number),
    empty,
    end,
    [Symbol.asyncDispose]: async () => {
      for (const { tree, status } of planted) {
        await end(tree);
        await status;
        tree.remove();
      }
      while (planted.some(({ tree }) => tree.place.some((place) => existsSync(place)))) await pause(5);
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
