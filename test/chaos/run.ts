/**
 * `npm run chaos`: services of random life under daemons that are killed, then everything is counted.
 *
 *     npm run chaos                                    two minutes, 20 services, and every point of start and stop
 *     npm run chaos -- --seconds 600 --services 50     longer, and more
 *     npm run chaos -- --seed 7 --points none          the same chance again, without the points
 */
import { parseArgs } from 'node:util';
import { rage } from './chaos.ts';
import { isWhole } from './count.ts';
import { killAtEveryPoint } from './points.ts';

const { values } = parseArgs({
  options: {
    seconds: { type: 'string', default: '120' },
    services: { type: 'string', default: '20' },
    seed: { type: 'string' },
    points: { type: 'string', default: 'all' },
  },
});

const seed = values.seed === undefined ? Math.floor(Date.now() % 1_000_000) : Number(values.seed);
const counts = await rage({ seconds: Number(values.seconds), services: Number(values.services), seed });
const { starts, endedByThemselves, kills, doubles, lostEnds, doubleEnds, wrongCodes, lostLines, orphans } = counts;
console.log(`seed ${seed}: ${starts} runs began, ${endedByThemselves} ended by themselves, ${kills} daemons killed`);
say(
  'runs that overlapped',
  Array.from({ length: doubles }, () => 'see the journal'),
);
say('ends that were lost', lostEnds);
say('ends that were recorded twice', doubleEnds);
say('exit codes that are wrong', wrongCodes);
say('runs with lost lines', lostLines);
say('orphans', orphans);
let failed = isWhole(counts) ? 0 : 1;

if (values.points === 'all') {
  for await (const { name, fault } of killAtEveryPoint({ share: 1 })) {
    if (fault !== null) failed += 1;
    console.log(`${fault === null ? 'ok    ' : 'FAILED'} killed before: ${name}${fault === null ? '' : `: ${fault}`}`);
  }
}
process.exitCode = failed === 0 ? 0 : 1;

function say(what: string, which: readonly string[]): void {
  console.log(
    `${String(which.length).padStart(6)} ${what}${which.length === 0 ? '' : `: ${which.slice(0, 10).join('; ')}`}`,
  );
}
