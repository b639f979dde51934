import { spawn } from 'node:child_process';
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { join } from 'node:path';
import dns2 from 'dns2';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { CheckResult } from '../../src/model/check.ts';
import type { Probe, ProbeTarget } from '../../src/model/spec.ts';
import { type ProbeWorld, probeWorld } from './probe-world.ts';

type DnsTarget = Extract<ProbeTarget, { type: 'dns' }>;

const { Packet } = dns2;
const RECORDS: Readonly<Record<string, readonly object[]>> = {
  A: [{ address: '10.0.0.1' }, { address: '10.0.0.2' }],
  AAAA: [{ address: '2001:db8::1' }],
  CNAME: [{ domain: 'other.test' }],
  TXT: [{ data: 'v=1 hello' }],
  NS: [{ ns: 'ns1.test' }],
  MX: [{ exchange: 'mail.test', priority: 10 }],
};

let world: ProbeWorld;
let stack: AsyncDisposableStack;
let asked = 0;

beforeEach(() => {
  stack = new AsyncDisposableStack();
  world = stack.use(probeWorld());
});

afterEach(() => stack.disposeAsync());

/** A server that knows the one name `a.test`, and answers others with that code. */
async function serve(rcode: number = Packet.RCODE.NXDOMAIN): Promise<number> {
  const server = dns2.createServer({
    udp: true,
    handle: (request, send) => {
      asked += 1;
      const response = Packet.createResponseFromRequest(request);
      const [question] = request.questions;
      const type = Object.entries(Packet.TYPE).find(([, number]) => number === question?.type)?.[0] ?? '';
      if (question?.name !== 'a.test') response.header.rcode = rcode;
      else
        for (const record of RECORDS[type] ?? [])
          response.answers.push({ name: question.name, type: question.type, class: 1, ttl: 1, ...record } as never);
      void send(response);
    },
  });
  await server.listen({ udp: { port: 0, address: '127.0.0.1' } });
  stack.defer(() => server.close());
  return server.addresses().udp?.port ?? 0;
}

function ask(port: number, different: Partial<DnsTarget> = {}, probe: Partial<Probe> = {}): Promise<CheckResult> {
  return world.ask({ type: 'dns', server: '127.0.0.1', port, name: 'a.test', record: 'A', ...different }, probe);
}

describe('an answer', () => {
  test.for([
    ['A', 'A 10.0.0.1, 10.0.0.2'],
    ['AAAA', 'AAAA 2001:db8::1'],
    ['CNAME', 'CNAME other.test'],
    ['TXT', 'TXT v=1 hello'],
    ['NS', 'NS ns1.test'],
    ['MX', 'MX mail.test 10'],
  ] as const)('with %s records passes, and is the evidence', async ([record, message]) => {
    expect(await ask(await serve(), { record })).toMatchObject({ answer: 'pass', message });
  });

  test('without a record of that type fails', async () => {
    expect(await ask(await serve(), { record: 'SRV' })).toMatchObject({
      answer: 'fail',
      message: 'the name has no SRV record',
    });
  });

  test.for([
    ['NXDOMAIN', 'no such name (NXDOMAIN)'],
    ['SERVFAIL', 'the server failed (SERVFAIL)'],
    ['REFUSED', 'the server refuses the question (REFUSED)'],
  ] as const)('%s is told as it is', async ([code, message]) => {
    expect(await ask(await serve(Packet.RCODE[code]), { name: 'b.test' })).toMatchObject({ answer: 'fail', message });
  });
});

test('a server is asked anew each time', async () => {
  const port = await serve();
  const questions = asked;
  for (let round = 1; round <= 3; round += 1) {
    expect(await ask(port)).toMatchObject({ answer: 'pass' });
    expect(asked).toBe(questions + round);
  }
});

test('a port without a server is refused', async () => {
  const socket = createSocket('udp4').bind(0, '127.0.0.1');
  await once(socket, 'listening');
  const { port } = socket.address();
  await new Promise<void>((resolve) => socket.close(() => resolve()));
  expect(await ask(port)).toMatchObject({ answer: 'fail', message: 'connection refused' });
});

test('a server that is silent, or answers with something else, fails in time', async () => {
  const socket = createSocket('udp4').bind(0, '127.0.0.1');
  await once(socket, 'listening');
  stack.defer(() => new Promise<void>((resolve) => socket.close(() => resolve())));
  const { port } = socket.address();
  expect(await ask(port, {}, { timeoutMs: 300 })).toMatchObject({ answer: 'fail', message: 'no answer in 300ms' });
  socket.on('message', (_query, peer) => socket.send('not DNS', peer.port, peer.address));
  expect(await ask(port, {}, { timeoutMs: 300 })).toMatchObject({ answer: 'fail' });
});

/** Starts dnsmasq; the port is free when it is looked for, and may be taken when dnsmasq comes: then it ends. */
async function startDnsmasq(port: number): Promise<'answers' | 'ended'> {
  const options = ['--no-daemon', '--no-resolv', '--no-hosts', '--conf-file=/dev/null', '--listen-address=127.0.0.1'];
  const more = ['--bind-interfaces', `--port=${port}`, `--pid-file=${join(world.folder, 'pid')}`];
  const names = ['--user=', '--address=/shop.test/10.9.8.7', '--local=/test/'];
  const child = spawn('dnsmasq', [...options, ...more, ...names], { stdio: 'ignore' });
  const end = once(child, 'exit');
  stack.defer(async () => {
    child.kill('SIGKILL');
    await end;
  });
  const service = `dnsmasq-${port}`;
  const target: ProbeTarget = { type: 'dns', server: 'localhost', port, name: 'shop.test', record: 'A' };
  world.prober.watch({ ...world.subject(target, { startIntervalMs: 50 }), service });
  const answer = world.answer((report) => report.service === service && report.answer === 'pass');
  return Promise.race([answer.then(() => 'answers' as const), end.then(() => 'ended' as const)]);
}

test('dnsmasq answers for the names it is given', async () => {
  let port = 0;
  for (let attempt = 0; attempt < 5; attempt += 1) {
    const socket = createSocket('udp4').bind(0, '127.0.0.1');
    await once(socket, 'listening');
    ({ port } = socket.address());
    await new Promise<void>((resolve) => socket.close(() => resolve()));
    if ((await startDnsmasq(port)) === 'answers') break;
  }
  expect(await ask(port, { name: 'shop.test' })).toMatchObject({ answer: 'pass', message: 'A 10.9.8.7' });
  expect(await ask(port, { name: 'none.test' })).toMatchObject({ message: 'no such name (NXDOMAIN)' });
});
