// A daemon in this process, over a fake supervisor, spoken to over its socket by the client.
import { existsSync, mkdtempSync, renameSync, rmSync, statSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { type Client, createClient } from '../../src/client/client.ts';
import { seededRandom } from '../../src/clock/random.ts';
import { VirtualClock } from '../../src/clock/virtual.ts';
import { type DaemonOptions, type RunningDaemon, startDaemon } from '../../src/daemon/daemon.ts';
import { pathsOf } from '../../src/model/paths.ts';
import { type FakeSupervisor, change, definition, fakeSupervisor, spec, view } from '../api/fake-supervisor.ts';

let root = '';
let supervisor: FakeSupervisor;
let said: string[] = [];
const running: RunningDaemon[] = [];

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'rouse-daemon-'));
  supervisor = fakeSupervisor();
  said = [];
});
afterEach(async () => {
  for (const daemon of running.splice(0)) {
    daemon.end('the test is over');
    await daemon.ended;
  }
  rmSync(root, { recursive: true });
});

function optionsFor(fields: Partial<DaemonOptions> = {}): DaemonOptions {
  const folders = { runtime: join(root, 'run'), state: join(root, 'state') };
  return {
    folders,
    paths: pathsOf(folders, 'shop'),
    definition: definition([spec('web')]),
    definitions: {
      files: () => ['/p/rouse.toml'],
      parse: (_, present) => present,
      load: () => Promise.resolve(supervisor.definitionNow),
      look: () => Promise.resolve(supervisor.definitionNow),
      again: () => Promise.resolve(supervisor.definitionNow),
      scale: () => Promise.reject(new Error('nothing is scaled here')),
    },
    createSupervisor: () => supervisor,
    startedBy: 'up',
    version: '0.1.0',
    path: '/usr/bin',
    clock: new VirtualClock(),
    random: seededRandom(1),
    say: (line) => said.push(line),
    ...fields,
  };
}

test('an order that cannot be put on record is refused, and is not given', async () => {
  supervisor.views = [view('web')];
  const { client } = await start();
  const { audit } = pathsOf({ runtime: join(root, 'run'), state: join(root, 'state') }, 'shop');
  await client.changes.create({ action: 'start', services: ['web'] });
  expect(supervisor.asked).toHaveLength(1);
  renameSync(audit, `${audit}.gone`);
  symlinkSync('/dev/null', audit);
  await expect(client.changes.create({ action: 'start', services: ['web'] })).rejects.toMatchObject({
    code: 'RSE4119',
  });
  expect(supervisor.asked).toHaveLength(1);
  expect((await client.daemon.status()).audit).toMatchObject({ state: 'degraded', why: expect.stringMatching(/link/) });
});

async function start(fields: Partial<DaemonOptions> = {}): Promise<{ daemon: RunningDaemon; client: Client }> {
  const daemon = await startDaemon(optionsFor(fields));
  running.push(daemon);
  return { daemon, client: createClient({ socketPath: daemon.socket, clock: new VirtualClock() }) };
}

test('a daemon answers on a socket that is private, in folders that are private', async () => {
  const { daemon, client } = await start();
  expect(statSync(daemon.socket).mode & 0o777).toBe(0o600);
  for (const path of ['run/shop', 'state/shop']) expect(statSync(join(root, path)).mode & 0o777).toBe(0o700);
  expect(await client.daemon.status()).toMatchObject({ project: 'shop', pid: process.pid, started_by: 'up' });
});

test('a second daemon of the project is refused, and the first goes on', async () => {
  const { client } = await start();
  await expect(startDaemon(optionsFor())).rejects.toMatchObject({ code: 'RSE4015' });
  expect(await client.daemon.status()).toMatchObject({ state: 'running' });
});

test('a daemon whose supervisor cannot be made leaves nothing behind', async () => {
  const broken = (): never => {
    throw new Error('no');
  };
  await expect(startDaemon(optionsFor({ createSupervisor: broken }))).rejects.toThrow('no');
  expect(existsSync(join(root, 'run/shop/admin.sock'))).toBe(false);
  await start();
});

