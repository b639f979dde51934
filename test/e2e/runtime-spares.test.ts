// Runs that are begun by a spare, where this machine has control groups for one.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { KindRuntime } from '../../src/runtime/dispatch.ts';
import { createProcessRuntime } from '../../src/runtime/process.ts';
import { readRecord } from '../../src/runtime/run-record.ts';
import { createTrees } from '../../src/runtime/trees.ts';
import { systemClock } from '../../src/clock/system.ts';
import { type RuntimeWorld, exec, gone, pause, runtimeWorld, shell } from './runtime-world.ts';

let world: RuntimeWorld;
let runtime: KindRuntime;
beforeEach(async () => {
  world = runtimeWorld();
  runtime = createProcessRuntime(world.parts());
  runtime.start(world.spec('first', exec('sleep', '1000')), 1);
  await world.report('started', 'first');
});
afterEach(async () => {
  for (const report of world.reports) if (report.type === 'started') runtime.kill(report.service, report.run);
  for (const report of world.reports)
    if (report.type === 'started') await world.report('exited', report.service, report.run);
  world[Symbol.dispose]();
});

/** The process of the spare that stands ready, and its folder. */
async function spare(root = world.folder): Promise<{ readonly folder: string; readonly pid: number }> {
  for (;;) {
    const log = readFileSync(join(root, 'run', '.events', 'log'), 'utf8');
    const [, name, pid] = /^(\.spare\/\S+) (\d+)$/m.exec(log) ?? [];
    if (name !== undefined) return { folder: join(root, 'run', name), pid: Number(pid) };
    await pause(5);
  }
}

test('a run that is begun by a spare is that process, in its group, and ends with its own code', async () => {
  const { pid } = await spare();
  await pause(20);
  runtime.start(world.spec('api', exec('sleep', '1000')), 1);
  const { pid: main } = await world.report('started', 'api');
  expect(main).toBe(pid);
  const group = readFileSync(`/proc/${pid}/cgroup`, 'utf8');
  expect(group).toMatch(/^0::.*\/rouse\/.*\/_spare\.[^/]+$/m);
  const trees = createTrees({ clock: systemClock(), runDirectory: join(world.folder, 'run') });
  const limits = { memoryBytes: null, cpus: null, processes: null };
  const lost = trees.adopt({ service: 'api', run: 1, instance: 'nameless', limits }, null);
  expect(lost.held().tree).toBe('cgroup');
  expect(lost.members().map((one) => one.pid)).toEqual([pid]);
  runtime.kill('api', 1);
  expect(await world.report('exited', 'api')).toMatchObject({ exitCode: null, signal: 'SIGKILL' });
});

test('the end of a run that was begun by a spare is told as it was', async () => {
  await spare();
  await pause(20);
  runtime.start(world.spec('api', shell('exit 7')), 1);
  expect(await world.report('exited', 'api')).toMatchObject({ exitCode: 7, signal: null });
  runtime.release('api', 1);
  expect(existsSync(join(world.folder, 'run', 'api', '1'))).toBe(false);
});

test('a spare whose daemon is killed begins nothing, and what it would have been never began', async () => {
  await using own = await alone();
  const { folder, pid } = await spare(own.folder);
  own.kill();
  await gone(pid);
  let record = readRecord(join(folder, 'record'));
  while (record?.status === null) {
    await pause(5);
    record = readRecord(join(folder, 'record'));
  }
  expect(record).toMatchObject({ main: null, failed: 'fenced', status: 125 });
});

test('who may gain rights is not begun by a spare, and who may not gains none by it', async () => {
  const { pid } = await spare();
  await pause(20);
  const plain = world.spec('plain', exec('sleep', '1000'));
  const free = world.spec('free', exec('sleep', '1000'), { confinement: { ...plain.confinement, sandbox: 'none' } });
  runtime.start(free, 1);
  const other = (await world.report('started', 'free')).pid ?? 0;
  runtime.start(plain, 1);
  expect((await world.report('started', 'plain')).pid).toBe(pid);
  const gains = (one: number): string | undefined =>
    /^NoNewPrivs:\t(.)$/m.exec(readFileSync(`/proc/${one}/status`, 'utf8'))?.[1];
  expect([other === pid, gains(other), gains(pid)]).toEqual([false, '0', '1']);
});

test('what is asked to stop takes the spare with it', async () => {
  const { pid, folder } = await spare();
  await pause(20);
  runtime.kill('first', 1);
  await world.report('exited', 'first');
  await gone(pid);
  expect(existsSync(folder)).toBe(false);
});

/** A program with one run, that is killed at the latest in the end, and its run with it. */
async function alone(): Promise<AsyncDisposable & { readonly folder: string; readonly kill: () => void }> {
  const folder = join(world.folder, 'alone');
  mkdirSync(join(folder, 'run'), { recursive: true });
  const program = join(import.meta.dirname, 'runtime-process-alone.ts');
  const child = spawn(process.execPath, [program], {
    env: { ALONE_FOLDER: folder, ALONE_COUNT: '1', ALONE_STAYS: 'yes' },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const [line] = await once(child.stdout, 'data');
  const run = Number(/^started (\d+)/.exec(String(line))?.[1]);
  const kill = (): void => void child.kill('SIGKILL');
  return {
    folder,
    kill,
    async [Symbol.asyncDispose]() {
      kill();
      process.kill(run, 'SIGKILL');
      await gone(run);
    },
  };
}
