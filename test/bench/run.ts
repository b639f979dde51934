/**
 * `npm run bench`: every figure with its floor in the same run, as medians.
 *
 *     npm run bench                  all groups
 *     npm run bench -- graph scale   some
 *     npm run bench -- --json        one JSON array, for comparing two runs
 *
 * Machines are shared and noisy: compare ratios of one run, not milliseconds of two. A slow figure never fails; a wrong
 * result does.
 */
import { parseArgs } from 'node:util';
import { api } from './api.ts';
import { attacks } from './attacks.ts';
import { audit } from './audit.ts';
import { commandLine } from './command-line.ts';
import { confine } from './confine.ts';
import type { Bench, Figure } from './figure.ts';
import { figureLine } from './figure.ts';
import { graph } from './graph.ts';
import { logs } from './logs.ts';
import { probes } from './probes.ts';
import { recovery } from './recovery.ts';
import { scale } from './scale.ts';
import { startup } from './startup.ts';
import { supervision } from './supervision.ts';

const GROUPS: Readonly<Record<string, Bench>> = {
  graph,
  scale,
  startup,
  supervision,
  recovery,
  logs,
  'command-line': commandLine,
  probes,
  api,
  audit,
  attacks,
  confine,
};

const { values, positionals } = parseArgs({ allowPositionals: true, options: { json: { type: 'boolean' } } });
const unknown = positionals.filter((name) => GROUPS[name] === undefined);
if (unknown.length > 0) {
  console.error(`no such group: ${unknown.join(', ')}; there are ${Object.keys(GROUPS).join(', ')}`);
  process.exit(2);
}
const figures: Figure[] = [];
for (const [name, bench] of Object.entries(GROUPS)) {
  if (positionals.length > 0 && !positionals.includes(name)) continue;
  if (values.json !== true) console.log(`\n${name}`);
  for (const figure of await bench()) {
    figures.push(figure);
    if (values.json !== true) console.log(`  ${figureLine(figure)}`);
  }
}
if (values.json === true) console.log(JSON.stringify(figures));
