import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { appendFileSync, closeSync, mkdtempSync, readdirSync, rmSync, statSync, truncateSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { systemClock } from '../../src/clock/system.ts';
import { createLogStore } from '../../src/log/log-store.ts';
import type { LogLine } from '../../src/model/log-line.ts';
import type { LogQuery, LogStore } from '../../src/ports/log-store.ts';
import { punchHole } from '../../src/runtime/punch-hole.ts';

const FOLLOW: LogQuery = { services: [], tail: null, mode: 'follow', runs: 'all' };

let folder: string;
let store: LogStore & AsyncDisposable;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'logs-'));
  store = createLogStore({ folder, clock: systemClock(), keepBytes: () => 1_000_000_000 });
});
afterEach(async () => {
  await store[Symbol.asyncDispose]();
  rmSync(folder, { recursive: true });
});

const ONCE: LogQuery = { ...FOLLOW, mode: 'once' };
const NEVER = new AbortController().signal;
const clock = systemClock();
const SYSTEM_PATH = '/usr/sbin:/usr/bin:/sbin:/bin';

async function read(query: Partial<LogQuery> = {}): Promise<LogLine[]> {
  const lines: LogLine[] = [];
  for await (const line of store.read({ ...ONCE, ...query }, NEVER)) lines.push(line);
  return lines;
}

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

/** Two hundred thousand numbered lines at full speed. */
const FLOOD = `awk 'BEGIN { for (i = 0; i < 200000; i++) print "line " i " xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx" }'`;
const numberOf = ({ text }: LogLine): number => Number(/^line (\d+) x+$/.exec(text)?.[1]);

test('of two hundred thousand lines at full speed the newest are kept without a gap, within their size', async () => {
  const keepBytes = 1024 * 1024;
  const said: string[] = [];
  store = createLogStore({
    folder,
    clock,
    keepBytes: () => keepBytes,
    punch: punchHole(clock, SYSTEM_PATH),
    say: (words) => said.push(words),
  });
  await writer('api', 1, FLOOD);
  await store[Symbol.asyncDispose]();
  const { size, blocks } = statSync(join(folder, 'api', '1.log'));
  expect(size).toBeGreaterThan(10_000_000);
  expect(blocks * 512).toBeLessThanOrEqual(keepBytes + 8192);
  const numbers = (await read()).map(numberOf);
  expect(numbers.at(-1)).toBe(199_999);
  expect(numbers.every((number, at) => number === (numbers[0] ?? 0) + at)).toBe(true);
  expect(numbers.length).toBeGreaterThan(5000);
  expect(Buffer.from(await store.bytes('api', null)).includes(0)).toBe(false);
  expect(said).toEqual([]);
});

test('where the record of what was given back is lost, reading still begins at a line', async () => {
  store = createLogStore({ folder, clock, keepBytes: () => 256 * 1024, punch: punchHole(clock, SYSTEM_PATH) });
  await writer('api', 1, FLOOD);
  await store[Symbol.asyncDispose]();
  rmSync(join(folder, 'api', '.times'), { recursive: true });
  const numbers = (await read()).map(numberOf);
  expect(numbers.every((number, at) => number === (numbers[0] ?? 0) + at)).toBe(true);
  expect(numbers.at(-1)).toBe(199_999);
});

test('a machine without fallocate says so once, and whole files of ended runs go', async () => {
  const said: string[] = [];
  store = createLogStore({
    folder,
    clock,
    keepBytes: () => 300_000,
    punch: punchHole(clock, '/nowhere'),
    say: (words) => said.push(words),
  });
  for (const run of [1, 2]) await writer('api', run, FLOOD);
  await store[Symbol.asyncDispose]();
  expect(said).toEqual([expect.stringContaining('cannot be given back here')]);
  expect(store.retention?.()).toBe('whole-files');
  expect(readdirSync(join(folder, 'api')).filter((name) => name.endsWith('.log'))).toEqual(['2.log']);
  expect((await read()).map(numberOf)).toHaveLength(200_000);
});

test('a place is gone on from without a gap and without a repetition, by another store as well', async () => {
  await writer('api', 1, 'seq -f "a %g" 1 1000');
  await writer('api', 2, 'seq -f "b %g" 1 1000');
  await writer('web', 1, 'seq -f "w %g" 1 10');
  const all = await read();
  const api = all.filter(({ service }) => service === 'api');
  const { service, run, next } = api[700] ?? { service: '', run: 0, next: 0 };
  store = createLogStore({ folder, clock, keepBytes: () => 1_000_000_000 });
  const rest = await read({ after: [{ service, run, offset: next }] });
  expect(rest.filter((line) => line.service === 'api').map(({ text }) => text)).toEqual(
    api.slice(701).map(({ text }) => text),
  );
  expect(rest.filter((line) => line.service === 'web')).toHaveLength(10);
});

