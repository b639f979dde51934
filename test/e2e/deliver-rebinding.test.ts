// A name server that gives another answer each time, as an attacker's does, and what a check makes of it.
import { Resolver } from 'node:dns/promises';
import { createServer } from 'node:http';
import dns2 from 'dns2';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { systemClock } from '../../src/clock/system.ts';
import { ANYWHERE, type Resolve, addressResolver } from '../../src/probe/address.ts';
import { nodeClient } from '../../src/probe/http-node.ts';
import { rawClient } from '../../src/probe/http-raw.ts';
import { httpKind } from '../../src/probe/http.ts';
import { given, probeOf } from './deliver-world.ts';

const { Packet } = dns2;
const answers: string[] = [];
let queries = 0;
let resolve: Resolve;
let port = 0;
const heard: string[] = [];

const names = dns2.createServer({
  udp: true,
  handle: (request, send) => {
    const response = Packet.createResponseFromRequest(request);
    const [question] = request.questions;
    if (question === undefined) return;
    queries += 1;
    response.answers.push({
      name: question.name,
      type: Packet.TYPE.A,
      class: Packet.CLASS.IN,
      ttl: 0,
      address: answers.shift() ?? '169.254.169.254',
    } as never);
    void send(response);
  },
});
const server = createServer((request, response) => {
  heard.push(request.headers.host ?? '');
  response.end('ok');
});

beforeAll(async () => {
  await names.listen({ udp: { port: 0, address: '127.0.0.1' } });
  const resolver = new Resolver();
  resolver.setServers([`127.0.0.1:${names.addresses().udp?.port ?? 0}`]);
  resolve = addressResolver((name) => resolver.resolve4(name));
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  const address = server.address();
  port = typeof address === 'object' && address !== null ? address.port : 0;
});
afterAll(async () => {
  await names.close();
  server.close();
});

const ask = async (): Promise<string> => {
  const clock = systemClock();
  const kind = httpKind({
    clock,
    resolve,
    reachOf: () => ANYWHERE,
    plain: rawClient(clock),
    secure: nodeClient(clock),
  });
  const asker = kind.open(probeOf(given('web'), `http://rebind.test:${port}/`), () => undefined);
  try {
    return (await asker.ask(AbortSignal.timeout(5000))).answer;
  } catch (cause) {
    return String(cause);
  }
};

test('a name is asked once a check, and the connection goes to the answer that was judged', async () => {
  answers.push('127.0.0.1', '169.254.169.254');
  expect(await ask()).toBe('pass');
  expect([queries, heard]).toEqual([1, [`rebind.test:${port}`]]);
});

test('a name that means a link-local address the next time is not asked then', async () => {
  expect(await ask()).toContain('is a link-local address, which is never asked');
  expect(heard).toHaveLength(1);
});
