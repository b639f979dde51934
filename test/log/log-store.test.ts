import { appendFileSync, closeSync, mkdtempSync, rmSync, truncateSync, unlinkSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { VirtualClock } from '../../src/clock/virtual.ts';
import { createLogStore } from '../../src/log/log-store.ts';
import type { LogLine } from '../../src/model/log-line.ts';
import type { LogQuery, LogStore } from '../../src/ports/log-store.ts';

let folder: string;
let clock: VirtualClock;
let store: LogStore & AsyncDisposable;
let abort: AbortController;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'rouse-log-'));
  clock = new VirtualClock();
  store = createLogStore({ folder, clock, keepBytes: () => 1_000_000 });
  abort = new AbortController();
});
afterEach(async () => {
  abort.abort();
  await store[Symbol.asyncDispose]();
  rmSync(folder, { recursive: true });
});

const ALL: LogQuery = { services: [], tail: null, mode: 'once', runs: 'all' };

const write = (service: string, run: number, text: string): void => {
  const { fd } = store.open(service, run);
  writeSync(fd, text);
  closeSync(fd);
};
/** A run that wrote and ended at second `at`. */
const ended = (service: string, run: number, { text, at }: { text: string; at: number }): void => {
  clock.jumpWall(at * 1000 - clock.now());
  write(service, run, text);
  store.end(service, run);
};
const read = async (query: Partial<LogQuery> = {}): Promise<LogLine[]> => {
  const lines: LogLine[] = [];
  for await (const line of store.read({ ...ALL, ...query }, abort.signal)) lines.push(line);
  return lines;
};
const words = (lines: readonly LogLine[]): string[] =>
  lines.map(({ service, run, text }) => `${service}/${run} ${text}`);

describe('reading once', () => {
  test('lines come with their run, place and time, an unfinished one last', async () => {
    ended('api', 1, { text: 'one\ntwo', at: 5 });
    const line = { service: 'api', run: 1, at: 5000, cut: 'no', kind: 'line' };
    expect(await read()).toEqual([
      { ...line, offset: 0, next: 4, text: 'one' },
      { ...line, offset: 4, next: 7, text: 'two' },
    ]);
  });

  test('runs come in their order, services in the order of their last writing', async () => {
    ended('web', 1, { text: 'w1\n', at: 10 });
    ended('db', 1, { text: 'd1\n', at: 20 });
    ended('web', 2, { text: 'w2\n', at: 30 });
    expect(words(await read())).toEqual(['web/1 w1', 'db/1 d1', 'web/2 w2']);
  });

  test('a run comes after the earlier run of its service although the clock was set back', async () => {
    ended('web', 1, { text: 'w1\n', at: 30 });
    ended('web', 2, { text: 'w2\n', at: 10 });
    expect(words(await read())).toEqual(['web/1 w1', 'web/2 w2']);
  });

  test('of a run that lives and whose file is gone it is told that what it writes is not kept', async () => {
    const { fd, path } = store.open('web', 1);
    writeSync(fd, 'a\n');
    unlinkSync(path);
    expect(await read()).toEqual([
      expect.objectContaining({
        service: 'web',
        run: 1,
        kind: 'gap',
        text: expect.stringMatching(/^deleted by hand: /),
      }),
    ]);
    expect(await read({ services: ['db'] })).toEqual([]);
    store.end('web', 1);
    closeSync(fd);
    expect(await read()).toEqual([]);
  });

  test('the tail counts over all services together', async () => {
    ended('web', 1, { text: 'w1\nw2\nw3\n', at: 10 });
    ended('db', 1, { text: 'd1\nd2\n', at: 20 });
    expect(words(await read({ tail: 3 }))).toEqual(['web/1 w3', 'db/1 d1', 'db/1 d2']);
    expect(await read({ tail: 0 })).toEqual([]);
  });

  test('the last run, the one before it, or all of them can be asked for', async () => {
    for (const run of [1, 2, 3]) ended('web', run, { text: `r${run}\n`, at: run });
    expect(words(await read({ runs: 'last' }))).toEqual(['web/3 r3']);
    expect(words(await read({ runs: 'previous' }))).toEqual(['web/2 r2']);
    expect(words(await read({ runs: 'all', tail: 2 }))).toEqual(['web/2 r2', 'web/3 r3']);
  });

  test('only the services named are read; an unknown or impossible name has no lines', async () => {
    ended('web', 1, { text: 'w\n', at: 1 });
    ended('db', 1, { text: 'd\n', at: 2 });
    expect(words(await read({ services: ['db', 'nobody', '../web'] }))).toEqual(['db/1 d']);
  });
});