test('two processes that write to one file, with odd bytes and endings, lose nothing and mix no line', async () => {
  const odd = String.raw`printf 'cr\r\n\000nul\n\377\376bad\nmid'; printf 'dle\n'; head -c 1000000 /dev/zero | tr '\0' x; echo; printf end`;
  const abort = new AbortController();
  const followed: LogLine[] = [];
  const following = (async () => {
    for await (const line of store.read({ ...FOLLOW, services: ['two', 'odd'] }, abort.signal)) {
      followed.push(line);
      if (line.text === 'end') break;
    }
  })();
  await writer(
    'two',
    1,
    'say() { i=0; while [ $i -lt 5000 ]; do i=$((i+1)); echo "$1 $i"; done; }; say a & say b; wait',
  );
  await writer('odd', 1, odd);
  await following;
  const of = (name: string) => followed.filter(({ service }) => service === name);
  expect(
    of('two')
      .filter(({ text }) => text.startsWith('a '))
      .map(({ text }) => text),
  ).toEqual(Array.from({ length: 5000 }, (_, at) => `a ${at + 1}`));
  expect(of('two')).toHaveLength(10_000);
  const texts = of('odd').map(({ text }) => text);
  expect(texts.slice(0, 4)).toEqual(['cr', '\0nul', '\ufffd\ufffdbad', 'middle']);
  expect(texts.slice(4, -1).join('')).toBe('x'.repeat(1_000_000));
  expect(texts.at(-1)).toBe('end');
  const stored = (await read({ services: ['odd'] })).map(({ text }) => text);
  expect(stored).toEqual(texts);
});

test('a file that was cut by hand while its run writes is told, also to who reads later', async () => {
  const { fd, path } = store.open('api', 1);
  appendFileSync(fd, 'before\n'.repeat(1000));
  const abort = new AbortController();
  const lines = store.read({ ...FOLLOW, tail: 1 }, abort.signal)[Symbol.asyncIterator]();
  expect((await lines.next()).value?.text).toBe('before');
  const gap = lines.next();
  truncateSync(path);
  expect((await gap).value).toMatchObject({ kind: 'gap', text: expect.stringMatching(/^truncated by hand at /) });
  const after = lines.next();
  appendFileSync(fd, 'after\n');
  expect((await after).value).toMatchObject({ text: 'after', offset: 0 });
  abort.abort();
  closeSync(fd);
  store.end('api', 1);
  expect((await read()).map(({ kind, text }) => (kind === 'gap' ? kind : text))).toEqual(['gap', 'after']);
});

test('a full file system gives the oldest output back, of every service, and says so once', async () => {
  const said: string[] = [];
  let free = 1_000_000_000;
  store = createLogStore({
    folder,
    clock,
    keepBytes: () => Infinity,
    punch: punchHole(clock, SYSTEM_PATH),
    say: (words) => said.push(words),
    space: () => ({ free, all: 1_000_000_000 }),
  });
  await writer('old', 1, FLOOD);
  free = 0;
  await writer('api', 1, FLOOD);
  await store[Symbol.asyncDispose]();
  const diskBytes = (service: string): number => statSync(join(folder, service, '1.log')).blocks * 512;
  expect(diskBytes('old')).toBeLessThan(300_000);
  expect(said).toEqual([expect.stringContaining('0 bytes free')]);
  expect((await read({ services: ['old'], tail: 1 })).map(numberOf)).toEqual([199_999]);
});

test('the last lines that match are found from the end, over runs', async () => {
  await writer('api', 1, 'seq -f "line %g" 1 100000');
  await writer('api', 2, 'seq -f "line %g" 1 10');
  const filter = { pattern: '7$', letters: 'exact', wanted: 'with', level: null } as const;
  const texts = (await read({ tail: 3, filter })).map(({ run, text }) => `${run} ${text}`);
  expect(texts).toEqual(['1 line 99987', '1 line 99997', '2 line 7']);
});

test('lines of a time are those that were written by then', async () => {
  const { fd } = store.open('api', 1);
  appendFileSync(fd, 'early\n');
  store.end('api', 1);
  const between = clock.now() + 1;
  while (clock.now() <= between + 1) await new Promise((resolve) => clock.after(1, () => resolve(undefined)));
  appendFileSync(fd, 'late\n');
  closeSync(store.open('api', 1).fd);
  closeSync(fd);
  store.end('api', 1);
  expect((await read({ since: between })).map(({ text }) => text)).toEqual(['late']);
  expect((await read({ until: between })).map(({ text }) => text)).toEqual(['early']);
});
