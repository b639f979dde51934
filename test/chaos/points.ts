// A daemon killed right before everything that it does to its files, its store and its processes while it starts, stops
// and restarts a service. The points are not a list that somebody keeps: a first daemon writes down what it does.
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Client, createClient } from '../../src/client/client.ts';
import { ensureDaemon, lookAt } from '../../src/daemon/ensure.ts';
import type { DaemonProgram } from '../../src/daemon/spawn.ts';
import { CLOCK, PROGRAM, type World, until, world } from '../e2e/daemon-world.ts';
import { processesWith } from './count.ts';

const CRASH_AT = join(import.meta.dirname, 'crash-at.mjs');

/** What the first daemon is asked to do: bring it up, restart it, or stop it. */
const SCENES = ['up', 'restart', 'stop'] as const;
type Scene = (typeof SCENES)[number];

/** A point, and what was found wrong after a kill there. */
export interface Point {
  readonly name: string;
  readonly fault: string | null;
}

/** Goes through all points, or through an evenly spread share of them (0..1). */
export async function* killAtEveryPoint({ share }: { readonly share: number }): AsyncGenerator<Point> {
  for (const scene of SCENES) {
    const names = await pointsOf(scene);
    const stride = Math.max(1, Math.round(1 / share));
    for (let at = 1; at <= names.length; at += stride) {
      const fault = await faultAfterKill(scene, at).catch((error: unknown) => String(error));
      yield { name: `${scene} ${at}: ${names[at - 1] ?? ''}`, fault };
    }
  }
}

async function pointsOf(scene: Scene): Promise<readonly string[]> {
  await using shop = world('');
  const list = join(shop.root, 'points');
  await prepare(shop, scene);
  await play(shop, scene, { CRASH_LIST: list });
  return existsSync(list) ? readFileSync(list, 'utf8').trim().split('\n') : [];
}

async function faultAfterKill(scene: Scene, at: number): Promise<string | null> {
  await using shop = world('');
  const mark = await prepare(shop, scene);
  await play(shop, scene, { CRASH_AT: String(at) });
  const client = await shop.start();
  // Asked again what was asked: a request that the killed daemon had recorded is joined, one that it had not is made.
  const wanted = scene === 'stop' ? 'stop' : 'up';
  const change = await client.changes.create({ action: wanted, services: wanted === 'up' ? [] : ['one'] });
  const ended = await client.changes.settled(change.id, AbortSignal.timeout(20_000));
  if (ended.state !== 'done') return `${wanted} ended as ${ended.state}: ${ended.error ?? ''}`;
  const expected = scene === 'stop' ? 0 : 1;
  // The run is said to be there a little before its script has become the program that is counted.
  const lives = (): number => processesWith(mark).filter((each) => / sleep 1000/.test(each)).length;
  await until(() => lives() === expected, `there is ${expected} live run`);
  const doubles = existsSync(join(shop.root, 'doubles'));
  if (doubles) return 'two runs overlapped';
  await client.daemon.stop('down');
  await until(async () => (await lookAt(shop.paths)) === 'none', 'everything is down');
  const left = processesWith(mark);
  return left.length === 0 ? null : `left over: ${left.join('; ')}`;
}

/** A project with one service that takes a lock for as long as it lives; up before every scene but the first. */
async function prepare(shop: World, scene: Scene): Promise<string> {
  const mark = `${process.pid}-${shop.root}`;
  const holder = join(shop.root, 'holder');
  mkdirSync(join(shop.root, 'work'));
  writeFileSync(
    holder,
    `#!/bin/sh
exec 9>"${shop.root}/lock"
flock -n 9 || { echo double >>"${shop.root}/doubles"; exit 99; }
exec sleep 1000
`,
    { mode: 0o755 },
  );
  shop.write(`[services.one]
command = ["${holder}"]
env = { CHAOS_MARK = "${mark}" }
settle = "0s"
restart = { policy = "always", delay = "20ms" }
stop = { timeout = "500ms" }
`);
  if (scene === 'up') return `CHAOS_MARK=${mark}`;
  const client = await shop.start();
  const change = await client.changes.create({ action: 'up', services: [] });
  await client.changes.settled(change.id);
  await leave(client, shop);
  return `CHAOS_MARK=${mark}`;
}

/** The daemon goes, and its service stays. */
async function leave(client: Client, shop: World): Promise<void> {
  const { pid } = await client.daemon.status();
  process.kill(pid, 'SIGKILL');
  await until(async () => (await lookAt(shop.paths)) === 'none', `daemon ${pid} is gone`);
}

/** One daemon with the counter in it, one request, and its end: by the kill, or because the scene is over. */
async function play(shop: World, scene: Scene, env: Readonly<Record<string, string>>): Promise<void> {
  const options = `--import=${CRASH_AT}`;
  const program: DaemonProgram = {
    ...PROGRAM,
    env: { ...PROGRAM.env, NODE_OPTIONS: options, CRASH_ROOT: shop.root, ...env },
  };
  try {
    await ensureDaemon(shop.order, program, CLOCK);
    using client = createClient({ socketPath: shop.paths.socket, clock: CLOCK, via: 'library' });
    const services = scene === 'up' ? [] : ['one'];
    const change = await client.changes.create({ action: scene, services });
    await client.changes.settled(change.id, AbortSignal.timeout(20_000));
    await leave(client, shop);
  } catch {
    // The daemon was killed, which is what this is about; what it left is looked at next.
  }
  await until(async () => (await lookAt(shop.paths)) === 'none', 'the killed daemon is gone');
}