describe('bytes and last lines', () => {
  test('the bytes are exactly those that were written, over all kept runs', async () => {
    ended('web', 1, { text: 'a\r\n\xff\n', at: 1 });
    ended('web', 2, { text: 'tail', at: 2 });
    expect(Buffer.from(await store.bytes('web', null)).toString()).toBe('a\r\n\xff\ntail');
    expect(Buffer.from(await store.bytes('web', 2)).toString()).toBe('\xff\ntail');
    expect(await store.bytes('nobody', null)).toHaveLength(0);
  });

  test('the last lines of a run are there at once', () => {
    write('web', 4, 'one\ntwo\nthree');
    expect(store.last('web', 4, 2)).toEqual(['two', 'three']);
    expect(store.last('web', 4, 0)).toEqual([]);
    expect(store.last('web', 5, 2)).toEqual([]);
  });

  test('the last lines of a long run are whole lines', () => {
    write('web', 1, `${'x'.repeat(63_000)}\n`.repeat(10));
    const lines = store.last('web', 1, 100);
    expect(lines.length).toBeGreaterThan(2);
    expect(lines.every((line) => line.length === 63_000)).toBe(true);
  });
});

describe('keeping', () => {
  test('opening a run removes the oldest ended runs beyond the bytes to keep', async () => {
    store = createLogStore({ folder, clock, keepBytes: () => 1000 });
    for (const run of [1, 2, 3]) ended('web', run, { text: `${'x'.repeat(399)}\n`, at: run });
    write('web', 4, 'new\n');
    await store[Symbol.asyncDispose]();
    expect((await read()).map(({ run }) => run)).toEqual([2, 3, 4]);
  });
});

