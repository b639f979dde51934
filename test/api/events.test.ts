import { describe, expect, test } from 'vitest';
import { phaseBody, record } from './fake-supervisor.ts';
import { type Given, contentOf, givenApp, readerOf } from './given.ts';

const SSE = { accept: 'text/event-stream' };

const seqs = async (response: Response): Promise<number[]> =>
  (await contentOf<{ seq: number }[]>(response)).map(({ seq }) => seq);

const idsOf = (messages: readonly string[]): (string | undefined)[] =>
  messages.map((message) => /^id: (\d+)$/m.exec(message)?.[1]);

/** The first messages of a stream, after the line that sets the time of reconnecting. */
async function first(response: Response, count: number): Promise<string[]> {
  const reader = readerOf(response);
  const messages: string[] = [];
  expect(await reader.next()).toBe('retry: 2000\n\n');
  while (messages.length < count) messages.push(await reader.next());
  await reader.end();
  return messages;
}

function givenRecords(count: number): Given {
  const given = givenApp();
  given.supervisor.kept = Array.from({ length: count }, (_, index) => record(index + 1));
  return given;
}

test('an event is told flat, with its number, time and actor', async () => {
  const [event] = await contentOf<unknown[]>(await givenRecords(1).get('/api/v1/events'));
  expect(event).toEqual({
    type: 'service.phase',
    seq: 1,
    at: '2026-11-22T12:04:31.005Z',
    actor: { user: 'rouse', via: 'rouse' },
    service: 'web',
    from: 'starting',
    to: 'ready',
    ready: true,
    run: 1,
    reason: { code: 'ready', text: 'ready', service: null },
    elapsed_ms: 3402,
    pid: 7,
  });
});

describe('a page', () => {
  test('without a beginning holds the newest, oldest first', async () => {
    expect(await seqs(await givenRecords(5).get('/api/v1/events?limit=2'))).toEqual([4, 5]);
  });

  test('with a beginning leads forward from one to the next', async () => {
    const given = givenRecords(5);
    const response = await given.get('/api/v1/events?since_seq=1&limit=2');
    expect(await response.json()).toMatchObject({ data: [{ seq: 2 }, { seq: 3 }], meta: { next_cursor: '3' } });
    const next = response.headers.get('link') ?? '';
    const last = await given.get(next.slice(1, next.indexOf('>')));
    expect(await last.json()).toMatchObject({ data: [{ seq: 4 }, { seq: 5 }], meta: { next_cursor: null } });
  });

  test('holds only the types and services that were asked for', async () => {
    const given = givenRecords(1);
    given.supervisor.kept.push(record(2, phaseBody('db')), record(3, { type: 'system.stopping' }));
    expect(await seqs(await given.get('/api/v1/events?types=service.*'))).toEqual([1, 2]);
    expect(await seqs(await given.get('/api/v1/events?types=system.stopping'))).toEqual([3]);
    expect(await seqs(await given.get('/api/v1/events?services=db'))).toEqual([2]);
    expect(await seqs(await given.get('/api/v1/services/db/events'))).toEqual([2]);
  });

  test('of an unknown type is refused with the nearest', async () => {
    const response = await givenApp().get('/api/v1/events?types=service.phsae');
    expect(response.status).toBe(422);
    expect(await response.json()).toMatchObject({
      errors: [{ pointer: '/types', message: expect.stringContaining('service.phase') as string }],
    });
  });
});

