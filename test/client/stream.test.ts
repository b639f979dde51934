import { expect, test } from 'vitest';
import type { StreamedEvent } from '../../src/client/events.ts';
import { record } from '../api/fake-supervisor.ts';
import { type GivenClient, givenClient, withTime } from './given.ts';

interface Reading {
  next(): Promise<StreamedEvent | undefined>;
  stop(): Promise<void>;
}

function read(given: GivenClient, options: { sinceSeq?: number; snapshot?: 'first' } = {}): Reading {
  const stop = new AbortController();
  const events = given.client.events.follow({ ...options, signal: stop.signal })[Symbol.asyncIterator]();
  return {
    next: async () => {
      const { done, value } = await events.next();
      return done === true ? undefined : value;
    },
    stop: async () => {
      stop.abort();
      await events.return?.();
    },
  };
}

test('events come as they happen', async () => {
  await using given = await givenClient();
  const reading = read(given);
  const next = reading.next();
  await given.supervisor.subscribed;
  given.supervisor.publish(record(1));
  expect(await next).toMatchObject({ type: 'service.phase', seq: 1, to: 'ready' });
  await reading.stop();
});

test('a stream that breaks is resumed where it stopped', async () => {
  await using given = await givenClient();
  given.supervisor.kept = [record(1), record(2)];
  const reading = read(given, { sinceSeq: 0 });
  expect([await reading.next(), await reading.next()]).toMatchObject([{ seq: 1 }, { seq: 2 }]);
  await given.drop();
  given.supervisor.kept.push(record(3));
  const next = reading.next();
  await given.restart();
  expect(await withTime(given, next)).toMatchObject({ seq: 3 });
  await reading.stop();
});

test('a snapshot comes first, and once', async () => {
  await using given = await givenClient();
  given.supervisor.kept = [record(4)];
  const reading = read(given, { snapshot: 'first' });
  expect(await reading.next()).toMatchObject({ type: 'snapshot', seq: 4, services: [{ name: 'db' }, { name: 'web' }] });
  await given.drop();
  given.supervisor.kept.push(record(5));
  const next = reading.next();
  await given.restart();
  expect(await withTime(given, next)).toMatchObject({ type: 'service.phase', seq: 5 });
  await reading.stop();
});

test('what is no longer kept is told as reset', async () => {
  await using given = await givenClient();
  given.supervisor.kept = [record(10)];
  const reading = read(given, { sinceSeq: 2 });
  expect(await reading.next()).toEqual({ type: 'reset', oldest_seq: 10 });
  await reading.stop();
});

test('a stream ends with the daemon, without an error', async () => {
  await using given = await givenClient();
  const reading = read(given);
  const next = reading.next();
  await given.supervisor.subscribed;
  given.ending.abort();
  expect(await next).toBeUndefined();
});

test('a stream whose daemon does not come back is an error after 10 s', async () => {
  await using given = await givenClient();
  given.supervisor.kept = [record(1)];
  const reading = read(given, { sinceSeq: 0 });
  await reading.next();
  await given.drop();
  const before = given.time.monotonic();
  await expect(withTime(given, reading.next())).rejects.toMatchObject({ code: 'RSE3001' });
  expect(given.time.monotonic() - before).toBeGreaterThan(10_000);
  await given.restart();
});

test('a first connection that is refused is an error at once', async () => {
  await using given = await givenClient();
  await given.drop();
  await expect(read(given).next()).rejects.toMatchObject({ code: 'RSE3001' });
  await given.restart();
});

test('a stream in which nothing is heard for 45 s is begun anew', async () => {
  await using given = await givenClient();
  // A daemon that hangs: it takes the connection and never says a word, not even that it is alive.
  given.clock.after = () => ({ [Symbol.dispose]: () => undefined });
  const reading = read(given);
  const next = reading.next();
  await given.supervisor.subscribed;
  const again = new Promise<void>((resolve) => {
    given.server.on('request', () => {
      resolve();
    });
  });
  const before = given.time.monotonic();
  await withTime(given, again, 1000);
  expect(given.time.monotonic() - before).toBeGreaterThanOrEqual(45_000);
  await reading.stop();
  expect(await next).toBeUndefined();
});
