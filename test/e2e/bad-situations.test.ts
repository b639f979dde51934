// What a machine does to its programs, done with real means: file systems that are full or read-only, limits that are
// reached, clocks that jump, numbers that are given away again. Each time what runs goes on as the same process, who asks
// is told what is wrong and how to mend it, and all is well again once the cause is gone.
import { type ChildProcess, execFileSync, spawn, spawnSync } from 'node:child_process';
import {
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  renameSync,
  rmSync,
  rmdirSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import type { ApiChange, Client } from '../../src/client/client.ts';
import { CLOCK, type World, isAlive, shifted, until, world } from './daemon-world.ts';

/** `one` runs through everything; the others come and go. */
const THREE = ['one', 'two', 'other']
  .map((name) => `[services.${name}]\ncommand = "sleep 1000"\nsettle = "20ms"\nrestart = "no"\n`)
  .join('')
  .concat('autostart = false\n');

/** Mounts, groups and limits of others are for root; elsewhere those tests prove nothing. */
const isRoot = process.getuid?.() === 0;

async function order(client: Client, action: 'up' | 'start' | 'stop', ...services: string[]): Promise<ApiChange> {
  return client.changes.settled((await client.changes.create({ action, services })).id);
}

/** The world with `one` and `two` up, and the process of `one`. */
async function begun(shop: World): Promise<{ readonly client: Client; readonly pid: number }> {
  const client = await shop.start({ startedBy: 'daemon' });
  expect((await order(client, 'up')).tasks.map(({ error }) => error)).toEqual([null, null]);
  return { client, pid: (await client.services.get('one')).pid ?? 0 };
}

async function isUntouched(client: Client, pid: number): Promise<void> {
  expect(await client.services.get('one')).toMatchObject({ phase: 'ready', pid, run: 1 });
  expect(isAlive(pid)).toBe(true);
}

/** What a person is told of it: the reason, and what to do. */
async function told(client: Client, service: string): Promise<{ text: string; fixes: readonly string[] }> {
  const { text, fixes } = await client.services.explain(service);
  return { text, fixes: fixes.map((fix) => fix.text) };
}

function mounted(...args: string[]): Disposable {
  execFileSync('mount', args);
  return { [Symbol.dispose]: () => spawnSync('umount', ['-l', args.at(-1) ?? '']) };
}

/** Nothing more fits into the file system as long as this is held. */
function filled(folder: string): Disposable {
  const file = join(folder, 'filler');
  spawnSync('dd', ['if=/dev/zero', `of=${file}`, 'bs=4k'], { stdio: 'ignore' });
  return { [Symbol.dispose]: () => rmSync(file, { force: true }) };
}

/** The folder may not be written as long as this is held. */
function readOnly(folder: string): Disposable {
  const bound = mounted('--bind', folder, folder);
  execFileSync('mount', ['-o', 'remount,ro,bind', folder]);
  return bound;
}

describe('a disk that is full', () => {
  test('keeps what runs, refuses what is new by name, lets services be stopped, and what waited goes on', async () => {
    if (!isRoot) return expect(isRoot).toBe(false);
    const place = mkdtempSync(join(tmpdir(), 'rouse-full-'));
    using _disk = mounted('-t', 'tmpfs', '-o', 'size=8m,mode=700', 'rouse-test', place);
    await using shop = world(`[audit]\non_failure = "warn"\n${THREE}`, { state: place });
    const { client, pid } = await begun(shop);
    using full = filled(place);
    // Who finds out that the disk is full is taken, and waits for room: this order, or what the daemon wrote before it.
    const start = { action: 'start', services: ['other'] } as const;
    const first = await client.changes.create(start).catch(() => null);
    await expect(client.changes.create({ action: 'restart', services: ['one'] })).rejects.toMatchObject({
      code: 'RSE3008',
      message: `cannot write "${shop.paths.store}": the disk is full`,
      hint: 'make room and permission for that file, or set ROUSE_STATE_DIR to another folder',
    });
    expect(await order(client, 'stop', 'two')).toMatchObject({ state: 'done' });
    await isUntouched(client, pid);
    expect(await client.services.get('other')).toMatchObject({ pid: null });
    full[Symbol.dispose]();
    await until(() => shop.log().includes('the state is written again'), 'there is room');
    const { id } = first ?? (await client.changes.create(start));
    expect(await client.changes.settled(id)).toMatchObject({ state: 'done' });
    await isUntouched(client, pid);
    // What happened meanwhile is known to the next daemon too.
    await shop.kill();
    const next = await shop.start({ startedBy: 'daemon' });
    await until(async () => (await next.services.get('one')).phase === 'ready', 'it is taken over');
    await isUntouched(next, pid);
    expect(await next.services.get('two')).toMatchObject({ phase: 'stopped', desired: 'down' });
    const ends = await next.events.page({ types: ['service.exit'], limit: 100 });
    expect(ends).toMatchObject([{ service: 'two', run: 1 }]);
    expect(shop.log()).toContain('the disk is full; nothing new is started until it can be');
    expect(shop.log()).toContain('the state is written again, with all that was held back');
  });
});

describe('a run directory that became read-only', () => {
  test('is the reason of a start that fails, takes nothing that runs, and a start afterwards succeeds', async () => {
    if (!isRoot) return expect(isRoot).toBe(false);
    await using shop = world(THREE);
    const { client, pid } = await begun(shop);
    {
      using _state = readOnly(shop.paths.runtime);
      const { state, tasks } = await order(client, 'start', 'other');
      expect(state).toBe('failed');
      const error = 'cannot make the folder of the run: the file system is read-only (EROFS)';
      expect(tasks).toMatchObject([{ service: 'other', error }]);
      expect((await told(client, 'other')).fixes).toContain('set ROUSE_RUNTIME_DIR to a folder that can be written to');
      await isUntouched(client, pid);
      expect(await order(client, 'stop', 'two')).toMatchObject({ state: 'done' });
    }
    expect(await order(client, 'start', 'other', 'two')).toMatchObject({ state: 'done' });
    await isUntouched(client, pid);
  });

  test('lets no daemon start, says so, and the next one takes over what runs', async () => {
    if (!isRoot) return expect(isRoot).toBe(false);
    await using shop = world(THREE);
    const { pid } = await begun(shop);
    await shop.kill();
    {
      using _state = readOnly(shop.paths.runtime);
      await expect(shop.start({ startedBy: 'daemon' })).rejects.toMatchObject({
        code: 'RSE3006',
        message: `cannot use folder "${shop.paths.runtime}": the file system is read-only (EROFS)`,
        hint: 'mend it, or set ROUSE_RUNTIME_DIR and ROUSE_STATE_DIR to folders that you may write',
      });
    }
    const next = await shop.start({ startedBy: 'daemon' });
    await until(async () => (await next.services.get('one')).phase === 'ready', 'it is taken over');
    await isUntouched(next, pid);
  });
});

describe('a limit that is reached', () => {
  test('of processes is the reason of a start that fails, and neither daemon nor services are lost', async () => {
    if (!isRoot) return expect(isRoot).toBe(false);
    await using shop = world(`${THREE}[services.ready-made]\ncommand = "sleep 1000"\nautostart = false\n`);
    const { client, pid } = await begun(shop);
    const daemon = (await client.daemon.status()).pid;
    using group = processGroup([daemon, ...childrenOf(daemon)]);
    group.allow('1');
    // The process that stands ready, if there is one by now, is used up by this.
    await order(client, 'start', 'ready-made');
    expect(await order(client, 'start', 'other')).toMatchObject({
      state: 'failed',
      tasks: [{ error: 'cannot execute "/bin/sh": no more processes are allowed here (EAGAIN)' }],
    });
    const { fixes } = await told(client, 'other');
    expect(fixes).toContain('end some, or raise the limit of processes (ulimit -u, pids.max)');
    await isUntouched(client, pid);
    expect(await order(client, 'stop', 'two')).toMatchObject({ state: 'done' });
    group.allow('max');
    expect(await order(client, 'start', 'other')).toMatchObject({ state: 'done' });
    await isUntouched(client, pid);
    expect((await client.daemon.status()).pid).toBe(daemon);
  });

  test('of descriptors is the reason of a start that fails, and neither daemon nor services are lost', async () => {
    if (!isRoot) return expect(isRoot).toBe(false);
    await using shop = world(THREE);
    const { client, pid } = await begun(shop);
    const daemon = (await client.daemon.status()).pid;
    const limit = (soft: string): void =>
      void execFileSync('prlimit', ['--pid', String(daemon), `--nofile=${soft}:`], { stdio: 'pipe' });
    const before = /open files\s+(\d+)/.exec(readFileSync(`/proc/${daemon}/limits`, 'utf8'))?.[1] ?? '1024';
    limit(String(firstFree(daemon)));
    const failed = await order(client, 'start', 'other');
    limit(before);
    expect(failed).toMatchObject({ state: 'failed' });
    expect(failed.tasks[0]?.error).toBe('cannot write the log of "other": too many open files (EMFILE)');
    expect((await told(client, 'other')).fixes.join('\n')).toMatch(/ulimit -n/);
    await isUntouched(client, pid);
    expect(await order(client, 'start', 'other')).toMatchObject({ state: 'done' });
    await isUntouched(client, pid);
    expect((await client.daemon.status()).pid).toBe(daemon);
  });
});

test('a working folder that has gone is told by name, costs nobody else anything, and is found when it is back', async () => {
  await using shop = world('');
  const folder = join(shop.root, 'work');
  mkdirSync(folder);
  const life = {
    on: `restart = { delay = "50ms", max_delay = "50ms" }`,
    text: 'command = "sleep 1000"\nsettle = "20ms"',
  };
  shop.write(`[services.one]\n${life.text}\n[services.other]\n${life.text}\n${life.on}\ncwd = "${folder}"\n`);
  const { client, pid } = await begun(shop);
  const other = await client.services.get('other');
  renameSync(folder, `${folder}-away`);
  process.kill(other.pid ?? Number.NaN, 'SIGKILL');
  await until(async () => (await told(client, 'other')).text.includes('does not exist'), 'it is told');
  expect((await told(client, 'other')).text).toContain(`"${folder}"`);
  await isUntouched(client, pid);
  renameSync(`${folder}-away`, folder);
  await until(async () => (await client.services.get('other')).phase === 'ready', 'it is up again');
  await isUntouched(client, pid);
});

describe('a wall clock that jumps', () => {
  test.for([3600, -3600])('by %d seconds moves no restart, and no age of what runs', async (seconds) => {
    await using shop = world('');
    const offset = join(shop.root, 'offset');
    writeFileSync(offset, '0');
    const retry = '["sh", "-c", "echo try >> ${project.dir}/tries; sleep 0.1; exit 1"]';
    shop.write(
      `[services.one]\ncommand = "sleep 1000"\nsettle = "20ms"\n` +
        `[services.other]\ncommand = ${retry}\nsettle = "20ms"\nautostart = false\n` +
        `restart = { delay = "1500ms", max_delay = "1500ms", jitter = 0 }\n`,
    );
    const client = await shop.start({ startedBy: 'daemon' }, shifted(offset));
    await order(client, 'up');
    const { pid } = await client.services.get('one');
    await client.changes.create({ action: 'start', services: ['other'] });
    await until(async () => (await client.services.get('other')).phase === 'backoff', 'it waits for its next try');
    const since = CLOCK.monotonic();
    const left = (await client.services.get('other')).retry_in_ms ?? 0;
    writeFileSync(offset, String(seconds * 1000));
    expect(Math.abs(await aheadMs(client))).toBeGreaterThan(3_000_000);
    expect((await client.services.get('other')).retry_in_ms ?? 0).toBeLessThanOrEqual(1500);
    await until(() => readFileSync(join(shop.root, 'tries'), 'utf8') === 'try\ntry\n', 'it is tried again');
    expect(CLOCK.monotonic() - since).toBeGreaterThanOrEqual(left - 100);
    await isUntouched(client, pid ?? 0);
    const { uptime_ms: uptime } = await client.services.get('one');
    expect(uptime).toBeGreaterThan(0);
    expect(uptime).toBeLessThan(600_000);
  });
});

describe('a process id that was given to a stranger', () => {
  test('makes him nobody of ours: he is not signalled, and the service is started anew', async () => {
    if (!isRoot) return expect(isRoot).toBe(false);
    await using shop = world(THREE);
    const { pid } = await begun(shop);
    await shop.kill();
    process.kill(parentOf(pid), 'SIGKILL');
    process.kill(pid, 'SIGKILL');
    await until(() => !isThere(pid), 'the number is free');
    const stranger = await strangerWith(pid);
    try {
      expect(stranger.pid).toBe(pid);
      const client = await shop.start({ startedBy: 'daemon' });
      await until(async () => (await client.services.get('one')).phase !== 'unknown', 'it is known');
      expect(await client.services.get('one')).toMatchObject({ phase: 'failed', exit_code: null, pid: null });
      expect(await client.services.get('two')).toMatchObject({ phase: 'ready', run: 1 });
      expect(await order(client, 'start', 'one')).toMatchObject({ state: 'done' });
      expect(await order(client, 'stop', 'one')).toMatchObject({ state: 'done' });
      expect(isAlive(pid)).toBe(true);
    } finally {
      stranger.kill('SIGKILL');
    }
  });
});

/** How far the daemon's wall clock is ahead of this program's, by the time that it gives an order of now. */
async function aheadMs(client: Client): Promise<number> {
  const { created_at: at } = await order(client, 'start', 'one');
  return Date.parse(at) - CLOCK.now();
}

/** A control group of its own for these processes, where a number of them can be allowed; they are back outside after it. */
function processGroup(members: readonly number[]): Disposable & { readonly allow: (count: string) => void } {
  const [above, name] = ['/sys/fs/cgroup/pids', `rouse-test-${process.pid}`];
  mkdirSync(join(above, name));
  for (const pid of members) writeFileSync(join(above, name, 'cgroup.procs'), String(pid));
  return {
    allow: (count) => writeFileSync(join(above, name, 'pids.max'), count),
    [Symbol.dispose]: () => {
      writeFileSync(join(above, name, 'pids.max'), 'max');
      const membersNow = (): readonly string[] =>
        readFileSync(join(above, name, 'cgroup.procs'), 'utf8')
          .split('\n')
          .filter(Boolean);
      // Some begin others while they are moved.
      for (let left = membersNow(); left.length > 0; left = membersNow())
        for (const pid of left)
          spawnSync('sh', ['-c', `echo ${pid} > ${join(above, 'cgroup.procs')}`], { stdio: 'ignore' });
      rmdirSync(join(above, name));
    },
  };
}

function childrenOf(pid: number): readonly number[] {
  return readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').split(' ').filter(Boolean).map(Number);
}

function parentOf(pid: number): number {
  return Number(/\) \S (\d+)/.exec(readFileSync(`/proc/${pid}/stat`, 'utf8'))?.[1]);
}

/** The lowest descriptor that is not open: the next one that the process would get. */
function firstFree(pid: number): number {
  const open = new Set(readdirSync(`/proc/${pid}/fd`).map(Number));
  return Array.from({ length: open.size + 1 }, (_, fd) => fd).find((fd) => !open.has(fd)) ?? 0;
}

function isThere(pid: number): boolean {
  return readdirSync('/proc').includes(String(pid));
}

/** A process of somebody else that has been given this number. */
async function strangerWith(pid: number): Promise<ChildProcess> {
  for (let attempt = 0; attempt < 200; attempt += 1) {
    writeFileSync('/proc/sys/kernel/ns_last_pid', String(pid - 1));
    const stranger = spawn('sleep', ['1000'], { cwd: '/', stdio: 'ignore' });
    if (stranger.pid === pid) return stranger;
    const ended = new Promise((resolve) => stranger.once('exit', resolve));
    stranger.kill('SIGKILL');
    await ended;
  }
  throw new Error(`nobody was given the number ${pid}`);
}