describe('following', () => {
  const follow = (query: Partial<LogQuery> = {}): AsyncIterator<LogLine> =>
    store.read({ ...ALL, mode: 'follow', ...query }, abort.signal)[Symbol.asyncIterator]();
  const next = async (lines: AsyncIterator<LogLine>): Promise<string> => {
    const { value, done } = await lines.next();
    return done === true ? 'end' : `${value.service}/${value.run} ${value.text}`;
  };

  test('stored lines come first, then new ones with the time they were seen', async () => {
    write('web', 1, 'old\n');
    const lines = follow();
    expect((await lines.next()).value).toMatchObject({ text: 'old' });
    clock.advance(5000);
    const pending = lines.next();
    write('web', 1, 'new\n');
    expect((await pending).value).toMatchObject({ text: 'new', offset: 4, at: clock.now() });
  });

  test('a line that was half written when following began is given once and whole', async () => {
    write('web', 1, 'whole\nha');
    const lines = follow();
    expect(await next(lines)).toBe('web/1 whole');
    write('web', 1, 'lf\n');
    expect(await next(lines)).toBe('web/1 half');
  });

  test('a line that is being written is not given before its end has come', async () => {
    const lines = follow({ services: ['web', 'db'] });
    const first = next(lines);
    write('web', 1, 'ha');
    write('db', 1, 'd\n');
    // Who is due first is read first: when the second of these comes, the half line was read and looked behind.
    expect(await first).toBe('db/1 d');
    const second = next(lines);
    write('db', 1, 'e\n');
    expect(await second).toBe('db/1 e');
    write('web', 1, 'lf\n');
    expect(await next(lines)).toBe('web/1 half');
  });

  test('the next run follows without a gap, after the last unfinished line of the run before', async () => {
    write('web', 1, 'a\n');
    const lines = follow({ tail: 0 });
    const first = next(lines);
    write('web', 1, 'b\nend');
    store.end('web', 1);
    write('web', 2, 'c\n');
    expect([await first, await next(lines), await next(lines)]).toEqual(['web/1 b', 'web/1 end', 'web/2 c']);
  });

  test('runs that came and went between two looks are all given', async () => {
    const lines = follow({ services: ['web'] });
    const first = next(lines);
    for (const run of [1, 2, 3]) ended('web', run, { text: `r${run}\n`, at: run });
    expect([await first, await next(lines), await next(lines)]).toEqual(['web/1 r1', 'web/2 r2', 'web/3 r3']);
  });

  test('without services named, one that starts later is followed too', async () => {
    write('web', 1, 'w\n');
    const lines = follow();
    expect(await next(lines)).toBe('web/1 w');
    const pending = next(lines);
    write('db', 1, 'd\n');
    expect(await pending).toBe('db/1 d');
  });

  test('with services named, no other is followed', async () => {
    const lines = follow({ services: ['web'] });
    const pending = next(lines);
    write('db', 1, 'd\n');
    write('web', 1, 'w\n');
    expect(await pending).toBe('web/1 w');
  });

  test('a file that its service has cut is read again from its beginning', async () => {
    write('web', 1, 'a long first line\n');
    const lines = follow();
    expect(await next(lines)).toBe('web/1 a long first line');
    const pending = next(lines);
    const path = join(folder, 'web', '1.log');
    truncateSync(path);
    appendFileSync(path, 'b\n');
    expect(await pending).toMatch(/^web\/1 truncated by hand at 20/);
    expect(await next(lines)).toBe('web/1 b');
  });

  test('a file that was deleted under its run is told, and followed on', async () => {
    const { fd, path } = store.open('web', 1);
    const lines = follow();
    const first = next(lines);
    writeSync(fd, 'a\n');
    expect(await first).toBe('web/1 a');
    const pending = lines.next();
    unlinkSync(path);
    expect((await pending).value).toMatchObject({ kind: 'gap', text: expect.stringContaining('deleted by hand') });
    const more = next(lines);
    writeSync(fd, 'b\n');
    closeSync(fd);
    clock.advance(5000);
    expect(await more).toBe('web/1 b');
  });

  test('a notice of the kernel that never came is made up for by the slow poll', async () => {
    write('web', 1, 'a\n');
    const lines = follow();
    expect(await next(lines)).toBe('web/1 a');
    const pending = next(lines);
    for (let turn = 0; turn < 3; turn += 1) clock.advance(5000);
    appendFileSync(join(folder, 'web', '1.log'), 'b\n');
    expect(await pending).toBe('web/1 b');
  });

  test('aborting ends the lines quietly, also while waiting, and leaves no timer', async () => {
    write('web', 1, 'a\n');
    const lines = follow();
    await next(lines);
    const pending = next(lines);
    abort.abort();
    expect(await pending).toBe('end');
    expect(await next(lines)).toBe('end');
    await store[Symbol.asyncDispose]();
    expect(clock.pending()).toBe(0);
  });

  test('a chatty service does not keep another from being read', async () => {
    write('web', 1, 'w\n'.repeat(200_000));
    const lines = follow({ services: ['db', 'web'], tail: 0 });
    const first = lines.next();
    write('web', 1, 'w\n'.repeat(200_000));
    write('db', 1, 'd\n');
    let seen = 1;
    for (let line = await first; line.value.service !== 'db'; line = await lines.next()) seen += 1;
    expect(seen).toBeLessThan(150_000);
  });
});
