// Services outlive their daemon: killed, told to leave, or with its memory taken away.
import { appendFileSync, existsSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { describe, expect, test } from 'vitest';
import type { Client } from '../../src/client/client.ts';
import type { ApiEvent } from '../../src/contract/api-event.ts';
import type { ApiService } from '../../src/contract/api-service.ts';
import { recallOrder } from '../../src/daemon/remembered.ts';
import { type World, isAlive, until, world } from './daemon-world.ts';

const TWO = `
[services.db]
command = "sleep 1000"
settle = "20ms"
[services.web]
command = "sleep 1000"
settle = "20ms"
depends_on = ["db"]
`;

async function up(client: Client): Promise<readonly ApiService[]> {
  await client.changes.settled((await client.changes.create({ action: 'up' })).id);
  return client.services.list();
}

const runs = (services: readonly ApiService[]): readonly unknown[] =>
  services.map(({ name, pid, run, phase }) => [name, pid, run, phase]);

async function eventsOf(client: Client, ...types: ApiEvent['type'][]): Promise<readonly ApiEvent[]> {
  return client.events.page({ types, limit: 1000 });
}

/** Until every run has been heard of. */
async function known(client: Client): Promise<readonly ApiService[]> {
  await until(async () => (await client.services.list()).every(({ phase }) => phase !== 'unknown'), 'all is known');
  return client.services.list();
}

/** The starts that a service has written down itself: one line each. */
const starts = (shop: World): number => readFileSync(join(shop.root, 'starts'), 'utf8').trim().split('\n').length;

const counted = (shop: World): string => `["sh", "-c", "echo $$ >> ${shop.root}/starts; exec sleep 1000"]`;

test('a definition that was put over the API is that of the next daemon, and its services run on', async () => {
  await using shop = world(TWO);
  const first = await shop.start();
  await up(first);
  const { etag } = await first.definition.get();
  const more = { command: 'sleep 1000', settle: '20ms' };
  await first.definition.put({ name: 'shop', services: { db: more, web: more, extra: more } }, etag);
  const before = await up(first);
  await shop.kill();
  const order = recallOrder(shop.paths);
  const after = await known(await shop.start(order ?? {}));
  expect(runs(after)).toEqual(runs(before));
  expect(after.map(({ name }) => name)).toEqual(['db', 'web', 'extra']);
});

describe('the same processes are there', () => {
  test.for(['killed', 'told to leave', 'asked to stop alone'] as const)(
    'after the daemon was %s, with their ages and numbers',
    async (how) => {
      await using shop = world(TWO);
      const first = await shop.start();
      const before = await up(first);
      const { pid } = await first.daemon.status();
      if (how === 'killed') process.kill(pid, 'SIGKILL');
      else if (how === 'told to leave') process.kill(pid, 'SIGTERM');
      else await first.daemon.stop('daemon');
      await until(() => !isAlive(pid), 'the daemon is gone');
      const second = await shop.start();
      const after = await known(second);
      expect(runs(after)).toEqual(runs(before));
      expect(ages(after).map((at, place) => Math.abs(at - (ages(before)[place] ?? 0)) < 1000)).toEqual(
        ages(before).map(() => true),
      );
      const [started] = (await eventsOf(second, 'system.started')).slice(-1);
      expect(started).toMatchObject({ previous: how === 'killed' ? 'killed' : 'left' });
      await until(async () => (await eventsOf(second, 'system.recovered')).length > 0, 'it has counted');
      expect(await eventsOf(second, 'system.recovered')).toMatchObject([
        { adopted: 2, ended: 0, fenced: 0, unverified: 0, rebuilt: [] },
      ]);
    },
  );

  test('after ten deaths in a row, and none was started twice', async () => {
    await using shop = world('');
    shop.write(`[services.one]\ncommand = ${counted(shop)}\nsettle = "20ms"\n`);
    const before = await up(await shop.start());
    for (let round = 0; round < 10; round += 1) {
      await shop.kill();
      await shop.start();
    }
    expect(runs(await known(shop.connect()))).toEqual(runs(before));
    expect(starts(shop)).toBe(1);
  });
});

/** When each was started and ready, epoch ms: kept by a monotonic clock, so a little apart from what was said before. */
function ages(services: readonly ApiService[]): readonly number[] {
  return services.flatMap(({ started_at, ready_at, since }) =>
    [started_at, ready_at, since].map((at) => Date.parse(at ?? '')),
  );
}

describe('what was under way goes on', () => {
  test('a change, by the same id, and whoever waits for it gets its result', async () => {
    await using shop = world('');
    const go = join(shop.root, 'go');
    shop.write(`[services.slow]\ncommand = "sleep 1000"\nready = { file = "${go}", start_interval = "50ms" }\n`);
    const first = await shop.start();
    const { id } = await first.changes.create({ action: 'up' });
    const settled = first.changes.settled(id);
    await until(async () => (await first.services.get('slow')).pid !== null, 'it runs');
    await shop.kill();
    const second = await shop.start();
    writeFileSync(go, '');
    expect(await settled).toMatchObject({ id, state: 'done', tasks: [{ service: 'slow', state: 'done' }] });
    expect((await second.changes.list('all')).map((change) => change.id)).toEqual([id]);
  });

  test('a stop, which is finished', async () => {
    await using shop = world('');
    const go = join(shop.root, 'go');
    const stubborn = `["sh", "-c", "trap 'touch ${shop.root}/asked' TERM; until test -e ${go}; do sleep 0.05; done"]`;
    shop.write(`[services.slow]\ncommand = ${stubborn}\nsettle = "20ms"\nstop = { timeout = "20s" }\n`);
    const first = await shop.start();
    const [slow] = await up(first);
    const { id } = await first.changes.create({ action: 'stop', services: ['slow'] });
    await until(() => existsSync(join(shop.root, 'asked')), 'it was asked');
    await shop.kill();
    const second = await shop.start();
    await until(async () => (await second.services.get('slow')).phase === 'stopping', 'it goes on stopping');
    writeFileSync(go, '');
    expect(await second.changes.settled(id)).toMatchObject({ state: 'done' });
    expect(isAlive(slow?.pid ?? 0)).toBe(false);
  });

  test('a way down, dependents first', async () => {
    await using shop = world(TWO);
    const first = await shop.start({ startedBy: 'daemon' });
    const before = await up(first);
    await first.daemon.stop('down');
    await shop.kill();
    const second = await shop.start({ startedBy: 'daemon' });
    await until(async () => (await second.services.list()).every(({ phase }) => phase === 'stopped'), 'all is down');
    expect(before.filter(({ pid }) => isAlive(pid ?? 0))).toEqual([]);
  });

  test('a delay before the next try, with what was left of it, and the count of tries', async () => {
    await using shop = world('');
    shop.write(
      `[services.bad]\ncommand = ["sh", "-c", "echo $$ >> ${shop.root}/starts; exit 3"]\nrestart = { policy = "always", delay = "3s", jitter = 0 }\n`,
    );
    const first = await shop.start();
    await first.changes.create({ action: 'start', services: ['bad'] });
    await until(async () => (await first.services.get('bad')).phase === 'backoff', 'it waits for its next try');
    await shop.kill();
    const second = await shop.start();
    const bad = await second.services.get('bad');
    expect(bad).toMatchObject({ phase: 'backoff', run: 1, restarts: 1 });
    expect(bad.retry_in_ms).toBeLessThan(3000);
    await until(async () => (await second.services.get('bad')).run === 2, 'it was tried again');
    await until(() => starts(shop) === 2, 'it ran');
  });

  test('an order to start that had not been carried out', async () => {
    await using shop = world('');
    shop.write(`[services.one]\ncommand = ${counted(shop)}\nsettle = "20ms"\n`);
    const first = await shop.start();
    const { pid } = await first.daemon.status();
    const order = first.changes.create({ action: 'up' }).catch(() => null);
    process.kill(pid, 'SIGKILL');
    await order;
    await until(() => !isAlive(pid), 'the daemon is gone');
    const second = await shop.start();
    await second.changes.settled((await second.changes.create({ action: 'up' })).id);
    const { pid: one } = await second.services.get('one');
    expect(isAlive(one ?? 0)).toBe(true);
    expect(starts(shop)).toBe(1);
  });
});

describe('a lost memory', () => {
  test.for(['deleted', 'damaged'] as const)(
    'of a store that was %s is rebuilt from the runs: nothing is restarted, and what runs is wanted up',
    async (how) => {
      await using shop = world(TWO);
      const before = await up(await shop.start());
      await shop.kill();
      const { store } = shop.paths;
      if (how === 'deleted') for (const end of ['', '-wal', '-shm']) rmSync(`${store}${end}`, { force: true });
      else {
        rmSync(`${store}-wal`, { force: true });
        writeFileSync(store, 'not a database at all, however long it is read');
      }
      const second = await shop.start();
      await until(async () => (await second.services.list()).every(({ phase }) => phase === 'ready'), 'all is ready');
      const after = await second.services.list();
      expect(runs(after)).toEqual(runs(before));
      expect(after.map(({ desired }) => desired)).toEqual(['up', 'up']);
      expect(shop.log()).toContain('the store did not know the runs of db, web');
      await until(async () => (await eventsOf(second, 'system.recovered')).length > 0, 'it has counted');
      expect(await eventsOf(second, 'system.recovered')).toMatchObject([{ rebuilt: ['db', 'web'] }]);
    },
  );

  test('of a run whose folder has vanished never leads to a second one', async () => {
    await using shop = world('');
    shop.write(`[services.one]\ncommand = ${counted(shop)}\nsettle = "20ms"\n`);
    const [one] = await up(await shop.start());
    await shop.kill();
    rmSync(shop.paths.runs, { recursive: true });
    const second = await shop.start();
    await second.changes.create({ action: 'up' });
    await until(async () => (await eventsOf(second, 'system.recovered')).length > 0, 'it has counted');
    expect([isAlive(one?.pid ?? 0), starts(shop)]).toEqual([true, 1]);
    process.kill(one?.pid ?? 0, 'SIGKILL');
  });
});

test('after a restart of the machine what was wanted up is started again, in order, and tasks run again', async () => {
  await using shop = world('');
  const log = join(shop.root, 'starts');
  const noted = (name: string): string => `["sh", "-c", "echo ${name} >> ${log}; exec sleep 1000"]`;
  shop.write(`
[services.db]
command = ${noted('db')}
settle = "20ms"
[services.migrate]
type = "task"
command = ["sh", "-c", "echo migrate >> ${log}"]
depends_on = ["db"]
[services.web]
command = ${noted('web')}
settle = "20ms"
depends_on = ["migrate"]
[services.idle]
command = ${noted('idle')}
autostart = false
`);
  const before = await up(await shop.start());
  await shop.kill();
  for (const { pid } of before) if (pid !== null) process.kill(pid, 'SIGKILL');
  rebooted(shop);
  const second = await shop.start();
  await until(async () => (await second.services.get('web')).phase === 'ready', 'all is up again');
  expect(readFileSync(log, 'utf8').trim().split('\n')).toEqual(['db', 'migrate', 'web', 'db', 'migrate', 'web']);
  const all = await second.services.list();
  expect(all.map(({ name, phase, run, restarts }) => [name, phase, run, restarts])).toEqual([
    ['db', 'ready', 2, 0],
    ['migrate', 'completed', 2, 0],
    ['web', 'ready', 2, 0],
    ['idle', 'stopped', 0, 0],
  ]);
});

/** As if everything that was noted had been noted before the machine was restarted; its runtime folder is gone then. */
function rebooted(shop: World): void {
  using database = new DatabaseSync(shop.paths.store);
  database.exec(`UPDATE service SET boot = 'an earlier one'`);
  rmSync(shop.paths.runs, { recursive: true, force: true });
}

describe('while no daemon lives', () => {
  test('no exit code is missed: each is told once, and the policy is applied to it once', async () => {
    await using shop = world('');
    const go = join(shop.root, 'go');
    const codes = [0, 1, 7, 42, 255];
    const ending = (code: number): string =>
      `["sh", "-c", "echo $$ >> ${shop.root}/starts; until test -e ${go}; do sleep 0.02; done; exit ${code}"]`;
    const text = codes.map((code) => `[services.s${code}]\ncommand = ${ending(code)}\nsettle = "10ms"\n`).join('');
    shop.write(text.replaceAll('settle', 'restart = "no"\nsettle'));
    const before = await up(await shop.start());
    await shop.kill();
    writeFileSync(go, '');
    await until(() => before.every(({ pid }) => !isAlive(pid ?? 0)), 'all have ended');
    const second = await shop.start();
    const after = await known(second);
    expect(after.map(({ name, phase, exit_code }) => [name, phase, exit_code])).toEqual(
      codes.map((code) => [`s${code}`, code === 0 ? 'completed' : 'failed', code]),
    );
    const exits = (await eventsOf(second, 'service.exit')).map((event) =>
      event.type === 'service.exit' ? [event.service, event.run, event.exit_code, event.signal] : [],
    );
    expect(new Set(exits.map((exit) => JSON.stringify(exit)))).toEqual(
      new Set(codes.map((code) => JSON.stringify([`s${code}`, 1, code, null]))),
    );
    expect(exits).toHaveLength(codes.length);
    expect(starts(shop)).toBe(codes.length);
  });

  test('a service that left the file is found by its run, and ended by its own definition, before what it needed', async () => {
    await using shop = world('');
    const asked = join(shop.root, 'asked');
    const trap = (name: string, signal: string): string =>
      `["sh", "-c", "trap 'echo ${name} >> ${asked}; exit 0' ${signal}; while :; do sleep 0.02; done"]`;
    shop.write(`
[services.db]
command = ${trap('db', 'INT')}
settle = "10ms"
stop = "SIGINT"
[services.web]
command = ${trap('web', 'USR1')}
settle = "10ms"
stop = { signal = "SIGUSR1" }
depends_on = ["db"]
`);
    const before = await up(await shop.start({ startedBy: 'daemon' }));
    await shop.kill();
    shop.write('');
    const second = await shop.start({ startedBy: 'daemon' });
    await until(async () => (await second.services.list()).length === 0, 'both have left');
    expect(before.filter(({ pid }) => isAlive(pid ?? 0))).toEqual([]);
    expect(readFileSync(asked, 'utf8')).toBe('web\ndb\n');
  });
});

describe('a start that cannot be', () => {
  test('for a runtime folder that cannot be made is refused with its path, and nothing is left', async () => {
    await using shop = world(TWO);
    appendFileSync(join(shop.root, 'file'), '');
    const folders = { ...shop.order.folders, runtime: join(shop.root, 'file', 'run') };
    await expect(shop.start({ folders })).rejects.toMatchObject({ code: 'RSE3006' });
    expect(existsSync(shop.paths.state) ? readdirSync(shop.paths.state).toSorted() : []).not.toContain('daemon.json');
  });
});
