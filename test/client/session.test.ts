import { describe, expect, test } from 'vitest';
import { type Session, createSession } from '../../src/client/session.ts';
import type { WireReply, WireRequest } from '../../src/client/transport.ts';
import { VirtualClock } from '../../src/clock/virtual.ts';
import { ConnectionError } from '../../src/model/errors.ts';

type Answer = (request: WireRequest) => Promise<WireReply>;

const reply = (status: number, text: string): WireReply => ({
  status,
  header: () => null,
  body: (async function* () {
    await Promise.resolve();
    yield new TextEncoder().encode(text);
  })(),
});

const good = (): Promise<WireReply> => Promise.resolve(reply(200, '{"success":true,"data":7}'));
const cut = (): Promise<WireReply> =>
  Promise.reject(
    new ConnectionError('RSE3002', 'broken', { cause: Object.assign(new Error('x'), { code: 'ECONNRESET' }) }),
  );

interface Given {
  readonly session: Session;
  readonly sent: WireRequest[];
  readonly clock: VirtualClock;
}

/** A session whose requests are answered in turn. */
function given(...answers: readonly Answer[]): Given {
  const sent: WireRequest[] = [];
  const clock = new VirtualClock();
  let keys = 0;
  const session = createSession({
    transport: (request) => {
      sent.push(request);
      const answer = answers[sent.length - 1];
      if (answer === undefined) throw new Error('asked too often');
      return answer(request);
    },
    clock,
    via: 'cli',
    newKey: () => {
      keys += 1;
      return `key-${keys}`;
    },
    timeoutMs: 30_000,
  });
  return { session, sent, clock };
}

test('an order carries a key of its own, a question none', async () => {
  const { session, sent } = given(good, good, good);
  await session.call('POST', '/a', { body: { x: 1 } });
  await session.call('POST', '/a');
  await session.call('GET', '/a');
  expect(sent.map(({ headers }) => headers['idempotency-key'])).toEqual(['key-1', 'key-2', undefined]);
  expect(sent.map(({ headers }) => headers['content-type'])).toEqual(['application/json', undefined, undefined]);
  expect(sent.map(({ body }) => body)).toEqual(['{"x":1}', null, null]);
});

test('a query leaves out what is not there and joins lists', async () => {
  const { session, sent } = given(good);
  await session.call('GET', '/a', { query: { none: null, not: undefined, empty: [], list: ['a', 'b'], count: 0 } });
  expect(sent[0]?.path).toBe('/a?list=a%2Cb&count=0');
});

describe('a connection that was cut', () => {
  test.for(['GET', 'POST'] as const)('lets %s be sent once again, with the same key', async (method) => {
    const { session, sent } = given(cut, good);
    expect(await session.call(method, '/a')).toBe(7);
    expect(sent).toHaveLength(2);
    expect(sent[0]?.headers).toEqual(sent[1]?.headers);
  });

  test('twice is told', async () => {
    const { session } = given(cut, cut);
    await expect(session.call('GET', '/a')).rejects.toMatchObject({ code: 'RSE3002' });
  });

  test('does not let PUT be sent again', async () => {
    const { session, sent } = given(cut, good);
    await expect(session.call('PUT', '/a')).rejects.toMatchObject({ code: 'RSE3002' });
    expect(sent).toHaveLength(1);
  });
});

describe('an answer that does not come', () => {
  const never = ({ signal }: WireRequest): Promise<WireReply> =>
    new Promise((_, reject) => {
      signal.addEventListener('abort', () => {
        reject(signal.reason instanceof Error ? signal.reason : new Error('aborted'));
      });
    });

  test('is given up after its time, and what the daemon was asked to wait', async () => {
    const { session, clock } = given(never);
    let state = 'waiting';
    const call = session.call('GET', '/a', { heldMs: 60_000 }).catch((error: unknown) => {
      state = 'given up';
      throw error;
    });
    clock.advance(89_999);
    await Promise.resolve();
    expect(state).toBe('waiting');
    clock.advance(1);
    await expect(call).rejects.toMatchObject({ code: 'RSE2201' });
  });

  test('is given up when the caller says so, with his reason', async () => {
    const { session } = given(never);
    const leave = new AbortController();
    const call = session.call('GET', '/a', { signal: leave.signal });
    leave.abort(new Error('enough'));
    await expect(call).rejects.toThrow('enough');
  });
});

test.for([
  [200, 'hello'],
  [200, '{"success":false}'],
  [200, '[]'],
  [502, '<html>'],
  [404, '{"code":"E1","detail":"x"}'],
] as const)('an answer %i %s is not taken for one of the daemon', async ([status, text]) => {
  const { session } = given(() => Promise.resolve(reply(status, text)));
  await expect(session.call('GET', '/a')).rejects.toMatchObject({ code: 'RSE3004' });
});

test.for([301, 302, 307, 308, 300, 304])(
  'an answer of %d is not followed, and is told with the address',
  async (status) => {
    const { session, sent } = given(() => Promise.resolve(reply(status, '{"success":true,"data":7}')));
    await expect(session.call('GET', '/a')).rejects.toMatchObject({
      code: 'RSE3002',
      message: expect.stringContaining('where we do not go'),
    });
    expect(sent.length).toBe(1);
  },
);
