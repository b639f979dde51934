import { expect, test } from 'vitest';
import { mergeByTime } from '../../src/log/merge.ts';
import type { LogLine } from '../../src/model/log-line.ts';

const line = (service: string, at: number | null): LogLine => ({
  service,
  run: 1,
  offset: 0,
  next: 1,
  at,
  text: `${service}${at}`,
  cut: 'no',
  kind: 'line',
});
async function* stream(
  service: string,
  batches: readonly (readonly (number | null)[])[],
  ended: string[] = [],
): AsyncGenerator<readonly LogLine[]> {
  try {
    for (const batch of batches) yield batch.map((at) => line(service, at));
  } finally {
    ended.push(service);
  }
}
const merged = async (...streams: readonly AsyncGenerator<readonly LogLine[]>[]): Promise<string[]> => {
  const texts: string[] = [];
  for await (const lines of mergeByTime(streams)) texts.push(...lines.map(({ text }) => text));
  return texts;
};

test('lines of several services come by their time', async () => {
  expect(await merged(stream('a', [[1, 4], [], [5, 9]]), stream('b', [[2, 3], [6]]))).toEqual([
    'a1',
    'b2',
    'b3',
    'a4',
    'a5',
    'b6',
    'a9',
  ]);
});

test("a service's own lines keep their order, whatever their times say", async () => {
  expect(await merged(stream('a', [[8, 2, null, 9]]), stream('b', [[5]]))).toEqual(['b5', 'a8', 'a2', 'anull', 'a9']);
});

test('lines of one time come in the order of the streams', async () => {
  expect(await merged(stream('a', [[1], [1]]), stream('b', [[1]]))).toEqual(['a1', 'a1', 'b1']);
});

test('leaving early ends every stream', async () => {
  const ended: string[] = [];
  for await (const lines of mergeByTime([stream('a', [[1], [2]], ended), stream('b', [[3]], ended)]))
    if (lines.length > 0) break;
  expect(ended.toSorted()).toEqual(['a', 'b']);
});
