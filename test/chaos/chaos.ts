// Services of random life under daemons that are killed at random instants, or leave, while people and accidents
// interfere: restarts, stops, reloads of a changed definition, and SIGKILL to services, to the launcher, to receivers.
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import type { Client } from '../../src/client/client.ts';
import { type SeededRandom, seededRandom } from '../../src/clock/random.ts';
import { ensureDaemon, lookAt } from '../../src/daemon/ensure.ts';
import { openStored } from '../../src/supervisor/stored.ts';
import { CLOCK, PROGRAM, type World, isAlive, until, world } from '../e2e/daemon-world.ts';
import { type Counts, countRemains } from './count.ts';
import { definitionOf } from './definition.ts';
import { type Prey, pidsOf } from './prey.ts';

const NO_GROUPS = join(import.meta.dirname, 'no-groups.mjs');

/** How long, how many, which chance, and what holds the trees; `mixed`: each daemon draws anew. */
export interface Chaos {
  readonly seconds: number;
  readonly services: number;
  readonly seed: number;
  readonly held: 'cgroup' | 'session' | 'mixed';
}

/** What everybody who interferes works with. */
interface Rage {
  readonly shop: World;
  readonly names: readonly string[];
  readonly random: SeededRandom;
  readonly held: Chaos['held'];
  readonly mark: string;
  /** Writes the definition with another generation of one service. */
  rewrite(): void;
  client: Client;
}

/** Lets it rage and counts what is left. A daemon lives for 50 to 900 ms. */
export async function rage({ seconds, services, seed, held }: Chaos): Promise<Counts> {
  const random = seededRandom(seed);
  const mark = `CHAOS_MARK=${process.pid}-${seed}`;
  const names = Array.from({ length: services }, (_, at) => `s${at + 1}`);
  await using shop = world('');
  const journal = join(shop.root, 'journal');
  mkdirSync(journal);
  const generations = new Map<string, number>();
  const write = (): void => shop.write(definitionOf(names, { mark, journal, seed, generations }));
  const rewrite = (): void => {
    const name = oneOf(names, random);
    generations.set(name, (generations.get(name) ?? 0) + 1);
    write();
  };
  write();
  const end = CLOCK.monotonic() + seconds * 1000;
  const own: Rage = { shop, names, random, held, mark, rewrite, client: await begin(shop, held, random) };
  let kills = 0;
  await own.client.changes.create({ action: 'up', services: [] });
  while (CLOCK.monotonic() < end) {
    const { pid } = await own.client.daemon.status();
    if (random.draw() < 0.4) await shake(own);
    await pause(50 + random.draw() * 850);
    if (random.draw() < 0.4) strike(own);
    kills += await leave(own.client, pid, random);
    await until(async () => !isAlive(pid) && (await lookAt(shop.paths)) === 'none', `daemon ${pid} is gone`);
    own.client = await begin(shop, held, random);
  }
  await own.client.daemon.stop('down');
  await until(async () => (await lookAt(shop.paths)) === 'none', 'everything is down');
  const query = { sinceSeq: 0, types: ['service.exit'], services: [], limit: 1_000_000 };
  const records = openStored(shop.order.folders, 'shop')?.records(query) ?? [];
  return countRemains({ names, journal, paths: shop.paths, records, kills, mark });
}

/** Another daemon, which takes over what is there. */
async function begin(shop: World, held: Chaos['held'], random: SeededRandom): Promise<Client> {
  const isGrouped = held === 'cgroup' || (held === 'mixed' && random.draw() < 0.5);
  const options = isGrouped ? {} : { NODE_OPTIONS: `--import=${NO_GROUPS}` };
  await ensureDaemon(shop.order, { ...PROGRAM, env: { ...PROGRAM.env, ...options } }, CLOCK);
  return shop.connect();
}

/** The daemon is killed, or leaves as it is asked to and is killed on its way or not; whether it was killed. */
async function leave(client: Client, pid: number, random: SeededRandom): Promise<0 | 1> {
  const way = random.draw();
  if (way < 0.3) await client.daemon.stop('daemon');
  if (way < 0.15) return 0;
  if (way < 0.3) await pause(random.draw() * 30);
  if (!isAlive(pid)) return 0;
  process.kill(pid, 'SIGKILL');
  return 1;
}

/** Somebody restarts a service, or stops it and starts it again, or changes its definition, right before the daemon goes. */
async function shake(own: Rage): Promise<void> {
  const { client, names, random, shop } = own;
  const way = random.draw();
  const name = oneOf(names, random);
  if (way < 0.3) {
    own.rewrite();
    await client.definition.reload({ files: shop.order.files });
  } else if (way < 0.6) {
    await client.changes.create({ action: 'restart', services: [name] });
  } else {
    await client.changes.create({ action: 'stop', services: [name], options: { dependents: 'leave' } });
    await client.changes.create({ action: 'start', services: [name] });
  }
}

/** An accident: a few services, the launcher, or the receivers of what services say are killed. */
function strike({ shop, mark, random }: Rage): void {
  const way = random.draw();
  const prey: Prey = way < 0.5 ? 'services' : way < 0.75 ? 'launchers' : 'receivers';
  const pids = pidsOf(prey, { root: shop.root, mark });
  const count = prey === 'services' ? 3 : pids.length;
  for (let left = count; left > 0 && pids.length > 0; left -= 1) {
    const pid = prey === 'services' ? oneOf(pids, random) : pids[left - 1];
    if (pid !== undefined && isAlive(pid)) process.kill(pid, 'SIGKILL');
  }
}

function oneOf<T>(many: readonly [T, ...T[]] | readonly T[], random: SeededRandom): T {
  const one = many[Math.floor(random.draw() * many.length)];
  if (one === undefined) throw new Error('there is nothing to choose from');
  return one;
}

async function pause(ms: number): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<undefined>();
  CLOCK.after(ms, () => {
    resolve(undefined);
  });
  await promise;
}