describe('a stream', () => {
  test('sends what happens as it happens, with the number as its id', async () => {
    const given = givenRecords(2);
    const reader = readerOf(await given.get('/api/v1/events', SSE));
    await reader.next();
    const next = reader.next();
    await given.supervisor.subscribed;
    given.supervisor.publish(record(3));
    const message = await next;
    expect(message).toMatch(/^id: 3\nevent: service\.phase\ndata: \{"type":"service\.phase","seq":3,.*\}\n\n$/);
    await reader.end();
  });

  test('resumes after Last-Event-ID, and that wins over since_seq', async () => {
    const response = await givenRecords(5).get('/api/v1/events?since_seq=1', { ...SSE, 'last-event-id': '3' });
    expect(idsOf(await first(response, 2))).toEqual(['4', '5']);
  });

  test('sends nothing twice of what was kept and told at the same time', async () => {
    const given = givenRecords(5);
    const reader = readerOf(await given.get('/api/v1/events?since_seq=3', SSE));
    await reader.next();
    const four = await reader.next();
    given.supervisor.publish(record(5));
    given.supervisor.publish(record(6));
    expect(idsOf([four, await reader.next(), await reader.next()])).toEqual(['4', '5', '6']);
    await reader.end();
  });

  test('says reset when the place to resume is no longer kept', async () => {
    const given = givenApp();
    given.supervisor.kept = [record(10), record(11)];
    const [message] = await first(await given.get('/api/v1/events?since_seq=3', SSE), 1);
    expect(message).toBe('event: reset\ndata: {"type":"reset","oldest_seq":10}\n\n');
  });

  test('says reset when the place to resume was never given', async () => {
    const [message] = await first(await givenRecords(2).get('/api/v1/events?since_seq=9', SSE), 1);
    expect(message).toBe('event: reset\ndata: {"type":"reset","oldest_seq":2}\n\n');
  });

  test('with snapshot=1 sends the present state first, numbered by the last event that it holds', async () => {
    const [message] = await first(await givenRecords(2).get('/api/v1/events?snapshot=1', SSE), 1);
    expect(message).toMatch(/^id: 2\nevent: snapshot\ndata: \{"type":"snapshot","seq":2,"services":\[\{"name":"db",/);
  });

  test('tells a slow reader how much it missed', async () => {
    const given = givenApp();
    const reader = readerOf(await given.get('/api/v1/events', SSE));
    await reader.next();
    const next = reader.next();
    await given.supervisor.subscribed;
    given.supervisor.publish({ type: 'gap', dropped: 412 });
    expect(await next).toBe('event: gap\ndata: {"type":"gap","dropped":412}\n\n');
    await reader.end();
  });

  test('that is quiet says every 15 s that it is alive', async () => {
    const given = givenApp();
    const reader = readerOf(await given.get('/api/v1/events', SSE));
    await reader.next();
    for (const at of ['12:04:56', '12:05:11']) {
      const next = reader.next();
      await given.supervisor.subscribed;
      await Promise.resolve();
      given.clock.advance(15_000);
      expect(await next).toBe(`: hb ${at}\n\n`);
    }
    given.supervisor.publish(record(1));
    expect(await reader.next()).toContain('id: 1\n');
    await reader.end();
  });

  test('as NDJSON is one event a line, and a blank line when it is quiet', async () => {
    const given = givenApp();
    const reader = readerOf(await given.get('/api/v1/events', { accept: 'application/x-ndjson' }));
    const next = reader.next();
    await given.supervisor.subscribed;
    given.supervisor.publish(record(1));
    expect(JSON.parse(await next)).toMatchObject({ seq: 1, type: 'service.phase' });
    const quiet = reader.next();
    await Promise.resolve();
    given.clock.advance(15_000);
    expect(await quiet).toBe('\n');
    await reader.end();
  });

  test('ends with a last word when the daemon ends', async () => {
    const given = givenApp();
    const reader = readerOf(await given.get('/api/v1/events', SSE));
    await reader.next();
    const next = reader.next();
    await given.supervisor.subscribed;
    given.ending.abort();
    expect([await next, await reader.next()]).toEqual(['event: end\ndata: {}\n\n', '<end>']);
  });

  test('that nobody reads any more is ended', async () => {
    const given = givenApp();
    const reader = readerOf(await given.get('/api/v1/events', SSE));
    await reader.next();
    const next = reader.next();
    await given.supervisor.subscribed;
    await reader.end();
    expect(await next).toBe('<end>');
    given.supervisor.publish(record(1));
    expect(await reader.next()).toBe('<end>');
  });
});
