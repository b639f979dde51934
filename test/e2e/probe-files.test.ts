// Kinds that learn from the kernel when their answer changes: a file, the ready file, a line of output.
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  appendFileSync,
  closeSync,
  mkdirSync,
  renameSync,
  rmSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { readyFilePath } from '../../src/model/ready-file.ts';
import type { ProbeTarget } from '../../src/model/spec.ts';
import { type ProbeWorld, probeWorld } from './probe-world.ts';

let world: ProbeWorld;

beforeEach(() => {
  world = probeWorld();
});

afterEach(() => world[Symbol.asyncDispose]());

// A cadence of minutes: whatever is told sooner was learnt from the kernel.
const rarely = { startIntervalMs: 600_000, intervalMs: 600_000, failureThreshold: 1 };
const isPass = ({ answer }: { readonly answer: string }): boolean => answer === 'pass';
const isFail = ({ answer }: { readonly answer: string }): boolean => answer === 'fail';
/** What was told, without repetitions: the kernel may give more notices than there are changes. */
const answers = (): string[] =>
  world.told.map(({ answer }) => answer).filter((answer, index, all) => answer !== all[index - 1]);
const later = (target: ProbeTarget): void =>
  world.prober.watch({ ...world.subject(target, rarely), cadence: 'running' });

describe('a file', () => {
  const file = (path: string): ProbeTarget => ({ type: 'file', path });

  test.for([
    ['there', 'pass', 'it exists'],
    ['missing', 'fail', 'it does not exist'],
    ['there/below', 'fail', 'it does not exist'],
    ['.', 'pass', 'it exists'],
  ] as const)('at %s is a %s', async ([path, answer, message]) => {
    writeFileSync(join(world.folder, 'there'), '');
    expect(await world.ask(file(path))).toMatchObject({ answer, message });
  });

  test('is seen at once when it comes and when it goes', async () => {
    const path = join(world.folder, 'ready');
    later(file(path));
    await world.answer(isFail);
    writeFileSync(path, '');
    await world.answer(isPass);
    rmSync(path);
    await world.answer((report) => isFail(report) && world.told.indexOf(report) > world.told.findIndex(isPass));
    expect(answers()).toEqual(['fail', 'pass', 'fail']);
  });

  test('is seen at once in a folder that comes later, or comes whole', async () => {
    const path = join(world.folder, 'a', 'b', 'c', 'ready');
    later(file(path));
    await world.answer(isFail);
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, '');
    await world.answer(isPass);
    const whole = join(world.folder, 'x', 'y', 'ready');
    world.prober.watch({ ...world.subject(file(whole), rarely), service: 'other', cadence: 'running' });
    await world.answer((report) => report.service === 'other');
    mkdirSync(join(world.folder, 'made', 'y'), { recursive: true });
    writeFileSync(join(world.folder, 'made', 'y', 'ready'), '');
    renameSync(join(world.folder, 'made'), join(world.folder, 'x'));
    await world.answer((report) => report.service === 'other' && isPass(report));
    expect(answers()).toEqual(['fail', 'pass', 'fail', 'pass']);
  });

  test('is seen again after its folder was removed and made anew', async () => {
    const path = join(world.folder, 'run', 'sub', 'ready');
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, '');
    later(file(path));
    await world.answer(isPass);
    rmSync(dirname(path), { recursive: true });
    await world.answer(isFail);
    mkdirSync(dirname(path));
    writeFileSync(path, '');
    await world.answer((report) => isPass(report) && world.told.indexOf(report) > world.told.findIndex(isFail));
    expect(answers()).toEqual(['pass', 'fail', 'pass']);
  });
});

describe('the ready file', () => {
  const fd: ProbeTarget = { type: 'fd', fd: 3 };
  const path = (): string => readyFilePath(join(world.folder, 'run'), 'web', 1);
  const silent = { answer: 'fail', message: 'it has not said yet that it is ready' };

  test('passes at once when a newline is written to it', async () => {
    mkdirSync(dirname(path()), { recursive: true });
    writeFileSync(path(), '');
    later(fd);
    await world.answer(isFail);
    appendFileSync(path(), 'almost');
    expect(await world.ask(fd)).toMatchObject(silent);
    appendFileSync(path(), ' there\n');
    expect(await world.answer(isPass)).toMatchObject({ message: 'it said that it is ready' });
  });

  test('may be made after the question was asked', async () => {
    later(fd);
    expect(await world.answer(isFail)).toMatchObject(silent);
    mkdirSync(dirname(path()), { recursive: true });
    writeFileSync(path(), '\n');
    await world.answer(isPass);
  });

  test('of another run says nothing about this one', async () => {
    const other = readyFilePath(join(world.folder, 'run'), 'web', 2);
    mkdirSync(dirname(other), { recursive: true });
    writeFileSync(other, '\n');
    expect(await world.ask(fd)).toMatchObject(silent);
  });

  test('is not followed where it is a link', async () => {
    mkdirSync(dirname(path()), { recursive: true });
    writeFileSync(join(world.folder, 'secret'), 'secret\n');
    symlinkSync(join(world.folder, 'secret'), path());
    expect(await world.ask(fd)).toMatchObject({ answer: 'fail' });
  });
});

