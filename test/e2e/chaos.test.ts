// The short form of `npm run chaos`, which CONTRIBUTING.md tells how to run for longer.
import { expect, test } from 'vitest';
import { rage } from '../chaos/chaos.ts';
import { isWhole, linesOfCounts } from '../chaos/count.ts';
import { killAtEveryPoint } from '../chaos/points.ts';

/** Every run of the tests has another chance; the message of a failure holds what is needed to have it again. */
const SEED = Math.floor(Date.now() % 1_000_000);
const SECONDS = 15;
const SERVICES = 20;

test('under daemons that die at random nothing is doubled, lost or orphaned', { timeout: 180_000 }, async () => {
  const counts = await rage({ seconds: SECONDS, services: SERVICES, seed: SEED, held: 'mixed' });
  const again = `npm run chaos -- --seconds ${SECONDS} --services ${SERVICES} --seed ${SEED} --points 0`;
  expect(isWhole(counts), [...linesOfCounts(counts), again].join('\n')).toBe(true);
});

test(
  'a daemon that is killed at any point of what it does loses and doubles nothing',
  { timeout: 300_000 },
  async () => {
    const faults: string[] = [];
    let count = 0;
    for await (const { name, fault } of killAtEveryPoint({ share: 0.04, offset: SEED })) {
      count += 1;
      if (fault !== null) faults.push(`killed before ${name}: ${fault}`);
    }
    expect(faults).toEqual([]);
    expect(count).toBeGreaterThan(10);
  },
);
