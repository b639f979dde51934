/** Makes the trees of one supervisor, by the best way that this machine has. */
import type { Clock } from '../ports/clock.ts';
import { CookieTree } from './tree-cookie.ts';
import type { Tree, TreeOrder, Trees } from './tree.ts';

/** What trees need. `runDirectory` tells the groups of one project from those of another. */
export interface TreesParts {
  readonly clock: Clock;
  readonly runDirectory: string;
}

/** The trees of the runs below that folder. */
export function createTrees(parts: TreesParts): Trees {
  const trees = new Map<string, Tree>();
  const make = (order: TreeOrder): Tree => {
    const key = `${order.service} ${order.run}`;
    const tree = new CookieTree(order, parts.clock, () => {
      if (trees.get(key) === tree) trees.delete(key);
    });
    trees.set(key, tree);
    return tree;
  };
  return {
    plant: make,
    adopt: make,
    heldBy: (service, run) => trees.get(`${service} ${run}`)?.held() ?? null,
  };
}
