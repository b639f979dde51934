/** Seeds to verdicts. A failing seed is one line to paste. */
import { Coverage } from './coverage.ts';
import { World } from './world.ts';

/** What a seed came to. `faults` is empty when all went well. */
export interface Outcome {
  readonly seed: number;
  readonly faults: readonly string[];
  readonly turns: number;
}

/** What many seeds came to. */
export interface Summary {
  readonly seeds: number;
  readonly turns: number;
  readonly failed: readonly Outcome[];
  readonly coverage: Coverage;
}

/**
 * Lives one world, telling what happens to whoever listens. An exception of the core or engine is a fault like any other.
 *
 *     const { faults } = simulate(4711, new Coverage());
 */
export function simulate(seed: number, coverage: Coverage, tell?: (line: string) => void): Outcome {
  let world: World | null = null;
  try {
    world = new World(seed, tell);
    const faults = world.live();
    coverage.merge(world.coverage);
    return { seed, faults, turns: world.turns };
  } catch (error) {
    const text = error instanceof Error ? (error.stack ?? error.message) : String(error);
    return { seed, faults: [`exception: ${text}`], turns: world?.turns ?? 0 };
  }
}

/** Lives the worlds of many seeds, until `stop` says so or the first `maxFailures` have failed. */
export function simulateAll(
  seeds: Iterable<number>,
  options: { readonly maxFailures: number; readonly stop: () => boolean },
): Summary {
  const coverage = new Coverage();
  const failed: Outcome[] = [];
  let count = 0;
  let turns = 0;
  for (const seed of seeds) {
    if (options.stop() || failed.length >= options.maxFailures) break;
    const outcome = simulate(seed, coverage);
    count += 1;
    turns += outcome.turns;
    if (outcome.faults.length > 0) failed.push(outcome);
  }
  return { seeds: count, turns, failed, coverage };
}
