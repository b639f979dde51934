// A supervisor over so many sleeping processes, as a program: `up` brings them up and waits to be killed, `take` takes over
// what such a one has left and says what that cost, `down` ends it.
import { join } from 'node:path';
import { bootId } from '../../src/clock/boot.ts';
import type { Definition } from '../../src/model/spec.ts';
import { PLAIN_POLICY } from '../../src/model/policy.ts';
import { createSupervisor } from '../../src/supervisor/create.ts';
import type { Supervisor } from '../../src/supervisor/port.ts';
import { trivialSpec } from './trivial-spec.ts';

const BY = { via: 'library', name: 'bench' } as const;

function supervise(folder: string, count: number): Supervisor {
  const command = { argv: ['/bin/sleep', '1000'], via: 'exec', source: 'sleep 1000', origin: null } as const;
  const services = Array.from({ length: count }, (_, at) => ({
    ...trivialSpec(`s${at}`, []),
    execution: { type: 'process', command } as const,
  }));
  const definition: Definition = {
    name: 'bench',
    services,
    settings: {
      orchestration: 'enabled',
      orchestrationOrigin: null,
      dependencyStart: 'automatic',
      dependencyStartOrigin: null,
      nuPath: null,
      provisioningPath: null,
    },
    policy: PLAIN_POLICY,
    hash: String(count),
    directory: folder,
    files: [],
  };
  return createSupervisor({
    definition,
    folders: { logs: join(folder, 'logs'), runs: join(folder, 'run'), store: join(folder, 'rouse.db') },
    path: '/usr/bin:/bin',
    environment: {},
    functions: () => undefined,
    keepAlive: 'yes',
    program: { version: bootId(), pid: process.pid },
  });
}

async function order(supervisor: Supervisor, action: 'up' | 'down'): Promise<void> {
  const { id } = supervisor.request({
    action,
    services: [],
    dependencies: 'settings',
    dependents: 'include',
    completed: 'keep',
    by: BY,
  });
  await supervisor.settled(id, new AbortController().signal);
}

/** Units: ms. */
async function take(folder: string, count: number): Promise<void> {
  const cpu = process.cpuUsage();
  const from = performance.now();
  const supervisor = supervise(folder, count);
  let longestMs = 0;
  while (supervisor.statuses().some(({ status }) => status !== 'Running')) {
    const turnFrom = performance.now();
    await new Promise((next) => setImmediate(next));
    longestMs = Math.max(longestMs, performance.now() - turnFrom);
  }
  const wallMs = performance.now() - from;
  const { user, system } = process.cpuUsage(cpu);
  const pids = supervisor.services().map(({ pid }) => pid);
  process.stdout.write(`${JSON.stringify({ wallMs, cpuMs: (user + system) / 1000, longestMs, pids })}\n`);
}

const [, , mode, folder = '', count = '0'] = process.argv;
if (mode === 'take') await take(folder, Number(count));
else await order(supervise(folder, Number(count)), mode === 'up' ? 'up' : 'down');
if (mode === 'up') process.stdout.write('up\n');
// What runs is left running, as a daemon leaves it.
else process.exit(0);