describe('a line of output', () => {
  const log = (pattern: string): ProbeTarget => ({ type: 'log', pattern });

  test('passes as soon as it is written, and stays', async () => {
    const output = world.logs.open('web', 1);
    later(log('listening on port \\d+'));
    expect(await world.answer(isFail)).toMatchObject({ message: 'no such line yet' });
    writeSync(output.fd, 'starting\nserver: listening on ');
    writeSync(output.fd, 'port 8080 now\nmore\n');
    expect(await world.answer(isPass)).toMatchObject({ message: 'server: listening on port 8080 now' });
    expect(await world.ask(log('listening on port \\d+'))).toMatchObject({ answer: 'pass' });
    closeSync(output.fd);
  });

  test('that was there before counts', async () => {
    const output = world.logs.open('web', 1);
    writeSync(output.fd, 'ready\n');
    closeSync(output.fd);
    expect(await world.ask(log('^ready$'))).toMatchObject({ answer: 'pass', message: 'ready' });
    expect(await world.ask(log('^steady$'))).toMatchObject({ answer: 'fail' });
  });

  test('of an earlier run does not count', async () => {
    const earlier = world.logs.open('web', 1);
    writeSync(earlier.fd, 'ready\n');
    closeSync(earlier.fd);
    world.logs.end('web', 1);
    const output = world.logs.open('web', 2);
    world.prober.watch({ ...world.subject(log('ready'), rarely), run: 2, cadence: 'running' });
    expect(await world.answer(isFail)).toMatchObject({ run: 2 });
    writeSync(output.fd, 'ready again\n');
    expect(await world.answer(isPass)).toMatchObject({ run: 2, message: 'ready again' });
    closeSync(output.fd);
  });

  test('counts for the run that another daemon takes over, although it is not kept any more', async () => {
    const output = world.logs.open('web', 1);
    writeSync(output.fd, 'ready\n');
    expect(await world.ask(log('^ready$'))).toMatchObject({ answer: 'pass', message: 'ready' });
    truncateSync(output.path);
    expect(await world.ask(log('^ready$'))).toMatchObject({ answer: 'pass' });
    expect(await world.ask(log('^rea'))).toMatchObject({ answer: 'fail' });
    closeSync(output.fd);
  });

  test('and a pattern that are made to be slow together are not', async () => {
    const output = world.logs.open('web', 1);
    writeSync(output.fd, `${'a'.repeat(20_000)}!\n`);
    closeSync(output.fd);
    expect(await world.ask(log('^(a+)+$'), { timeoutMs: 4000 })).toMatchObject({ message: 'no such line yet' });
  });

  test('that matches a pattern that is none never comes', async () => {
    expect(await world.ask(log('('))).toMatchObject({ answer: 'fail', message: 'not a pattern: (' });
  });
});

describe('a process', () => {
  let child: ChildProcess;

  beforeEach(async () => {
    child = spawn('/bin/sleep', ['1000']);
    await once(child, 'spawn');
  });

  afterEach(async () => {
    if (child.exitCode !== null || child.signalCode !== null) return;
    child.kill('SIGKILL');
    await once(child, 'exit');
  });

  const named = (name: string | null): ProbeTarget => ({ type: 'process', name });

  test('of its own passes while it lives', async () => {
    await using own = probeWorld({ pidOf: () => child.pid ?? null });
    expect(await own.ask(named(null))).toMatchObject({ answer: 'pass', message: `process ${child.pid} lives` });
    const end = once(child, 'exit');
    child.kill('SIGKILL');
    await end;
    expect(await own.ask(named(null))).toMatchObject({ answer: 'fail', message: `process ${child.pid} is gone` });
  });

  test('of its own that nobody knows is a failure', async () => {
    await using own = probeWorld({ pidOf: () => null });
    expect(await own.ask(named(null))).toMatchObject({ answer: 'fail', message: 'no process of its own is known' });
  });

  test('of a name passes while any lives', async () => {
    expect(await world.ask(named('sleep'))).toMatchObject({ answer: 'pass' });
    expect(await world.ask(named('a-program-that-nobody-runs'))).toMatchObject({
      answer: 'fail',
      message: 'no process named "a-program-that-nobody-runs"',
    });
  });
});
