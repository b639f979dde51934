// The life of real daemon processes.
import {
  closeSync,
  existsSync,
  openSync,
  readFileSync,
  readdirSync,
  readlinkSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import type { Client } from '../../src/client/client.ts';
import { ensureDaemon, lookAt } from '../../src/daemon/ensure.ts';
import { spawnDaemon } from '../../src/daemon/spawn.ts';
import { CLOCK, PROGRAM, isAlive, until, world } from './daemon-world.ts';

const SLEEPERS = `
[services.db]
command = "sleep 1000"
settle = "20ms"
[services.web]
command = "sleep 1000"
settle = "20ms"
depends_on = ["db"]
`;

test('a daemon starts detached, in a session of its own, and says what it is', async () => {
  await using shop = world(SLEEPERS);
  const client = await shop.start();
  const status = await client.daemon.status();
  expect(status).toMatchObject({ project: 'shop', started_by: 'up', files: shop.order.files, services: 2, leases: 0 });
  const [, , , , , session] = readFileSync(`/proc/${status.pid}/stat`, 'utf8')
    .replace(/\(.*\)/, 'x')
    .split(' ');
  expect(session).toBe(String(status.pid));
  expect(readlinkSync(`/proc/${status.pid}/cwd`)).toBe('/');
  expect(statSync(shop.paths.socket).mode & 0o777).toBe(0o600);
});

test('the daemon gets no descriptor of whoever started it, and keeps none of its birth', async () => {
  await using shop = world(SLEEPERS);
  const marked = join(shop.root, 'secret');
  const fd = openSync(marked, 'w');
  const client = await shop.start();
  closeSync(fd);
  const { pid } = await client.daemon.status();
  const open = readdirSync(`/proc/${pid}/fd`).flatMap((each) => {
    try {
      return [readlinkSync(`/proc/${pid}/fd/${each}`)];
    } catch {
      return [];
    }
  });
  expect(open.filter((path) => path === marked)).toEqual([]);
  expect(readlinkSync(`/proc/${pid}/fd/1`)).toBe(shop.paths.daemonLog);
  expect(readFileSync(`/proc/${pid}/environ`, 'utf8')).not.toContain('SECRET_OF_THE_TEST');
});

test('of ten that start a daemon at once exactly one does, and all find it', async () => {
  await using shop = world(SLEEPERS);
  const found = await Promise.all(Array.from({ length: 10 }, () => ensureDaemon(shop.order, PROGRAM, CLOCK)));
  expect(found.filter((presence) => presence === 'started')).toHaveLength(1);
  const pids = await Promise.all(found.map(async () => (await shop.connect().daemon.status()).pid));
  expect(new Set(pids).size).toBe(1);
});

describe('a daemon that cannot start says why to whoever started it', () => {
  test('with every fault of the definition', async () => {
    await using shop = world(
      '[services.web]\ncommand = "sleep 1"\ndepends_on = ["databse"]\n[services.database]\ncommand = "sleep 1"\n',
    );
    await expect(shop.start()).rejects.toMatchObject({
      code: 'RSE1203',
      issues: [{ origin: { file: shop.order.files[0], line: 4 }, suggestion: 'database' }],
    });
    expect(await lookAt(shop.paths)).toBe('none');
  });

  test('when another holds the project', async () => {
    await using shop = world(SLEEPERS);
    await shop.start();
    const second = spawnDaemon(shop.order, PROGRAM, { paths: shop.paths, clock: CLOCK });
    await expect(second).rejects.toMatchObject({ code: 'RSE4015' });
  });

  test('with the last lines of its log when it dies without a word', async () => {
    await using shop = world(SLEEPERS);
    const program = { ...PROGRAM, args: ['-e', 'console.error("I am lost"); process.exitCode = 9'] };
    const started = spawnDaemon(shop.order, program, { paths: shop.paths, clock: CLOCK });
    await expect(started).rejects.toMatchObject({
      code: 'RSE3003',
      message: 'cannot start the daemon: it exited with code 9',
      fields: { lastLogs: ['I am lost'] },
    });
  });

  test('when its program does not exist', async () => {
    await using shop = world(SLEEPERS);
    const program = { ...PROGRAM, program: '/nonexistent/node' };
    const started = spawnDaemon(shop.order, program, { paths: shop.paths, clock: CLOCK });
    await expect(started).rejects.toMatchObject({ code: 'RSE3003' });
  });
});

test('the project of another file is refused, naming both', async () => {
  await using shop = world(SLEEPERS);
  const client = await shop.start();
  const other = join(shop.root, 'other.toml');
  writeFileSync(other, 'name = "shop"\n');
  const [file = ''] = shop.order.files;
  await expect(client.definition.load({ files: [other] })).rejects.toMatchObject({
    code: 'RSE4010',
    message: expect.stringContaining(file) as string,
  });
});

describe('the end', () => {
  test('by SIGTERM leaves the services running, takes the socket along, and is written down', async () => {
    await using shop = world(SLEEPERS);
    const client = await shop.start();
    await client.changes.settled((await client.changes.create({ action: 'up' })).id);
    const pids = (await client.services.list()).map(({ pid }) => pid ?? 0);
    const { pid } = await client.daemon.status();
    process.kill(pid, 'SIGTERM');
    await until(() => !isAlive(pid), 'the daemon is gone');
    expect(pids.map(isAlive)).toEqual([true, true]);
    expect(existsSync(shop.paths.socket)).toBe(false);
    expect(shop.log()).toContain('stopping: SIGTERM');
    expect(shop.log()).toContain('ended');
  });

  test('by SIGTERM under the lease of a terminal stops the services in reverse order', async () => {
    await using shop = world(SLEEPERS);
    const client = await shop.start();
    await client.changes.settled((await client.changes.create({ action: 'up' })).id);
    const pids = (await client.services.list()).map(({ pid }) => pid ?? 0);
    const { pid } = await client.daemon.status();
    await client.daemon.lease({ scope: 'all' }, new AbortController().signal);
    process.kill(pid, 'SIGTERM');
    await until(() => !isAlive(pid), 'the daemon is gone');
    expect(pids.filter(isAlive)).toEqual([]);
  });

  test('by down goes with the services when up had started the daemon, and another may follow', async () => {
    await using shop = world(SLEEPERS);
    const client = await shop.start();
    const { pid } = await client.daemon.status();
    await client.changes.create({ action: 'up' }, { waitMs: 20_000 });
    const { change, daemon } = await client.daemon.stop('down');
    expect([typeof change, daemon]).toEqual(['string', 'ends']);
    await until(() => !isAlive(pid), 'the daemon is gone');
    const again = await shop.start();
    expect((await again.daemon.status()).pid).not.toBe(pid);
    expect((await again.changes.list('all'))[0]).toMatchObject({ id: change, action: 'down', state: 'done' });
  });

  test('by down leaves a daemon that was started for itself', async () => {
    await using shop = world(SLEEPERS);
    const client = await shop.start({ startedBy: 'daemon' });
    await client.changes.create({ action: 'up' }, { waitMs: 20_000 });
    const { change, daemon } = await client.daemon.stop('down');
    expect(daemon).toBe('stays');
    expect(await client.changes.settled(change ?? '')).toMatchObject({ state: 'done' });
    expect((await client.services.list()).map(({ phase }) => phase)).toEqual(['stopped', 'stopped']);
  });

  test('of the daemon alone is refused while a terminal holds the project', async () => {
    await using shop = world(SLEEPERS);
    const client = await shop.start();
    await client.changes.create({ action: 'up' }, { waitMs: 20_000 });
    const lease = await client.daemon.lease({ scope: 'all' }, new AbortController().signal);
    await expect(client.daemon.stop('daemon')).rejects.toMatchObject({ code: 'RSE4008', services: ['db', 'web'] });
    await lease.detach();
    const { pid } = await client.daemon.status();
    await client.daemon.stop('daemon');
    await until(() => !isAlive(pid), 'the daemon is gone');
  });

  test('by SIGKILL leaves a lock that the next one gets, and a socket that it replaces', async () => {
    await using shop = world('[services.dns]\nexternal = true\nhealth = "tcp://localhost:1"\n');
    const first = await shop.start();
    const { pid } = await first.daemon.status();
    process.kill(pid, 'SIGKILL');
    await until(() => !isAlive(pid), 'the daemon is gone');
    expect(existsSync(shop.paths.socket)).toBe(true);
    const second = await shop.start();
    expect((await second.daemon.status()).pid).not.toBe(pid);
  });
});

describe('a runtime folder', () => {
  test.for(['deleted', 'moved away'] as const)(
    'that is %s under a daemon makes it leave, and the next one takes over what runs',
    async (how) => {
      await using shop = world(SLEEPERS);
      const first = await shop.start();
      const { pid } = await first.daemon.status();
      await first.changes.create({ action: 'up' }, { waitMs: 20_000 });
      const runsOf = async (client: Client): Promise<unknown> =>
        (await client.services.list()).map((service) => [service.name, service.pid, service.run]);
      const before = await runsOf(first);
      if (how === 'deleted') rmSync(shop.paths.runtime, { recursive: true, force: true });
      else renameSync(shop.paths.runtime, `${shop.paths.runtime}.away`);
      const second = await shop.start();
      expect(isAlive(pid)).toBe(false);
      await until(async () => (await second.services.list()).every(({ phase }) => phase === 'ready'), 'all are ready');
      expect(await runsOf(second)).toEqual(before);
      expect(shop.log()).toContain('was taken away');
    },
  );
});

describe('a lease', () => {
  test('whose holder is killed stops everything, and the daemon that up had started', async () => {
    await using shop = world(SLEEPERS);
    const client = await shop.start();
    const { pid } = await client.daemon.status();
    await client.changes.create({ action: 'up' }, { waitMs: 20_000 });
    const pids = (await client.services.list()).map((service) => service.pid ?? 0);
    const terminal = new AbortController();
    const lease = await client.daemon.lease({ scope: 'all' }, terminal.signal);
    terminal.abort();
    await lease.ended;
    await until(() => !isAlive(pid), 'the daemon is gone');
    expect(pids.filter(isAlive)).toEqual([]);
    expect(shop.log()).toContain('is gone');
  });

  test('of one service stops it and leaves the rest to whoever wants it', async () => {
    await using shop = world(SLEEPERS);
    const client = await shop.start();
    await client.changes.create({ action: 'up' }, { waitMs: 20_000 });
    const terminal = new AbortController();
    const lease = await client.daemon.lease({ scope: 'services', services: ['web'] }, terminal.signal);
    terminal.abort();
    await lease.ended;
    await until(async () => (await client.services.get('web')).phase === 'stopped', 'web is stopped');
    expect((await client.services.get('db')).phase).toBe('ready');
    expect((await client.daemon.status()).state).toBe('running');
  });

  test('that is given up leaves everything running', async () => {
    await using shop = world(SLEEPERS);
    const client = await shop.start();
    await client.changes.create({ action: 'up' }, { waitMs: 20_000 });
    const lease = await client.daemon.lease({ scope: 'all' }, new AbortController().signal);
    await lease.detach();
    await lease.ended;
    expect((await client.services.list()).map(({ phase }) => phase)).toEqual(['ready', 'ready']);
  });
});
