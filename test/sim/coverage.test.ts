import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { allCells } from '../../src/testing/coverage.ts';
import { simulateAll } from '../../src/testing/simulate.ts';

/** Seeds that always run; rare cells are reached by kept ones. `npm run sim -- --seeds 5000 --coverage` names what is missing. */
const FIRST_SEEDS = 800;

const kept = readFileSync(new URL('seeds.txt', import.meta.url), 'utf8')
  .split('\n')
  .filter((line) => /^\d+/.test(line))
  .map((line) => Number.parseInt(line, 10));

describe('the simulator', () => {
  test('reaches every cell of the machine and finds nothing broken', () => {
    const seeds = [...kept, ...Array.from({ length: FIRST_SEEDS }, (_, index) => index + 1)];
    const summary = simulateAll(seeds, { maxFailures: 3, stop: () => false });
    expect(summary.failed).toEqual([]);
    expect(summary.coverage.missing()).toEqual([]);
  });

  test('counts a table that has every phase in it, twice but for the pairs that never last, and a cell that is too rare', () => {
    expect(allCells()).toHaveLength((9 * 2 - 3) * 15 - 1);
  });

  test('lives a seed the same way every time', () => {
    const first = simulateAll([4711], { maxFailures: 1, stop: () => false });
    const second = simulateAll([4711], { maxFailures: 1, stop: () => false });
    expect(second.turns).toBe(first.turns);
    expect([...second.coverage.counts]).toEqual([...first.coverage.counts]);
  });
});
