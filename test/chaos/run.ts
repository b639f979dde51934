/**
 * `npm run chaos`: services of random life under daemons that are killed, then everything is counted.
 *
 *     npm run chaos                                    two minutes, 20 services, and every point of every scene
 *     npm run chaos -- --seconds 600 --services 50     longer, and more
 *     npm run chaos -- --seed 7 --points 0             the same chance again, without the points
 *     npm run chaos -- --held session                  no control groups (cgroup: always; mixed: now and then)
 *     npm run chaos -- --seconds 0 --points 0.1        every tenth point alone
 */
import { parseArgs } from 'node:util';
import { rage } from './chaos.ts';
import { isWhole, linesOfCounts } from './count.ts';
import { killAtEveryPoint } from './points.ts';

const { values } = parseArgs({
  options: {
    seconds: { type: 'string', default: '120' },
    services: { type: 'string', default: '20' },
    seed: { type: 'string' },
    held: { type: 'string', default: 'mixed' },
    points: { type: 'string', default: '1' },
  },
});

const seed = values.seed === undefined ? Math.floor(Date.now() % 1_000_000) : Number(values.seed);
const held = values.held === 'cgroup' || values.held === 'session' ? values.held : 'mixed';
const seconds = Number(values.seconds);
let failed = 0;
if (seconds > 0) {
  const counts = await rage({ seconds, services: Number(values.services), seed, held });
  console.log([`seed ${seed}`, ...linesOfCounts(counts)].join('\n'));
  if (!isWhole(counts)) failed += 1;
}

const share = Number(values.points);
if (share > 0) {
  for await (const { name, fault } of killAtEveryPoint({ share, offset: seed })) {
    if (fault !== null) failed += 1;
    console.log(`${fault === null ? 'ok    ' : 'FAILED'} killed before: ${name}${fault === null ? '' : `: ${fault}`}`);
  }
}
process.exitCode = failed === 0 ? 0 : 1;
