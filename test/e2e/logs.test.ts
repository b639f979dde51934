import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { systemClock } from '../../src/clock/system.ts';
import { createLogStore } from '../../src/log/log-store.ts';
import type { LogQuery, LogStore } from '../../src/ports/log-store.ts';

const FOLLOW: LogQuery = { services: [], tail: null, mode: 'follow', runs: 'all' };

let folder: string;
let store: LogStore;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'logs-'));
  store = createLogStore({ folder, clock: systemClock(), keepBytes: () => 1_000_000_000 });
});
afterEach(() => rmSync(folder, { recursive: true }));

/** A process that writes to the file of the run, as a service does; resolves when it has ended. */
async function writer(service: string, run: number, line: string): Promise<void> {
  const { fd } = store.open(service, run);
  const child = spawn('sh', ['-c', line], { stdio: ['ignore', fd, fd] });
  closeSync(fd);
  await once(child, 'exit');
  store.end(service, run);
}

test('every line of several services and runs is followed, once and in order', async () => {
  const abort = new AbortController();
  const lines = 20_000;
  const count = `i=0; while [ $i -lt ${lines} ]; do echo "$ROUND line $i"; i=$((i+1)); done`;
  const rounds = ['api', 'web'].map(async (service) => {
    for (const run of [1, 2]) await writer(service, run, `ROUND=${run}; ${count}`);
  });
  const seen = new Map<string, number>();
  for await (const { service, run, text, at } of store.read(FOLLOW, abort.signal)) {
    const key = `${service}/${run}`;
    const next = seen.get(key) ?? 0;
    if (text !== `${run} line ${next}` || (at !== null && Math.abs(Date.now() - at) > 10_000))
      throw new Error(`after ${next} lines of ${key} came "${text}" at ${at}`);
    seen.set(key, next + 1);
    if (seen.size === 4 && [...seen.values()].every((number) => number === lines)) abort.abort();
  }
  await Promise.all(rounds);
  expect(Object.fromEntries(seen)).toEqual({ 'api/1': lines, 'api/2': lines, 'web/1': lines, 'web/2': lines });
});

test('a service goes on writing whether or not anybody reads, and its bytes are kept exactly', async () => {
  await writer('api', 1, "printf 'no newline, \\000 a NUL and \\377'");
  expect(Buffer.from(await store.bytes('api', null)).toString('latin1')).toBe('no newline, \0 a NUL and \xff');
  expect(store.last('api', 1, 5)).toEqual(['no newline, \0 a NUL and \ufffd']);
});

test('what a program writes to its standard output and error stands in the order of writing', async () => {
  await writer('api', 1, 'for i in 1 2 3; do echo "out $i"; echo "err $i" >&2; done');
  expect(store.last('api', 1, 10)).toEqual(['out 1', 'err 1', 'out 2', 'err 2', 'out 3', 'err 3']);
});
