import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { VirtualClock } from '../../src/clock/virtual.ts';
import { createLogStore } from '../../src/log/log-store.ts';
import type { RuntimeReport } from '../../src/ports/runtime.ts';
import type { KindRuntime } from '../../src/runtime/dispatch.ts';
import { type FunctionContext, type ServiceFunction, createFunctionRuntime } from '../../src/runtime/function.ts';
import { given } from './given.ts';

let folder: string;
let reports: RuntimeReport[];
let ready: string[];
const functions = new Map<string, ServiceFunction>();
let runtime: KindRuntime;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'rouse-function-'));
  [reports, ready] = [[], []];
  functions.clear();
  runtime = createFunctionRuntime({
    logs: createLogStore({ folder, clock: new VirtualClock(), keepBytes: () => 1000 }),
    report: (report) => reports.push(report),
    find: (name) => functions.get(name),
    ready: (service, run) => ready.push(`${service} ${run}`),
  });
});
afterEach(() => rmSync(folder, { recursive: true }));

const worker = given('worker', { execution: { type: 'function' } });
const start = (act: ServiceFunction): void => {
  functions.set('worker', act);
  runtime.start(worker, 1);
};
/** Lets everything happen that needs no time. */
const calm = async (): Promise<void> => {
  for (let turn = 0; turn < 20; turn += 1) await Promise.resolve();
};
const output = (): string => readFileSync(join(folder, 'worker', '1.log'), 'utf8');
/** Up until it is asked to stop. */
const obedient = async ({ signal }: FunctionContext): Promise<void> =>
  await new Promise((resolve) => signal.addEventListener('abort', () => resolve()));

test('a function is started without a process, and returning is a clean end', async () => {
  start(() => undefined);
  expect(reports).toEqual([]);
  await calm();
  expect(reports).toEqual([
    { type: 'started', service: 'worker', run: 1, pid: null },
    { type: 'exited', service: 'worker', run: 1, exitCode: 0, signal: null },
  ]);
});

test('what it throws is a failure, and stands in its output', async () => {
  start(async () => {
    await Promise.resolve();
    throw new Error('no queue');
  });
  await calm();
  expect(reports.at(-1)).toMatchObject({ type: 'exited', exitCode: 1 });
  expect(output()).toMatch(/^Error: no queue\n\s+at /);
});

test('it logs lines and says once that it is ready', async () => {
  start(async (context) => {
    context.log('one');
    context.log('two\n');
    context.ready();
    context.ready();
    await obedient(context);
  });
  await calm();
  expect(output()).toBe('one\ntwo\n');
  expect(ready).toEqual(['worker 1']);
  expect(reports).toHaveLength(1);
});

test('stopping aborts its signal and waits for it', async () => {
  start(obedient);
  await calm();
  runtime.stop(worker, 1);
  runtime.stop(worker, 1);
  await calm();
  expect(reports.at(-1)).toMatchObject({ type: 'exited', exitCode: 0 });
});

test('one that does not heed its signal is let go of, and says nothing any more', async () => {
  let context: FunctionContext | undefined;
  start(async (given) => {
    context = given;
    await new Promise(() => undefined);
  });
  await calm();
  runtime.stop(worker, 1);
  await calm();
  expect(reports).toHaveLength(1);
  runtime.kill('worker', 1);
  runtime.kill('worker', 1);
  await calm();
  expect(reports.slice(1)).toEqual([{ type: 'exited', service: 'worker', run: 1, exitCode: null, signal: null }]);
  context?.log('late');
  context?.ready();
  expect(output()).toBe('');
  expect(ready).toEqual([]);
});

test('a service without a function cannot start', async () => {
  runtime.start(worker, 1);
  await calm();
  expect(reports).toEqual([
    expect.objectContaining({ type: 'start-failed', fault: expect.objectContaining({ code: 'not-found' }) }),
  ]);
});

test('nothing of it outlives the program', async () => {
  runtime.adopt(worker, 1);
  await calm();
  expect(reports).toEqual([{ type: 'exited', service: 'worker', run: 1, exitCode: null, signal: null }]);
});
