// A prober over the real world: real clock, sockets, files and programs.
import { mkdirSync, mkdtempSync, realpathSync, rmSync } from 'node:fs';
import type { AddressInfo, Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { systemRandom } from '../../src/clock/random.ts';
import { systemClock } from '../../src/clock/system.ts';
import { createLogStore } from '../../src/log/log-store.ts';
import type { CheckResult } from '../../src/model/check.ts';
import type { Probe, ProbeTarget, Spec } from '../../src/model/spec.ts';
import type { LogStore } from '../../src/ports/log-store.ts';
import type { ProbeReport, ProbeSubject, Prober } from '../../src/ports/prober.ts';
import { type KindParts, probeKinds } from '../../src/probe/kinds.ts';
import { identify } from '../../src/runtime/process-group.ts';
import { createTrees } from '../../src/runtime/trees.ts';
import { createProber } from '../../src/probe/prober.ts';
import { given } from '../core/given.ts';

export interface ProbeWorld extends AsyncDisposable {
  readonly folder: string;
  readonly prober: Prober;
  readonly logs: LogStore;
  readonly told: readonly ProbeReport[];
  /** Disposes the prober; resolves when nothing is under way. */
  end(): Promise<void>;
  /** Asks once about a service called `web`. */
  ask(target: ProbeTarget, different?: Partial<Probe>): Promise<CheckResult>;
  subject(target: ProbeTarget, different?: Partial<Probe>): ProbeSubject;
  /** Resolves with the first answer, told already or to come, that fits. */
  answer(fits: (report: ProbeReport) => boolean): Promise<ProbeReport>;
}

const NEVER = new AbortController().signal;

export function probeWorld(different: Partial<KindParts> = {}): ProbeWorld {
  const folder = realpathSync(mkdtempSync(join(tmpdir(), 'probe-')));
  const clock = systemClock({ keepAlive: 'yes' });
  const logs = createLogStore({ folder: join(folder, 'logs'), clock, keepBytes: () => 1_000_000 });
  const told: ProbeReport[] = [];
  const looking = new Set<() => void>();
  const runDirectory = join(folder, 'run');
  mkdirSync(runDirectory);
  const trees = createTrees({ clock, runDirectory });
  const kinds = probeKinds({
    clock,
    logs,
    runDirectory,
    pidOf: () => process.pid,
    notices: { of: () => null, beatAt: () => null, watch: () => ({ [Symbol.dispose]: () => undefined }) },
    invoke: ({ argv }, { spec, run }) => {
      const tree = trees.ofCommand(spec.name, run);
      return {
        file: argv[0] ?? '',
        args: argv.slice(1),
        env: { PATH: '/usr/bin:/bin', ...spec.env, ...tree.environment },
        cwd: spec.cwd,
        end: async (pid) => {
          if (pid !== null) tree.know(identify(pid));
          await tree.end();
        },
      };
    },
    ...different,
  });
  const prober = createProber({
    clock,
    random: systemRandom(),
    kinds,
    tell: (report) => {
      told.push(report);
      for (const look of looking) look();
    },
  });
  const spec: Spec = { ...given.service('web').spec, cwd: folder, env: { GREETING: 'hello' } };
  const world: ProbeWorld = {
    folder,
    prober,
    logs,
    told,
    end: async () => prober[Symbol.asyncDispose](),
    ask: (target, probe) => prober.ask(world.subject(target, probe), NEVER),
    subject: (target, probe) => ({
      service: 'web',
      run: 1,
      question: 'health',
      spec,
      cadence: 'starting',
      probe: {
        target,
        intervalMs: 10_000,
        startIntervalMs: 100,
        timeoutMs: 5000,
        failureThreshold: 3,
        successThreshold: 1,
        graceMs: 0,
        ...probe,
      },
    }),
    answer: (fits) =>
      new Promise((resolve) => {
        const look = (): void => {
          const found = told.find(fits);
          if (found === undefined) return;
          looking.delete(look);
          resolve(found);
        };
        looking.add(look);
        look();
      }),
    [Symbol.asyncDispose]: async () => {
      await prober[Symbol.asyncDispose]();
      rmSync(folder, { recursive: true });
    },
  };
  return world;
}

/** A server on a free port of the loopback; closing it cuts its connections. */
export async function listening<T extends Server>(
  server: T,
  host = '127.0.0.1',
): Promise<{ readonly port: number } & AsyncDisposable> {
  const sockets = new Set<{ destroy(): void }>();
  server.on('connection', (socket) => {
    sockets.add(socket);
    socket.on('error', () => undefined);
    socket.once('close', () => sockets.delete(socket));
  });
  await new Promise<void>((resolve) => server.listen({ port: 0, host }, resolve));
  const { port } = server.address() as AddressInfo;
  return {
    port,
    [Symbol.asyncDispose]: () =>
      new Promise<void>((resolve) => {
        server.close(() => resolve());
        for (const socket of sockets) socket.destroy();
      }),
  };
}

/** A port that nobody listens on: it was free a moment ago. */
export async function closedPort(make: () => Server): Promise<number> {
  const held = await listening(make());
  await held[Symbol.asyncDispose]();
  return held.port;
}