test('a daemon that ends takes its socket along, and another may follow', async () => {
  const { daemon } = await start();
  daemon.end('asked');
  await daemon.ended;
  expect(existsSync(daemon.socket)).toBe(false);
  expect(said.at(-1)).toBe('ended');
  await start();
});

describe('stopping the daemon alone', () => {
  test('is refused while it holds functions, which would end with it, with their names', async () => {
    supervisor.views = [view('db'), view('here', { execution: 'function' }), view('off', { phase: 'stopped' })];
    const { daemon, client } = await start();
    await expect(client.daemon.stop('daemon')).rejects.toMatchObject({
      code: 'RSE4008',
      message: 'cannot stop the daemon alone: "here" would end with it',
      services: ['here'],
    });
    expect(daemon.state()).toBe('running');
  });

  test('is refused while a terminal holds the project', async () => {
    supervisor.views = [view('db')];
    const { daemon, client } = await start();
    const lease = await client.daemon.lease({ scope: 'all' }, new AbortController().signal);
    await expect(client.daemon.stop('daemon')).rejects.toMatchObject({ code: 'RSE4008', services: ['db'] });
    expect(daemon.state()).toBe('running');
    await lease.detach();
  });

  test('leaves processes and what commands manage', async () => {
    let downs = 0;
    supervisor.down = () => {
      downs += 1;
      return Promise.resolve();
    };
    supervisor.views = [view('db'), view('dns', { execution: 'command' })];
    const { daemon, client } = await start();
    expect(await client.daemon.stop('daemon')).toEqual({ mode: 'daemon', change: null, daemon: 'ends' });
    await daemon.ended;
    expect(downs).toBe(0);
  });
});

describe('a daemon that is told to leave', () => {
  test.for([
    ['up', 'none', 0],
    ['daemon', 'none', 0],
    ['foreground', 'none', 1],
    ['up', 'held', 1],
  ] as const)('started by %s, with a lease %s, stops its services so many times: %i', async ([by, lease, times]) => {
    let downs = 0;
    supervisor.down = () => {
      downs += 1;
      return Promise.resolve();
    };
    supervisor.views = [view('db')];
    const { daemon, client } = await start({ startedBy: by });
    if (lease === 'held') await client.daemon.lease({ scope: 'all' }, new AbortController().signal);
    daemon.leave('SIGTERM');
    await daemon.ended;
    expect(downs).toBe(times);
  });
});

describe('down', () => {
  test('ends the daemon that an up had started, and tells which change stops the services', async () => {
    supervisor.down = () => {
      supervisor.known = [change('9', { action: 'down' })];
      return Promise.resolve();
    };
    const { daemon, client } = await start();
    expect(await client.daemon.stop('down')).toEqual({ mode: 'down', change: '9', daemon: 'ends' });
    await daemon.ended;
  });

  test('leaves a daemon that was started for itself', async () => {
    const { daemon, client } = await start({ startedBy: 'daemon' });
    expect(await client.daemon.stop('down')).toEqual({ mode: 'down', change: '1', daemon: 'stays' });
    expect(supervisor.asked).toMatchObject([{ action: 'down', dependents: 'include' }]);
    expect(daemon.state()).toBe('running');
  });
});

describe('a lease', () => {
  test('whose connection ends takes the daemon of an up along', async () => {
    const { daemon, client } = await start();
    const terminal = new AbortController();
    const lease = await client.daemon.lease({ scope: 'all' }, terminal.signal);
    expect((await client.daemon.status()).leases).toBe(1);
    terminal.abort();
    await lease.ended;
    await daemon.ended;
  });

  test('that is given up leaves everything as it is', async () => {
    const { daemon, client } = await start();
    const lease = await client.daemon.lease({ scope: 'all' }, new AbortController().signal);
    await lease.detach();
    await lease.ended;
    expect((await client.daemon.status()).leases).toBe(0);
    expect(daemon.state()).toBe('running');
  });
});
