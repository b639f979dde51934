// The limits that only a listening server has: over a unix socket of its own, in a folder of its own.
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { request } from 'node:http';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { ADMIN_DOOR } from '../../src/api/door.ts';
import { SERVER_LIMITS, createApiServer } from '../../src/api/server.ts';
import { record, view } from './fake-supervisor.ts';
import { givenParts } from './given.ts';

let folder = '';
let socketPath = '';
let given = givenParts();
let api = createApiServer(given.parts, ADMIN_DOOR);

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'rouse-api-'));
  socketPath = join(folder, 'a.sock');
  given = givenParts();
  api = createApiServer(given.parts, ADMIN_DOOR);
  await new Promise<void>((resolve) => {
    api.server.listen(socketPath, resolve);
  });
});

afterEach(async () => {
  given.ending.abort();
  api.server.closeAllConnections();
  await api.close();
  rmSync(folder, { recursive: true });
});

/** Everything the server says to raw bytes until it closes the connection. */
function say(bytes: string): Promise<string> {
  return new Promise((resolve, reject) => {
    let text = '';
    const socket = connect(socketPath, () => {
      socket.write(bytes);
    });
    socket.on('data', (chunk) => {
      text += chunk.toString('utf8');
    });
    socket.on('close', () => {
      resolve(text);
    });
    socket.on('error', reject);
  });
}

const GET = 'GET /api/v1/services/status HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n';

test('a request over the socket is answered, without a server header', async () => {
  const text = await say(`${GET}\r\n`);
  expect(text).toMatch(/^HTTP\/1\.1 200 OK\r\n/);
  expect(text.toLowerCase()).not.toContain('\r\nserver:');
  expect(text).toContain('{"name":"db","status":"Running"}');
});

describe('the parser refuses in the words of the API', () => {
  test('headers above 16 KiB', async () => {
    const text = await say(`${GET}X-Long: ${'a'.repeat(16 * 1024)}\r\n\r\n`);
    expect(text).toMatch(/^HTTP\/1\.1 431 /);
    expect(text).toContain('"code":"RSE4109"');
    expect(text).toContain('content-type: application/problem+json');
  });

  test('what is not HTTP', async () => {
    const text = await say('hello there\r\n\r\n');
    expect(text).toMatch(/^HTTP\/1\.1 400 /);
    expect(text).toContain('"code":"RSE4101"');
  });
});

test('two Host headers are refused, although the parser keeps the first', async () => {
  const text = await say(`${GET}Host: example.test\r\n\r\n`);
  expect(text).toMatch(/^HTTP\/1\.1 421 /);
  expect(text).toContain('"code":"RSE4105"');
});

test.each([
  ['a Host of which no address can be made', 'GET /healthz HTTP/1.1\r\nHost: a b\r\n\r\n'],
  ['no Host at all', 'GET /healthz HTTP/1.1\r\n\r\n'],
  ['an address that is none', 'GET http://[ HTTP/1.1\r\nHost: localhost\r\n\r\n'],
])('a request with %s is refused in the words of all refusals', async (_, bytes) => {
  const text = await say(bytes);
  expect(text).toMatch(/^HTTP\/1\.1 400 /);
  expect(text).toContain('content-type: application/problem+json');
  expect(text).toContain('"code":"RSE4101"');
  expect(text).toMatch(/x-request-id: req_/);
});

test('what a request expects besides an answer is passed over', async () => {
  expect(await say(`${GET}Expect: miracles\r\n\r\n`)).toMatch(/^HTTP\/1\.1 200 OK\r\n/);
});

test('a sender that goes away within its body is no bug of ours', async () => {
  const socket = connect(socketPath, () => {
    socket.write(
      `POST /api/v1/plan HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: 9\r\n\r\n{`,
    );
  });
  const [asked] = await once(api.server, 'request');
  const gone = new Promise((resolve) => asked.once('close', resolve));
  socket.destroy();
  await gone;
  await say(`${GET}\r\n`);
  expect(given.reported).toEqual([]);
});

test('what comes after a request does not take its answer away', async () => {
  const text = await say(`${GET}\r\nGET / HTTP/1.1\r\n\r\n`);
  expect(text.match(/^HTTP\/1\.1 \d+/gm)).toEqual(['HTTP/1.1 200']);
  const order =
    'POST /api/v1/plan HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: 15\r\n\r\n{"action":"up"}';
  expect((await say(`${order}\u0001`)).match(/^HTTP\/1\.1 \d+/gm)).toEqual(['HTTP/1.1 200']);
});

test('the body is read no further than its limit', async () => {
  const head = 'POST /api/v1/changes HTTP/1.1\r\nHost: a\r\nConnection: close\r\nContent-Type: application/json\r\n';
  const announced = await say(`${head}Content-Length: 300000\r\n\r\n`);
  expect(announced).toMatch(/^HTTP\/1\.1 413 /);
  const chunk = `10000\r\n${'1'.repeat(0x10000)}\r\n`;
  const chunked = await say(`${head}Transfer-Encoding: chunked\r\n\r\n${chunk.repeat(5)}`);
  expect(chunked).toMatch(/^HTTP\/1\.1 413 /);
});

test('the limits of the server are set, not left to what comes by default', () => {
  const { server } = api;
  expect({
    headersMs: server.headersTimeout,
    requestMs: server.requestTimeout,
    keepAliveMs: server.keepAliveTimeout,
    requestsPerConnection: server.maxRequestsPerSocket,
    connections: server.maxConnections,
  }).toEqual({
    headersMs: SERVER_LIMITS.headersMs,
    requestMs: SERVER_LIMITS.requestMs,
    keepAliveMs: SERVER_LIMITS.keepAliveMs,
    requestsPerConnection: SERVER_LIMITS.requestsPerConnection,
    connections: SERVER_LIMITS.connections,
  });
});

test('a reader that does not read is not read for: its messages stay in the bounded subscription', async () => {
  let taken = 0;
  const big = 'x'.repeat(100_000);
  given.supervisor.views = [view('web', { description: big })];
  given.supervisor.subscribe = () =>
    (async function* () {
      for (let seq = 1; ; seq += 1) {
        taken = seq;
        await Promise.resolve();
        yield record(seq, { type: 'system.started', version: big, pid: 1, previous: 'none' });
      }
    })();
  const stalled = Promise.withResolvers<undefined>();
  const sent = request({ socketPath, path: '/api/v1/events', headers: { accept: 'text/event-stream' } }, (message) => {
    message.once('readable', () => {
      message.pause();
      stalled.resolve(undefined);
    });
  });
  sent.on('error', () => undefined);
  sent.end();
  await stalled.promise;
  const settled = async (): Promise<number> => {
    for (let before = -1; before !== taken;) {
      before = taken;
      await say(`${GET}\r\n`);
    }
    return taken;
  };
  expect(await settled()).toBeLessThan(200);
  sent.destroy();
});

test('closing lets an answer on its way be finished and ends streams', async () => {
  const stream = say('GET /api/v1/events HTTP/1.1\r\nHost: a\r\nAccept: text/event-stream\r\n\r\n');
  await given.supervisor.subscribed;
  const waiting = say(
    'POST /api/v1/changes?wait=60s HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\nContent-Length: 15\r\n\r\n{"action":"up"}',
  );
  await given.supervisor.ordered;
  given.ending.abort();
  await api.close();
  expect(await stream).toContain('event: end');
  expect(await waiting).toMatch(/^HTTP\/1\.1 202 /);
});
