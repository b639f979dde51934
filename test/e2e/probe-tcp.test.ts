import { createServer } from 'node:net';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { ProbeTarget } from '../../src/model/spec.ts';
import { type ProbeWorld, closedPort, listening, probeWorld } from './probe-world.ts';

let world: ProbeWorld;

beforeEach(() => {
  world = probeWorld();
});

afterEach(() => world[Symbol.asyncDispose]());

const tcp = (host: string, port: number): ProbeTarget => ({ type: 'tcp', host, port });

test.for([
  ['127.0.0.1', '127.0.0.1'],
  ['::1', '::1'],
  ['localhost', '127.0.0.1'],
  ['localhost', '::1'],
] as const)('%s passes when something accepts at %s', async ([host, at]) => {
  await using server = await listening(createServer(), at);
  expect(await world.ask(tcp(host, server.port))).toMatchObject({
    answer: 'pass',
    message: expect.stringMatching(/^connected in \d+ ms$/),
  });
});

test('the connection is closed at once and nothing is sent', async () => {
  const { promise: received, resolve } = Promise.withResolvers<string>();
  const server = createServer((socket) => {
    let text = '';
    socket.on('data', (chunk) => (text += chunk.toString()));
    socket.once('close', () => resolve(text));
  });
  await using listener = await listening(server);
  await world.ask(tcp('127.0.0.1', listener.port));
  expect(await received).toBe('');
});

test('a server that says something first sees its words taken and the connection ended, never reset', async () => {
  const { promise: parted, resolve } = Promise.withResolvers<string>();
  const server = createServer((socket) => {
    socket.on('error', (error) => resolve(error.message));
    socket.on('close', () => resolve('ended'));
    socket.write('220 ready\r\n');
    socket.resume();
  });
  await using listener = await listening(server);
  expect(await world.ask(tcp('127.0.0.1', listener.port))).toMatchObject({ answer: 'pass' });
  expect(await parted).toBe('ended');
});

test('a server that never hangs up is answered for at once', async () => {
  await using listener = await listening(createServer({ allowHalfOpen: true }, (socket) => socket.resume()));
  const started = process.hrtime.bigint();
  expect(await world.ask(tcp('127.0.0.1', listener.port))).toMatchObject({ answer: 'pass' });
  expect(process.hrtime.bigint() - started).toBeLessThan(400_000_000n);
});

test('a port that nobody listens on is refused', async () => {
  const port = await closedPort(() => createServer());
  for (const host of ['127.0.0.1', 'localhost'])
    expect(await world.ask(tcp(host, port))).toMatchObject({ answer: 'fail', message: 'connection refused' });
});

test('a name that nobody knows is told so', async () => {
  const result = await world.ask(tcp('no-such-host.invalid', 80));
  expect(result.answer).toBe('fail');
  expect(['host name not known', 'name server does not answer', 'no answer in 5s']).toContain(result.message);
});

test('a link-local address is not connected to', async () => {
  expect(await world.ask(tcp('169.254.169.254', 80))).toMatchObject({
    answer: 'fail',
    message: '"169.254.169.254" is a link-local address, which is never asked',
  });
});

test('five hundred checks of as many services are answered', async () => {
  await using server = await listening(createServer());
  for (let number = 0; number < 500; number += 1)
    world.prober.watch({
      ...world.subject(tcp(`127.0.${1 + (number >> 8)}.${number & 255}`, server.port)),
      service: `s${number}`,
    });
  const seen = new Set<string>();
  await world.answer(({ service }) => seen.add(service).size === 500);
  expect(new Set(world.told.map(({ message }) => message))).toEqual(new Set(['connection refused']));
});
