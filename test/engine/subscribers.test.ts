import { expect, test } from 'vitest';
import { Subscribers } from '../../src/engine/subscribers.ts';
import type { ProjectRecord } from '../../src/model/record.ts';
import { BY, never } from './given.ts';

const ALL = { types: [], services: [], capacity: 2 };

function exit(seq: number, service = 'db'): ProjectRecord {
  return { seq, at: 0, actor: BY, body: { type: 'service.exit', service, run: 1, exitCode: 0, signal: null } };
}

async function seqs(of: AsyncIterable<{ seq: number } | { dropped: number }>): Promise<(number | string)[]> {
  const found: (number | string)[] = [];
  for await (const one of of) found.push('seq' in one ? one.seq : `gap ${one.dropped}`);
  return found;
}

test('a reader gets what it asked for, in order, until the end', async () => {
  const readers = new Subscribers();
  const all = readers.subscribe({ ...ALL, capacity: 10 }, never());
  const web = readers.subscribe({ types: ['service.*'], services: ['web'], capacity: 10 }, never());
  const none = readers.subscribe({ types: ['change.*'], services: [], capacity: 10 }, never());
  readers.publish([exit(1), exit(2, 'web')]);
  readers[Symbol.dispose]();
  expect(await Promise.all([seqs(all), seqs(web), seqs(none)])).toEqual([[1, 2], [2], []]);
});

test('a slow reader is told of the gap where it is', async () => {
  const readers = new Subscribers();
  const slow = readers.subscribe(ALL, never());
  readers.publish([exit(1), exit(2), exit(3)]);
  const first = await slow.next();
  readers.publish([exit(4)]);
  readers[Symbol.dispose]();
  expect([first.value, ...(await seqs(slow))]).toEqual([exit(1), 2, 'gap 1', 4]);
});

test('a gap is told at once when nothing comes after it', async () => {
  const readers = new Subscribers();
  const slow = readers.subscribe(ALL, never());
  readers.publish([exit(1), exit(2), exit(3), exit(4)]);
  readers[Symbol.dispose]();
  expect(await seqs(slow)).toEqual([1, 2, 'gap 2']);
});

test('a reader that is left, or whose signal aborts, is forgotten', async () => {
  const readers = new Subscribers();
  const control = new AbortController();
  const aborted = readers.subscribe(ALL, control.signal);
  const left = readers.subscribe(ALL, never());
  readers.publish([exit(1)]);
  for await (const _ of left) break;
  const waiting = aborted.next().then(() => aborted.next());
  control.abort();
  await expect(waiting).resolves.toMatchObject({ done: true });
  expect(readers.count).toBe(0);
});

test('a reader whose signal has aborted, or that comes after the end, is told nothing', async () => {
  const readers = new Subscribers();
  expect(await seqs(readers.subscribe(ALL, AbortSignal.abort()))).toEqual([]);
  readers[Symbol.dispose]();
  expect(await seqs(readers.subscribe(ALL, never()))).toEqual([]);
  expect(readers.count).toBe(0);
});
