/** What keeping services up costs: the way from a crash to the next run, the end of many, memory, and doing nothing. */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { existsSync, readFileSync, readdirSync, rmSync, watch, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { type Client, createClient } from '../../src/client/client.ts';
import { systemClock } from '../../src/clock/system.ts';
import type { Figure } from './figure.ts';
import { median } from './figure.ts';
import { type Installed, install } from './installed.ts';

/** Fewer than the damper lets through at once: what it holds back is no figure of this. */
const CRASHES = 15;
const IDLE_SECONDS = 20;
const HEAP_BYTES = 500_000_000;
/** Makes every Node program below hold that much memory, the daemon too. */
const HEAVY = `--import=data:text/javascript,globalThis.ballast=Buffer.alloc(${HEAP_BYTES},1)`;

/** The figures of supervision. Errors: throws when something is left behind. */
export async function supervision(): Promise<readonly Figure[]> {
  const figures: Figure[] = [];
  const floor = await crashFloor();
  for (const count of [20, 500]) {
    figures.push(
      ...(await withUp(count, {}, async (up) => [
        {
          name: `kill -9 to the next run, no delay, among ${count}`,
          value: await crashToRun(up),
          unit: 'ms',
          floor,
          goal: `at most ${count === 20 ? 5 : 6} ms`,
        },
        ...(count === 500 ? await atRest(up, count) : []),
      ])),
    );
  }
  figures.push(await heavy(floor), await stopOf100(), ...(await emptyDaemon()));
  return figures;
}

interface Up {
  readonly client: Client;
  readonly daemon: number;
  readonly witness: string;
}

/** What `measure` finds while so many services are up. They are ended and the folders removed, whatever happens. */
async function withUp<T>(
  count: number,
  environment: Readonly<Record<string, string>>,
  measure: (up: Up) => Promise<T>,
): Promise<T> {
  using installed = install(environment);
  try {
    return await measure(await bringUp(installed, count));
  } finally {
    await installed.rouse('down');
  }
}

async function bringUp(installed: Installed, count: number): Promise<Up> {
  const witness = join(installed.folder, 'witness');
  rmSync(witness, { force: true });
  const rest = Array.from({ length: count - 1 }, (_, at) => `[services.s${at}]\ncommand = "sleep 1000"\n`);
  writeFileSync(
    join(installed.folder, 'rouse.toml'),
    `name = "bench"
[defaults]
settle = "0s"
restart = { policy = "always", delay = "0ms", jitter = 0, max = 1000000, within = "1s" }
[services.probe]
command = ["sh", "-c", "date +%s%N >>${witness}; exec sleep 1000"]
${rest.join('')}`,
  );
  await installed.rouse('up', '-d');
  const socketPath = join(installed.folder, '../run/bench/admin.sock');
  const client = createClient({ socketPath, clock: systemClock(), via: 'library' });
  const { pid } = await client.daemon.status();
  return { client, daemon: pid, witness };
}

/** Milliseconds from the signal to the first act of the next run, as that run's own clock says. */
async function crashToRun({ client, witness }: Up): Promise<number> {
  const taken: number[] = [];
  for (let crash = 0; crash < CRASHES; crash += 1) {
    taken.push(await crashOnce(await pidOf(client, 'probe'), witness));
  }
  return median(taken);
}

/** The process of a service, once it is known to have one: 0 would name whoever asks. */
async function pidOf(client: Client, name: string): Promise<number> {
  for (;;) {
    const { pid } = await client.services.get(name);
    if (pid !== null) return pid;
  }
}

async function crashOnce(pid: number, witness: string): Promise<number> {
  const before = linesOf(witness).length;
  const again = Promise.withResolvers<undefined>();
  using _watching = watched(witness, () => {
    if (linesOf(witness).length > before) again.resolve(undefined);
  });
  const at = (performance.timeOrigin + performance.now()) * 1e6;
  process.kill(pid, 'SIGKILL');
  await again.promise;
  return (Number(linesOf(witness).at(-1)) - at) / 1e6;
}

async function crashFloor(): Promise<number> {
  using installed = install();
  const witness = join(installed.folder, 'witness');
  writeFileSync(witness, '');
  const child = spawn(process.execPath, [join(import.meta.dirname, 'restart-floor.ts'), witness], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const pids = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const taken: number[] = [];
  let last = 0;
  using held = new DisposableStack();
  held.defer(() => void (last > 1 && process.kill(last, 'SIGKILL')));
  // First of all, or it would start another.
  held.defer(() => child.kill('SIGKILL'));
  for (let crash = 0; crash < CRASHES; crash += 1) {
    last = Number((await pids.next()).value);
    while (linesOf(witness).length <= crash) await new Promise((resolve) => setImmediate(resolve));
    taken.push(await crashOnce(last, witness));
  }
  last = Number((await pids.next()).value);
  return median(taken);
}

/** The same crash under a daemon that holds 500 MB more. */
async function heavy(floor: number): Promise<Figure> {
  const value = await withUp(20, { NODE_OPTIONS: HEAVY }, crashToRun);
  return { name: 'the same among 20, daemon 500 MB heavier', value, unit: 'ms', floor, goal: 'as without' };
}

/** From the order to the death of the last of 100, as the kernel shows it. */
async function stopOf100(): Promise<Figure> {
  const value = await withUp(100, {}, async ({ client }) => {
    const pids = (await client.services.list()).map(({ pid }) => pid ?? 0);
    assert.equal(pids.length, 100);
    const from = performance.now();
    await client.changes.create({ action: 'stop', services: [] });
    while (pids.some(isAlive)) await new Promise((resolve) => setImmediate(resolve));
    return performance.now() - from;
  });
  const children = Array.from({ length: 100 }, () => spawn('sleep', ['1000'], { stdio: 'ignore', detached: true }));
  await Promise.all(children.map((child) => new Promise((resolve) => child.once('spawn', resolve))));
  const floorFrom = performance.now();
  for (const child of children) child.kill();
  while (children.some(({ pid }) => isAlive(pid ?? 0))) await new Promise((resolve) => setImmediate(resolve));
  const floor = performance.now() - floorFrom;
  return { name: '`stop` of 100, last death', value, unit: 'ms', floor, goal: 'at most 1.5 of the floor' };
}

async function atRest({ daemon }: Up, count: number): Promise<readonly Figure[]> {
  const before = cpuMs(daemon);
  await new Promise((resolve) => setTimeout(resolve, IDLE_SECONDS * 1000));
  const idle = (cpuMs(daemon) - before) / IDLE_SECONDS;
  const around = aroundOf(daemon);
  const each = around.reduce((sum, pid) => sum + pssKb(pid), 0) / count;
  return [
    {
      name: `daemon at ${count}, resident share`,
      value: pssKb(daemon) / 1024,
      unit: 'MB',
      floor: null,
      goal: 'at most 100 MB',
    },
    { name: `beside each of ${count} services`, value: each, unit: 'KB', floor: null, goal: 'at most 130 KB' },
    { name: `CPU a second of an idle daemon at ${count}`, value: idle, unit: 'ms', floor: null, goal: 'at most 1 ms' },
  ];
}

async function emptyDaemon(): Promise<readonly Figure[]> {
  const figures: Figure[] = [];
  for (const count of [1, 100]) {
    const value = await withUp(count, {}, async ({ daemon }) => pssKb(daemon) / 1024);
    figures.push({ name: `daemon at ${count}, resident share`, value, unit: 'MB', floor: null, goal: 'at most 75 MB' });
  }
  return figures;
}

/** The shims and the launcher: everything whose command line names the daemon's run folder. */
function aroundOf(daemon: number): readonly number[] {
  const pids = readdirSync('/proc')
    .filter((entry) => /^\d+$/.test(entry))
    .map(Number);
  return pids.filter((pid) => pid !== daemon && textOf(`/proc/${pid}/cmdline`).includes('/run/bench/run'));
}

function pssKb(pid: number): number {
  return Number(/^Pss:\s+(\d+)/m.exec(textOf(`/proc/${pid}/smaps_rollup`))?.[1] ?? 0);
}

function cpuMs(pid: number): number {
  const fields = textOf(`/proc/${pid}/stat`).split(') ')[1]?.split(' ') ?? [];
  return (Number(fields[11]) + Number(fields[12])) * 10;
}

function isAlive(pid: number): boolean {
  const stat = textOf(`/proc/${pid}/stat`);
  return stat !== '' && !/\) [ZX] /.test(stat);
}

function textOf(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}

function linesOf(path: string): readonly string[] {
  return existsSync(path) ? readFileSync(path, 'utf8').split('\n').slice(0, -1) : [];
}

function watched(path: string, changed: () => void): Disposable {
  const watcher = watch(path, changed);
  return { [Symbol.dispose]: () => watcher.close() };
}
