/** Short commands beside a Node program that does nothing. */
import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Figure } from './figure.ts';
import { median } from './figure.ts';
import { type Ran, install } from './installed.ts';

const RUNS = 25;
const SERVICES = 100;

/** The figures of the command line. Errors: throws when a command fails or `ps` does not list every service. */
export async function commandLine(): Promise<readonly Figure[]> {
  using installed = install();
  const empty = join(installed.folder, 'empty.cjs');
  writeFileSync(empty, '');
  writeFileSync(join(installed.folder, 'rouse.toml'), dormant());
  await installed.rouse('daemon', 'start');
  try {
    const listed: unknown = JSON.parse((await installed.rouse('ps', '--json')).stdout);
    assert(Array.isArray(listed) && listed.length === SERVICES, '`ps` lists every service');
    const floors: number[] = [];
    const versions: number[] = [];
    const lists: number[] = [];
    const documents: number[] = [];
    const measure = async (into: number[], run: Promise<Ran>): Promise<number> => into.push((await run).ms);
    for (let run = 0; run < RUNS; run += 1) {
      await measure(floors, installed.node(empty));
      await measure(versions, installed.rouse('version'));
      await measure(lists, installed.rouse('ps'));
      await measure(documents, installed.rouse('ps', '--json'));
    }
    const floor = median(floors);
    const line = (name: string, ms: readonly number[], goal: string): Figure => ({
      name,
      value: median(ms),
      unit: 'ms',
      floor,
      goal,
    });
    return [
      line('`rouse version`', versions, 'at most 1.3'),
      line('`rouse ps` of 100 services', lists, 'at most 1.5'),
      line('`rouse ps --json` of 100 services', documents, 'at most 1.5'),
    ];
  } finally {
    await installed.rouse('daemon', 'stop');
  }
}

function dormant(): string {
  const tables = Array.from({ length: SERVICES }, (_, index) => `[services.s${index}]\ncommand = "sleep 1000"`);
  return `name = "bench"\n${tables.join('\n')}\n`;
}
