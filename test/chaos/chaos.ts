// Services of random life under daemons that are killed at random instants.
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import type { Client } from '../../src/client/client.ts';
import { type SeededRandom, seededRandom } from '../../src/clock/random.ts';
import { lookAt } from '../../src/daemon/ensure.ts';
import { openStored } from '../../src/supervisor/stored.ts';
import { CLOCK, isAlive, until, world } from '../e2e/daemon-world.ts';
import { type Counts, countRemains } from './count.ts';

const LIFE = join(import.meta.dirname, 'life.sh');

/** How long, how many, and which chance. */
export interface Chaos {
  readonly seconds: number;
  readonly services: number;
  readonly seed: number;
}

/** Lets it rage and counts what is left. A daemon lives for 50 to 900 ms, then it is killed. */
export async function rage({ seconds, services, seed }: Chaos): Promise<Counts> {
  const random = seededRandom(seed);
  const mark = `CHAOS_MARK=${process.pid}-${seed}`;
  const names = Array.from({ length: services }, (_, at) => `s${at + 1}`);
  await using shop = world('');
  const journal = join(shop.root, 'journal');
  mkdirSync(journal);
  shop.write(definitionOf(names, { mark, journal, seed }));
  const end = CLOCK.monotonic() + seconds * 1000;
  let kills = 0;
  let client = await shop.start();
  await client.changes.create({ action: 'up', services: [] });
  while (CLOCK.monotonic() < end) {
    const { pid } = await client.daemon.status();
    if (random.draw() < 0.3) await shake(client, names, random);
    await pause(50 + random.draw() * 850);
    process.kill(pid, 'SIGKILL');
    kills += 1;
    await until(() => !isAlive(pid), `daemon ${pid} is gone`);
    client = await shop.start();
  }
  await client.daemon.stop('down');
  await until(async () => (await lookAt(shop.paths)) === 'none', 'everything is down');
  const query = { sinceSeq: 0, types: ['service.exit'], services: [], limit: 1_000_000 };
  const records = openStored(shop.order.folders, 'shop')?.records(query) ?? [];
  return countRemains({ names, journal, paths: shop.paths, records, kills, mark });
}

/** Somebody restarts a service, or stops it and starts it again, right before the daemon dies. */
async function shake(client: Client, names: readonly string[], random: SeededRandom): Promise<void> {
  const name = names[Math.floor(random.draw() * names.length)] ?? 's1';
  if (random.draw() < 0.5) return void (await client.changes.create({ action: 'restart', services: [name] }));
  await client.changes.create({ action: 'stop', services: [name], options: { dependents: 'leave' } });
  await client.changes.create({ action: 'start', services: [name] });
}

/** Every third service needs the one before it; all are started again at once whatever their end. */
function definitionOf(
  names: readonly string[],
  { mark, journal, seed }: { readonly mark: string; readonly journal: string; readonly seed: number },
): string {
  const [variable = '', value = ''] = mark.split('=');
  const defaults = `
[defaults]
settle = "0s"
env = { ${variable} = "${value}" }
restart = { policy = "always", delay = "20ms", factor = 1, max_delay = "20ms", max = 1000000, within = "1s" }
stop = { timeout = "300ms" }
logs = { keep = "1GiB" }
`;
  const services = names.map((name, at) => {
    const needs = at % 3 === 2 ? `depends_on = ["${names[at - 1]}"]\n` : '';
    return `[services.${name}]\ncommand = ["${LIFE}", "${journal}", "${seed + at}"]\n${needs}`;
  });
  return `${defaults}${services.join('\n')}`;
}

async function pause(ms: number): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<undefined>();
  CLOCK.after(ms, () => {
    resolve(undefined);
  });
  await promise;
}
