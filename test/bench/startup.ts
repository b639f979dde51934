/** `rouse up -d` until all are ready, beside a program that only spawns the same commands in the same order. */
import assert from 'node:assert/strict';
import { existsSync, readFileSync, readdirSync, readlinkSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Figure } from './figure.ts';
import { median } from './figure.ts';
import { type Installed, install } from './installed.ts';
import { type Trivial, argvOf, assertWitness, chain, definitionOf, layers, wide } from './shapes.ts';

const FLOOR = join(import.meta.dirname, 'spawn-floor.ts');

interface Workload {
  readonly name: string;
  readonly services: readonly Trivial[];
  readonly runs: number;
  /** Times the floor that it may take, beside the start of a daemon; 0 for the start of a daemon itself. */
  readonly factor: number;
}

const WORKLOADS: readonly Workload[] = [
  { name: '`up -d` of 1 service: what a daemon costs', services: wide(1), runs: 5, factor: 0 },
  { name: '`up -d` of 100 services, wide', services: wide(100), runs: 3, factor: 1.4 },
  { name: '`up -d` of 500 services, wide', services: wide(500), runs: 3, factor: 1.4 },
  { name: '`up -d` of a chain of 50', services: chain(50), runs: 3, factor: 2 },
  { name: '`up -d` of 10 layers of 20', services: layers(10, 20), runs: 3, factor: 1.6 },
];

/** The figures of starting. Errors: throws when an order is violated or something is left behind. */
export async function startup(): Promise<readonly Figure[]> {
  using installed = install();
  const figures: Figure[] = [];
  let daemonMs = 0;
  for (const { name, services, runs, factor } of WORKLOADS) {
    const ups: number[] = [];
    const floors: number[] = [];
    const downs: number[] = [];
    for (let run = 0; run < runs; run += 1) {
      floors.push(await floorOnce(installed, services));
      const { upMs, downMs } = await upOnce(installed, services);
      ups.push(upMs);
      downs.push(downMs);
    }
    const floor = median(floors);
    if (factor === 0) daemonMs = median(ups);
    const most = Math.round(factor * floor + daemonMs);
    const goal = factor === 0 ? 'small' : `at most ${factor} of the floor and a daemon: ${most} ms`;
    figures.push({ name, value: median(ups), unit: 'ms', floor, goal });
    if (services.length === 500)
      figures.push({ name: '`down` of the 500', value: median(downs), unit: 'ms', floor: null, goal: 'small' });
  }
  return figures;
}

async function upOnce(installed: Installed, services: readonly Trivial[]): Promise<{ upMs: number; downMs: number }> {
  const witness = freshWitness(installed);
  writeFileSync(join(installed.folder, 'rouse.toml'), definitionOf(services, witness));
  const { ms: upMs } = await installed.rouse('up', '-d').catch(async (error: unknown) => {
    await installed.rouse('down');
    throw error;
  });
  const { ms: downMs } = await installed.rouse('down');
  assertWitness(services, witness);
  assert.deepEqual(livingIn(installed.folder), [], 'processes are left after `down`');
  assert(!existsSync(join(installed.folder, '../run/bench/admin.sock')), 'the daemon is left after `down`');
  return { upMs, downMs };
}

async function floorOnce(installed: Installed, services: readonly Trivial[]): Promise<number> {
  const witness = freshWitness(installed);
  const plan = join(installed.folder, 'plan.json');
  const rows = services.map((service) => ({ ...service, argv: argvOf(service, witness) }));
  writeFileSync(plan, JSON.stringify(rows));
  const { stdout } = await installed.node(FLOOR, plan);
  assertWitness(services, witness);
  return Number(stdout);
}

function freshWitness({ folder }: Installed): string {
  const witness = join(folder, 'witness');
  rmSync(witness, { force: true });
  return witness;
}

/** The processes whose working folder this is: every service's, and what it started. Zombies have none. */
function livingIn(folder: string): readonly string[] {
  return readdirSync('/proc')
    .filter((entry) => /^\d+$/.test(entry) && Number(entry) !== process.pid)
    .filter((pid) => {
      try {
        return readlinkSync(`/proc/${pid}/cwd`) === folder;
      } catch {
        return false;
      }
    })
    .map((pid) => readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' '));
}
