// A daemon killed right before everything that it does to its files, its store and its processes in a scene. The points are
// not a list that somebody keeps: a first daemon writes down what it does.
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Client, createClient } from '../../src/client/client.ts';
import { ensureDaemon, lookAt } from '../../src/daemon/ensure.ts';
import type { DaemonProgram } from '../../src/daemon/spawn.ts';
import { CLOCK, PROGRAM, type World, until, world } from '../e2e/daemon-world.ts';
import { processesWith } from './count.ts';
import { NAMES, SCENES, type Scene, type Stage, definitionOf, livesOf, writeHolder } from './scenes.ts';

const CRASH_AT = join(import.meta.dirname, 'crash-at.mjs');

/** A point, and what was found wrong after a kill there. */
export interface Point {
  readonly name: string;
  readonly fault: string | null;
}

/** How many of all points, and from which on, so that two runs with a share of them take others. */
export interface Share {
  /** 0..1; 1 = all. */
  readonly share: number;
  readonly offset: number;
}

/** Projects that are played at the same time: most of a scene is waiting. */
const LANES = 3;

/** Goes through all points of all scenes, or through an evenly spread share of them. */
export async function* killAtEveryPoint({ share, offset }: Share): AsyncGenerator<Point> {
  const stride = Math.max(1, Math.round(1 / share));
  for (const scene of SCENES) {
    const names = await pointsOf(scene);
    const chosen = names.flatMap((name, index) =>
      index % stride === offset % stride ? [{ name, at: index + 1 }] : [],
    );
    for (let from = 0; from < chosen.length; from += LANES) {
      const found = chosen.slice(from, from + LANES).map(async ({ name, at }) => ({
        name: `${scene.name} ${at}: ${name}`,
        fault: await faultAfterKill(scene, at).catch((error: unknown) => String(error)),
      }));
      yield* await Promise.all(found);
    }
  }
}

async function pointsOf(scene: Scene): Promise<readonly string[]> {
  await using shop = world('');
  const list = join(shop.root, 'points');
  const stage = await prepare(shop, scene);
  await play(stage, scene, { CRASH_LIST: list });
  return existsSync(list) ? readFileSync(list, 'utf8').trim().split('\n') : [];
}

async function faultAfterKill(scene: Scene, at: number): Promise<string | null> {
  await using shop = world('');
  const stage = await prepare(shop, scene);
  await play(stage, scene, { CRASH_AT: String(at) });
  const client = await shop.start();
  const fault = await faultOfAskingAgain(client, scene, stage);
  if (fault !== null) return fault;
  await client.daemon.stop('down').catch((error: unknown) => {
    // It may have left by itself when everything was down.
    if (scene.wanted !== 'down') throw error;
  });
  await until(async () => (await lookAt(shop.paths)) === 'none', 'everything is down');
  if (existsSync(join(shop.root, 'doubles')))
    return `two overlapped: ${readFileSync(join(shop.root, 'doubles'), 'utf8')}`;
  const left = processesWith(stage.mark);
  return left.length === 0 ? null : `left over: ${left.join('; ')}`;
}

/** Asked again what was asked: a request that the killed daemon had recorded is joined, one that it had not is made. */
async function faultOfAskingAgain(client: Client, { wanted }: Scene, { mark }: Stage): Promise<string | null> {
  if (wanted === 'down') return null;
  const change = await client.changes.create({ action: wanted, services: wanted === 'up' ? [] : [...NAMES] });
  const ended = await client.changes.settled(change.id, AbortSignal.timeout(20_000));
  if (ended.state !== 'done') return `${wanted} ended as ${ended.state}: ${ended.error ?? ''}`;
  const expected = wanted === 'stop' ? 0 : NAMES.length;
  // A run is said to be there a little before its script has become the program that is counted.
  await until(() => livesOf(mark).length === expected, `there are ${expected} live runs`);
  return null;
}

/** The project of a scene, as it is before the daemon that is to be killed. */
async function prepare(shop: World, scene: Scene): Promise<Stage> {
  const stage = { shop, mark: `CHAOS_MARK=${process.pid}-${shop.root}` };
  writeHolder(shop.root);
  shop.write(definitionOf(stage, 'first'));
  if (scene.before === 'up') {
    const client = await shop.start();
    const change = await client.changes.create({ action: 'up', services: [] });
    await client.changes.settled(change.id);
    await until(() => livesOf(stage.mark).length === NAMES.length, 'both are up');
    await leave(client, shop);
  }
  await scene.meanwhile?.(stage);
  return stage;
}

/** The daemon goes, and its services stay. */
async function leave(client: Client, shop: World): Promise<void> {
  const { pid } = await client.daemon.status();
  process.kill(pid, 'SIGKILL');
  await until(async () => (await lookAt(shop.paths)) === 'none', `daemon ${pid} is gone`);
}

/** One daemon with the counter in it, and its end: by the kill, or because the scene is over. */
async function play(stage: Stage, scene: Scene, env: Readonly<Record<string, string>>): Promise<void> {
  const { shop } = stage;
  const program: DaemonProgram = {
    ...PROGRAM,
    env: { ...PROGRAM.env, NODE_OPTIONS: `--import=${CRASH_AT}`, CRASH_ROOT: shop.root, ...env },
  };
  try {
    await ensureDaemon(shop.order, program, CLOCK);
    using client = createClient({ socketPath: shop.paths.socket, clock: CLOCK, via: 'library' });
    await cutOff(scene.play(stage, client), shop);
    await leave(client, shop);
  } catch {
    // The daemon was killed, which is what this is about; what it left is looked at next.
  }
  await until(async () => (await lookAt(shop.paths)) === 'none', 'the killed daemon is gone');
}

/** The scene, or the death of its daemon. */
async function cutOff(playing: Promise<void>, shop: World): Promise<void> {
  let state: 'plays' | 'over' = 'plays';
  const dead = until(async () => state === 'over' || (await lookAt(shop.paths)) === 'none', 'the scene is over');
  await Promise.race([playing, dead]);
  state = 'over';
  playing.catch(() => undefined);
}
