import { expect, test } from 'vitest';
import { oneByOne } from '../../src/log/one-by-one.ts';
import type { LogLine } from '../../src/model/log-line.ts';

const line = (text: string): LogLine => ({
  service: 'api',
  run: 1,
  offset: 0,
  next: 1,
  at: null,
  text,
  cut: 'no',
  kind: 'line',
});

/** Batches that note when their reading was ended. */
async function* given(
  batches: readonly (readonly string[])[],
  noted: string[] = [],
): AsyncGenerator<readonly LogLine[], void> {
  try {
    for (const texts of batches) yield texts.map(line);
  } finally {
    noted.push('ended');
  }
}

test('lines come in the order of the batches, empty ones are passed over', async () => {
  const texts: string[] = [];
  for await (const { text } of oneByOne(given([[], ['a', 'b'], [], ['c'], []]))) texts.push(text);
  expect(texts).toEqual(['a', 'b', 'c']);
});

test('those who ask at once are answered in the order of asking, none twice', async () => {
  const lines = oneByOne(given([['a', 'b'], ['c']]));
  const results = await Promise.all(Array.from({ length: 5 }, () => lines.next()));
  expect(results.map(({ value }) => value?.text)).toEqual(['a', 'b', 'c', undefined, undefined]);
  expect(results.map(({ done }) => done)).toEqual([false, false, false, true, true]);
});

test('leaving early ends the reading, and nothing comes after it', async () => {
  const noted: string[] = [];
  const lines = oneByOne(given([['a', 'b'], ['c']], noted));
  for await (const { text } of lines) if (text === 'a') break;
  expect(noted).toEqual(['ended']);
  expect(await lines.next()).toEqual({ value: undefined, done: true });
});

test('a fault of the reading is thrown to who asks', async () => {
  async function* failing(): AsyncGenerator<readonly LogLine[], void> {
    yield [line('a')];
    throw new Error('the disk is gone');
  }
  const lines = oneByOne(failing());
  expect((await lines.next()).value?.text).toBe('a');
  await expect(lines.next()).rejects.toThrow('the disk is gone');
});
