/** Going on where a killed daemon left off: what it costs until every run is taken over and known again. */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Figure } from './figure.ts';
import { median } from './figure.ts';

const ROUNDS = 5;
const WORLD = join(import.meta.dirname, 'recovery-world.ts');
const SIZES = [
  [200, 150],
  [1000, 1000],
] as const;

/** The figures of recovery. Errors: throws when a run is not taken over, or is another process than before. */
export async function recovery(): Promise<readonly Figure[]> {
  const figures: Figure[] = [];
  for (const [count, mostMs] of SIZES) {
    const { wallMs, cpuMs, longestMs } = await recoveryOf(count);
    const goal = `at most ${mostMs} ms`;
    figures.push({ name: `${count} live services taken over, work`, value: cpuMs, unit: 'ms', floor: null, goal });
    figures.push({ name: `${count} live services taken over, time`, value: wallMs, unit: 'ms', floor: null, goal });
    const turn = `${count} live services taken over, longest turn`;
    figures.push({ name: turn, value: longestMs, unit: 'ms', floor: null, goal: 'at most 20 ms' });
  }
  return figures;
}

async function recoveryOf(count: number): Promise<Times> {
  const folder = mkdtempSync(join(tmpdir(), 'rouse-recovery-'));
  try {
    await upAndKilled(folder, count);
    const rounds: Round[] = [];
    for (let round = 0; round < ROUNDS; round += 1) {
      const said: unknown = JSON.parse(await run('take', folder, count));
      assert(isRound(said));
      rounds.push(said);
    }
    const [first] = rounds;
    for (const { pids } of rounds) assert.deepEqual(pids, first?.pids, 'the same processes are there every time');
    assert.equal(new Set(first?.pids).size, count);
    return {
      wallMs: median(rounds.map(({ wallMs }) => wallMs)),
      cpuMs: median(rounds.map(({ cpuMs }) => cpuMs)),
      longestMs: median(rounds.map(({ longestMs }) => longestMs)),
    };
  } finally {
    await run('down', folder, count);
    rmSync(folder, { recursive: true, force: true, maxRetries: 10, retryDelay: 50 });
  }
}

interface Times {
  readonly wallMs: number;
  readonly cpuMs: number;
  /** The longest that the loop was held up while the runs were taken over. */
  readonly longestMs: number;
}

interface Round extends Times {
  readonly pids: readonly number[];
}

function isRound(said: unknown): said is Round {
  const keys = ['wallMs', 'cpuMs', 'longestMs', 'pids'];
  return typeof said === 'object' && said !== null && keys.every((key) => key in said);
}

async function run(mode: 'take' | 'down', folder: string, count: number): Promise<string> {
  const child = spawn(process.execPath, [WORLD, mode, folder, String(count)], { stdio: ['ignore', 'pipe', 'inherit'] });
  const chunks: Buffer[] = [];
  child.stdout.on('data', (chunk: Buffer) => chunks.push(chunk));
  const [code] = await once(child, 'close');
  assert.equal(code, 0, `${mode} of ${count}`);
  return Buffer.concat(chunks).toString('utf8');
}

async function upAndKilled(folder: string, count: number): Promise<void> {
  const child = spawn(process.execPath, [WORLD, 'up', folder, String(count)], { stdio: ['ignore', 'pipe', 'inherit'] });
  await once(child.stdout, 'data');
  child.kill('SIGKILL');
  await once(child, 'exit');
}
