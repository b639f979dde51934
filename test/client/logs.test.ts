import { expect, test } from 'vitest';
import { AT } from '../api/fake-supervisor.ts';
import { givenClient, withTime } from './given.ts';

const line = (service: string, run: number, offset: number) =>
  ({
    service,
    run,
    offset,
    next: offset + 8,
    at: AT,
    text: `${service} ${run} ${offset}`,
    cut: 'no',
    kind: 'line',
  }) as const;

test('lines come as a page, as a whole, and as bytes', async () => {
  await using given = await givenClient();
  given.supervisor.lines = [line('web', 1, 0), line('db', 1, 0), line('web', 1, 10)];
  const { signal } = new AbortController();
  expect(await given.client.logs.page({ services: ['web'], tail: 1 })).toMatchObject([{ offset: 10 }]);
  const read: string[] = [];
  for await (const { text } of given.client.logs.read({ signal })) read.push(text);
  expect(read).toEqual(['web 1 0', 'db 1 0', 'web 1 10']);
  expect(Buffer.from(await given.client.logs.bytes('web', 5)).toString()).toBe('web 5\u001b[0m\n');
  await expect(given.client.logs.bytes('nope', null)).rejects.toMatchObject({ code: 'RSE4001' });
});

test('after a lost connection no line comes twice and none is missed', async () => {
  await using given = await givenClient();
  given.supervisor.lines = [line('web', 1, 0), line('db', 1, 0)];
  const stop = new AbortController();
  const lines = given.client.logs.follow({ tail: 2, signal: stop.signal })[Symbol.asyncIterator]();
  const texts = async (count: number): Promise<string[]> => {
    const found: string[] = [];
    while (found.length < count) {
      const { value } = await lines.next();
      found.push(value?.text ?? 'the end');
    }
    return found;
  };
  expect(await texts(2)).toEqual(['web 1 0', 'db 1 0']);
  await given.drop();
  given.supervisor.lines.push(line('web', 1, 8), line('web', 2, 0));
  await given.restart();
  const next = texts(2);
  expect(await withTime(given, next)).toEqual(['web 1 8', 'web 2 0']);
  stop.abort();
});
