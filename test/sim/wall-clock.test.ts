import { expect, test } from 'vitest';
import { World } from '../../src/testing/world.ts';

const SEEDS = 40;

function lived(seed: number, wall: 'steady' | 'jumping'): readonly string[] {
  const lines: string[] = [];
  const world = new World(seed, (line) => lines.push(line), wall);
  expect(world.live()).toEqual([]);
  return lines;
}

test('a wall clock that jumps an hour forth and back changes nothing of what happens, and not when', () => {
  for (let seed = 1; seed <= SEEDS; seed += 1) {
    const steady = lived(seed, 'steady');
    expect(steady.length).toBeGreaterThan(20);
    expect(lived(seed, 'jumping')).toEqual(steady);
  }
});
