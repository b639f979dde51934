/** 10,000 HTTP checks, each over a connection of its own: what the prober's process pays, beside bare connections. */
import assert from 'node:assert/strict';
import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { Figure } from './figure.ts';
import { median } from './figure.ts';

const RUNS = 3;

/** The figures of probing. Errors: throws when a check does not pass. */
export async function probes(): Promise<readonly Figure[]> {
  const server = spawn(process.execPath, [join(import.meta.dirname, 'probe-server.ts')], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  try {
    const [line]: unknown[] = await once(server.stdout, 'data');
    const port = String(line).trim();
    const prober: Load[] = [];
    const bare: Load[] = [];
    for (let run = 0; run < RUNS; run += 1) {
      bare.push(await load('bare', port));
      prober.push(await load('prober', port));
    }
    const perCpuSecond = (loads: readonly Load[]): number =>
      median(loads.map(({ checks, cpuSeconds }) => checks / cpuSeconds));
    const cycle = (loads: readonly Load[]): number => median(loads.map(({ seconds }) => seconds * 1000));
    return [
      {
        name: 'HTTP checks a CPU second of the prober',
        value: perCpuSecond(prober),
        unit: '/s',
        floor: perCpuSecond(bare),
        goal: '20,000, or 0.5 of bare connections',
      },
      {
        name: 'one cycle of 10,000 HTTP checks',
        value: cycle(prober),
        unit: 'ms',
        floor: cycle(bare),
        goal: 'at most 2',
      },
    ];
  } finally {
    server.stdin.end();
  }
}

interface Load {
  readonly checks: number;
  readonly cpuSeconds: number;
  readonly seconds: number;
}

async function load(mode: 'prober' | 'bare', port: string): Promise<Load> {
  const program = join(import.meta.dirname, 'probe-load.ts');
  const { stdout } = await promisify(execFile)(process.execPath, [program, mode, port]);
  const said: Load = JSON.parse(stdout);
  assert(said.checks > 0 && said.cpuSeconds > 0);
  return said;
}
