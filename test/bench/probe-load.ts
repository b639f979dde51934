/**
 * The asking side of the probe bench, in a process of its own so that its CPU is its own: `prober` or `bare`, and a port.
 * Two cycles over all targets; the second is measured, since a daemon is warm. Prints `{checks, cpuSeconds, seconds}`.
 */
import assert from 'node:assert/strict';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { systemRandom } from '../../src/clock/random.ts';
import { systemClock } from '../../src/clock/system.ts';
import { createLogStore } from '../../src/log/log-store.ts';
import type { ProbeSubject } from '../../src/ports/prober.ts';
import { probeKinds } from '../../src/probe/kinds.ts';
import { createProber } from '../../src/probe/prober.ts';
import { trivialSpec } from './trivial-spec.ts';

const TARGETS = 10_000;
const AT_ONCE = 64;
const HOUR_MS = 3_600_000;

const [mode, port] = process.argv.slice(2);
const hosts = Array.from({ length: TARGETS }, (_, at) => `127.${1 + (at >> 14)}.${(at >> 7) & 127}.${1 + (at & 127)}`);
if (mode === 'prober') await throughProber();
else await bare();

async function measured(cycle: () => Promise<void>): Promise<void> {
  const from = performance.now();
  const before = process.cpuUsage();
  await cycle();
  const { user, system } = process.cpuUsage(before);
  const seconds = (performance.now() - from) / 1000;
  process.stdout.write(JSON.stringify({ checks: TARGETS, cpuSeconds: (user + system) / 1e6, seconds }));
}

async function throughProber(): Promise<void> {
  const clock = systemClock({ keepAlive: 'yes' });
  const folder = join(tmpdir(), 'rouse-bench-unused');
  const kinds = probeKinds({
    clock,
    logs: createLogStore({ folder, clock, keepBytes: () => 0 }),
    runDirectory: folder,
    pidOf: () => null,
    notices: { of: () => null, beatAt: () => null, watch: () => ({ [Symbol.dispose]: () => undefined }) },
    invoke: () => assert.fail('no command is asked'),
  });
  let heard: () => void = () => {};
  await using prober = createProber({
    clock,
    random: systemRandom(),
    kinds,
    concurrency: AT_ONCE,
    tell: ({ answer, message }) => {
      assert.equal(answer, 'pass', message);
      heard();
    },
  });
  const cycle = (run: number): Promise<void> =>
    new Promise((resolve) => {
      let left = TARGETS;
      heard = () => {
        left -= 1;
        if (left === 0) resolve();
      };
      for (const [index, host] of hosts.entries()) prober.watch(subject(`s${index}`, run, host));
    });
  await cycle(1);
  await measured(() => cycle(2));
  for (const index of hosts.keys()) prober.forget(`s${index}`);
}

function subject(service: string, run: number, host: string): ProbeSubject {
  return {
    service,
    run,
    question: 'health',
    spec: trivialSpec(service, []),
    cadence: 'running',
    probe: {
      target: {
        type: 'http',
        url: `http://${host}:${port}/health`,
        method: 'GET',
        headers: {},
        status: [[200, 299]],
        redirects: 'refuse',
      },
      intervalMs: HOUR_MS,
      startIntervalMs: HOUR_MS,
      timeoutMs: 10_000,
      failureThreshold: 3,
      successThreshold: 1,
      graceMs: 0,
    },
  };
}

/** The floor: the same requests at the same concurrency, no deadline, no record, one look at the status. */
async function bare(): Promise<void> {
  const cycle = async (): Promise<void> => {
    let next = 0;
    const lane = async (): Promise<void> => {
      for (let host = hosts[next++]; host !== undefined; host = hosts[next++]) await ask(host);
    };
    await Promise.all(Array.from({ length: AT_ONCE }, lane));
  };
  await cycle();
  await measured(cycle);
}

function ask(host: string): Promise<void> {
  return new Promise((resolve, reject) => {
    const socket = connect(Number(port), host);
    socket.on('error', reject);
    socket.once('data', (piece) => {
      assert(piece.toString('latin1').startsWith('HTTP/1.1 200'));
      socket.destroy();
      resolve();
    });
    socket.write(`GET /health HTTP/1.1\r\nHost: ${host}:${port}\r\nConnection: close\r\n\r\n`);
  });
}
