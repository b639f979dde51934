/**
 * `npm run sim`: lives seeded worlds and says what broke, with the command that repeats it.
 *
 *     npm run sim -- --seed 4711        one seed (--verbose: with everything that happens)
 *     npm run sim -- --seeds 10000      that many fresh seeds
 *     npm run sim -- --seconds 60       as many as fit
 *     npm run sim -- --kept             the seeds that ever failed, from seeds.txt
 */
import { readFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { Coverage } from '../../src/testing/coverage.ts';
import { simulate, simulateAll } from '../../src/testing/simulate.ts';

const { values } = parseArgs({
  options: {
    seed: { type: 'string' },
    seeds: { type: 'string' },
    seconds: { type: 'string' },
    from: { type: 'string' },
    kept: { type: 'boolean' },
    coverage: { type: 'boolean' },
    verbose: { type: 'boolean' },
  },
});

if (values.verbose === true) simulate(Number(values.seed), new Coverage(), (line) => console.log(line));
const startedAt = performance.now();
const limitMs = values.seconds === undefined ? Number.POSITIVE_INFINITY : Number(values.seconds) * 1000;
const summary = simulateAll(chosenSeeds(), { maxFailures: 5, stop: () => performance.now() - startedAt > limitMs });
for (const { seed, faults } of summary.failed) {
  console.log(`seed ${seed} failed`);
  for (const fault of faults.slice(0, 5)) console.log(`  ${fault}`);
  console.log(`  again: npm run sim -- --seed ${seed}`);
}
const missing = summary.coverage.missing();
if (values.coverage === true) for (const cell of missing) console.log(`never reached: ${cell}`);
const seconds = ((performance.now() - startedAt) / 1000).toFixed(1);
console.log(`${summary.seeds} seeds, ${summary.turns} turns, ${seconds} s, ${missing.length} cells never reached`);
// Below `npm test` the one closing line is the sum of all steps.
if (process.env['ROUSE_TEST_COUNTS'] === undefined)
  console.log(`${summary.seeds - summary.failed.length} passed, ${summary.failed.length} failed, 0 skipped`);
process.exitCode = summary.failed.length > 0 || (values.coverage === true && missing.length > 0) ? 1 : 0;

function* chosenSeeds(): Generator<number> {
  if (values.seed !== undefined) yield Number(values.seed);
  else if (values.kept === true) yield* keptSeeds();
  else {
    const first = values.from === undefined ? Math.floor(Date.now() % 1_000_000_000) : Number(values.from);
    const count = values.seeds === undefined ? Number.POSITIVE_INFINITY : Number(values.seeds);
    for (let step = 0; step < count; step += 1) yield first + step;
  }
}

function keptSeeds(): readonly number[] {
  const text = readFileSync(new URL('seeds.txt', import.meta.url), 'utf8');
  return text
    .split('\n')
    .filter((line) => /^\d+/.test(line))
    .map((line) => Number.parseInt(line, 10));
}
