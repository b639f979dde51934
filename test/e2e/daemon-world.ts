// Real daemons in folders of their own: started as `rouse up` starts them, spoken to by the client, gone after the test.
import { existsSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Client, createClient } from '../../src/client/client.ts';
import { systemClock } from '../../src/clock/system.ts';
import { ensureDaemon, lookAt } from '../../src/daemon/ensure.ts';
import type { DaemonOrder } from '../../src/daemon/order.ts';
import type { DaemonProgram } from '../../src/daemon/spawn.ts';
import { type ProjectPaths, pathsOf } from '../../src/model/paths.ts';

const ENTRY = join(import.meta.dirname, '../../bin/rouse.js');

export const CLOCK = systemClock({ keepAlive: 'yes' });

export const PROGRAM: DaemonProgram = {
  program: process.execPath,
  args: [ENTRY, 'daemon', 'serve'],
  env: { PATH: process.env['PATH'], HOME: process.env['HOME'] },
};

/** A project's folders and file; `start` is what `rouse up` does first. */
export interface World extends AsyncDisposable {
  readonly root: string;
  readonly paths: ProjectPaths;
  readonly order: DaemonOrder;
  start(fields?: Partial<DaemonOrder>, program?: DaemonProgram): Promise<Client>;
  /** Another client of the same daemon. */
  connect(): Client;
  write(text: string): void;
  log(): string;
  /** Kills the daemon, and waits until it is gone. */
  kill(): Promise<void>;
}

/** A world whose definition file says this. The name of the project is `shop`. `at` names folders that are there. */
export function world(text: string, at: Partial<DaemonOrder['folders']> = {}): World {
  const root = mkdtempSync(join(tmpdir(), 'rouse-e2e-'));
  const folders = { runtime: join(root, 'run'), state: join(root, 'state'), ...at };
  const paths = pathsOf(folders, 'shop');
  const file = join(root, 'rouse.toml');
  const write = (next: string): void => {
    writeFileSync(file, `name = "shop"\n${next}`);
  };
  write(text);
  const order: DaemonOrder = {
    project: 'shop',
    directory: root,
    files: [file],
    overlays: [],
    variables: {},
    stdin: null,
    naming: 'found',
    startedBy: 'up',
    folders,
  };
  const clients: Client[] = [];
  const connect = (): Client => {
    const client = createClient({ socketPath: paths.socket, clock: CLOCK, via: 'library' });
    clients.push(client);
    return client;
  };
  return {
    root,
    paths,
    order,
    write,
    connect,
    log: () => (existsSync(paths.daemonLog) ? readFileSync(paths.daemonLog, 'utf8') : ''),
    start: async (fields = {}, program = PROGRAM) => {
      await ensureDaemon({ ...order, ...fields }, program, CLOCK);
      return connect();
    },
    kill: async () => {
      const { pid } = await connect().daemon.status();
      process.kill(pid, 'SIGKILL');
      await until(() => !isAlive(pid), `daemon ${pid} is gone`);
    },
    [Symbol.asyncDispose]: async () => {
      const runs = existsSync(paths.runs) && readdirSync(paths.runs).some((name) => !name.startsWith('.'));
      if ((await lookAt(paths)) !== 'none' || runs) await endAll(order, paths);
      for (const client of clients) client[Symbol.dispose]();
      // What a killed daemon had standing ready ends by itself, and writes its last line meanwhile.
      rmSync(root, { recursive: true, maxRetries: 5, retryDelay: 50 });
    },
  };
}

/** The daemon's program, whose wall clock is off by as many ms as the file says. */
export function shifted(file: string): DaemonProgram {
  const script = `import { readFileSync } from 'node:fs'; const now = Date.now.bind(Date);
    Date.now = () => now() + Number(readFileSync(${JSON.stringify(file)}, 'utf8'));`;
  const module = `data:text/javascript,${encodeURIComponent(script)}`;
  return { ...PROGRAM, args: ['--import', module, ...PROGRAM.args] };
}

/** Waits until a condition of the world holds; what is waited for has no event to wait for. */
export async function until(holds: () => boolean | Promise<boolean>, what: string): Promise<void> {
  const late = CLOCK.monotonic() + 20_000;
  while (!(await holds())) {
    if (CLOCK.monotonic() > late) throw new Error(`it never came that ${what}`);
    await new Promise<void>((resolve) => {
      CLOCK.after(10, resolve);
    });
  }
}

/** Whether the process lives, zombies not counted. */
export function isAlive(pid: number): boolean {
  try {
    return !/^State:\s+Z/m.test(readFileSync(`/proc/${pid}/status`, 'utf8'));
  } catch {
    return false;
  }
}

/** Stops everything and the daemon, by way of another one where the last has left something behind. */
async function endAll(order: DaemonOrder, paths: ProjectPaths): Promise<void> {
  // What the test has written may be no definition: what runs is ended by its own.
  for (const file of order.files) writeFileSync(file, `name = "${order.project}"\n`);
  if ((await lookAt(paths)) === 'stopping') await until(async () => (await lookAt(paths)) === 'none', 'it has left');
  await ensureDaemon({ ...order, startedBy: 'up' }, PROGRAM, CLOCK);
  using client = createClient({ socketPath: paths.socket, clock: CLOCK, via: 'library' });
  const { pid } = await client.daemon.status();
  const { change } = await client.daemon.stop('down');
  // One that `up` has started leaves by itself when everything is down; any other is told to.
  const isDone = async (): Promise<boolean> => (await client.changes.get(change ?? '')).ended_at !== null;
  await until(() => !isAlive(pid) || isDone().catch(() => change === null), 'everything is down');
  await client.daemon.stop('daemon').catch(() => undefined);
  await until(() => !isAlive(pid) && !existsSync(paths.socket), `daemon ${pid} ends`);
}
