/** The tree of a command that helps with a service, or asks about it: known by a cookie of its own. */
import type { HeldBy } from '../model/held.ts';
import type { Clock } from '../ports/clock.ts';
import type { Identity } from './process-group.ts';
import { killTree } from './tree-killing.ts';
import { RunTree } from './tree-run.ts';
import { INSTANCE_VARIABLE, type Looks } from './tree-scan.ts';
import type { CommandTree, Lingering } from './tree.ts';

const HELD: HeldBy = {
  tree: 'session',
  why: 'it is a command',
  limits: { memoryBytes: 'none', cpus: 'none', processes: 'none' },
};

/** What such a tree works with. */
export interface CommandTreeParts {
  readonly clock: Clock;
  readonly looks: Looks;
}

/** The processes of one command. `cookie` is never used again; `began`: whether its processes are still to begin. */
export function commandTree(parts: CommandTreeParts, cookie: string, began: 'later' | 'earlier'): CommandTree {
  const { clock, looks } = parts;
  const limits = { memoryBytes: null, cpus: null, processes: null };
  const tree = new RunTree(
    { service: cookie, run: 0, instance: cookie, limits },
    {
      clock,
      looks,
      chores: { add: (chore) => chore() },
      group: null,
      separate: [],
      held: HELD,
      began,
      removed: () => undefined,
    },
  );
  return {
    cookie,
    environment: { [INSTANCE_VARIABLE]: cookie },
    know: (main: Identity) => tree.know({ main, shim: null }),
    ask: (name) => void tree.ask(name, 'tree'),
    isEmpty: () => tree.isEmpty(),
    end: () => ended(tree, clock),
    gone() {
      const { promise, resolve } = Promise.withResolvers<void>();
      tree.watch(resolve);
      return promise;
    },
  };
}

/** Kills until nothing is left; what does not die is given up after a while, and killed on. */
function ended(tree: RunTree, clock: Clock): Promise<Lingering | null> {
  const { promise, resolve } = Promise.withResolvers<Lingering | null>();
  killTree(tree, { clock, isRestOver: () => true, lingering: resolve, over: () => resolve(null) });
  return promise;
}
