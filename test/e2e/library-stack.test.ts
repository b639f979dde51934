// Stacks brought up inside this program, with real processes.
import { statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { HealthTimeoutError, StartError, connect, defineStack, loadStack, up } from '../../src/index.ts';
import { freePort, libraryFolders, newFolder, processesIn, serverWords } from './library-world.ts';

const idle = [process.execPath, '-e', 'console.log("hello"); setInterval(() => {}, 1000)'];

const simple = (folder: string) =>
  defineStack({
    name: 'simple',
    services: {
      db: { command: idle, cwd: folder, settle: '0s' },
      migrate: { type: 'task', command: 'true', dependsOn: ['db'] },
      api: { command: idle, cwd: folder, settle: '0s', dependsOn: { db: 'ready', migrate: 'completed' } },
      other: { command: idle, cwd: folder, settle: '0s', autostart: false },
    },
  });

test('up resolves when everything is ready, and leaving the block leaves no process and no file', async () => {
  const folder = newFolder();
  const port = await freePort();
  const before = libraryFolders();
  const web = defineStack({
    name: 'web',
    services: {
      web: {
        command: serverWords(port),
        cwd: folder,
        health: { http: `http://127.0.0.1:${port}/`, startInterval: '50ms' },
      },
    },
  });
  {
    await using stack = await up(web, { timeout: '30s' });
    expect((await fetch(String(stack.service('web').url))).status).toBe(200);
    expect(await stack.service('web').status()).toMatchObject({ status: 'Running', ready: true });
  }
  expect(processesIn(folder)).toEqual([]);
  expect(libraryFolders()).toEqual(before);
});

test('only brings its dependencies along, and a stack goes up twice side by side', async () => {
  const folder = newFolder();
  const shop = simple(folder);
  await using one = await up(shop, { only: ['api'] });
  await using two = await up(shop);
  expect((await one.service('migrate').status()).phase).toBe('completed');
  expect((await two.service('other').status()).phase).toBe('stopped');
  expect(processesIn(folder).length).toBe(4);
  await one.down();
  expect(processesIn(folder).length).toBe(2);
  await two.service('db').stop();
  expect((await two.service('api').status()).phase).toBe('stopped');
});

test('a failed start rejects with who was blocked, and nothing is left', async () => {
  const folder = newFolder();
  const broken = defineStack({
    name: 'broken',
    services: {
      fine: { command: idle, cwd: folder, settle: '0s' },
      bad: { command: 'sh -c "echo no disk; exit 3"', shell: false, restart: 'no' },
      api: { command: idle, dependsOn: ['bad'] },
    },
  });
  const refused = await up(broken).catch((error: unknown) => error);
  expect(refused).toBeInstanceOf(StartError);
  expect(refused).toMatchObject({
    code: 'RSE2102',
    service: 'bad',
    exitCode: 3,
    blocked: ['api'],
    lastLogs: ['no disk'],
  });
  expect(processesIn(folder)).toEqual([]);
  await using kept = await up(broken, { onFailure: 'keep' });
  expect(kept.failures.map(({ service }) => service)).toEqual(['bad']);
  expect(await kept.service('fine').status()).toMatchObject({ status: 'Running' });
});

test('several failures are one AggregateError whose message names them', async () => {
  const services = { a: { command: 'false', restart: 'no' }, b: { command: 'false', restart: 'no' } } as const;
  const refused = await up(defineStack({ name: 'two', services })).catch((error: unknown) => error);
  expect(refused).toBeInstanceOf(AggregateError);
  expect(refused).toMatchObject({
    errors: [{ service: 'a' }, { service: 'b' }],
    message: expect.stringContaining('"b"'),
  });
});

test('a timeout names what was not ready, and a signal passes its own reason', async () => {
  const folder = newFolder();
  const slow = defineStack({
    name: 'slow',
    services: {
      slow: { command: idle, cwd: folder, ready: { file: 'never' } },
      after: { command: idle, dependsOn: ['slow'] },
    },
  });
  const late = await up(slow, { timeout: '300ms' }).catch((error: unknown) => error);
  expect(late).toBeInstanceOf(HealthTimeoutError);
  expect(late).toMatchObject({ service: 'slow', blocked: ['after'] });
  await expect(up(slow, { signal: AbortSignal.timeout(200) })).rejects.toMatchObject({ name: 'TimeoutError' });
  expect(processesIn(folder)).toEqual([]);
});

test('a function is a service: it says that it is ready, logs, and ends with its signal', async () => {
  const seen: string[] = [];
  const functions = defineStack({
    name: 'functions',
    services: {
      worker: {
        run: async ({ signal, log, ready }) => {
          log('tick');
          ready();
          await new Promise((resolve) => signal.addEventListener('abort', resolve, { once: true }));
          seen.push('ended');
        },
      },
    },
  });
  const stack = await up(functions);
  const lines = [];
  for await (const line of stack.service('worker').logs()) lines.push(line.line);
  expect(lines).toEqual(['tick']);
  await stack.down();
  await stack.down();
  expect(seen).toEqual(['ended']);
});

test('events are told as they happen, and a slow reader gets one gap', async () => {
  const folder = newFolder();
  await using stack = await up(simple(folder), { only: ['db'] });
  const events = stack.events({ types: ['service.phase'], services: ['db'], capacity: 1 });
  await stack.service('db').restart();
  const first = [];
  for await (const event of events) {
    first.push(event.type);
    if (first.length === 2) break;
  }
  expect(first).toEqual(['service.phase', 'gap']);
  await expect(stack.service('db').waitFor('stopped', { timeout: '50ms' })).rejects.toMatchObject({ code: 'RSE2201' });
  expect((await stack.service('db').explain()).service).toBe('db');
});

test('finished resolves when all has come to rest, and rejects with what failed', async () => {
  const done = defineStack({ name: 'done', services: { task: { type: 'task', command: 'true' } } });
  await using stack = await up(done);
  await stack.finished;
  const dying = defineStack({
    name: 'dying',
    services: { a: { command: 'sleep 0.3', settle: '0s', restart: 'no', successCodes: [9] } },
  });
  await using short = await up(dying);
  await expect(short.finished).rejects.toBeInstanceOf(StartError);
});

test('the API at an address is for who has the token, and is not opened beyond this machine as it is', async () => {
  await using stack = await up(simple(newFolder()));
  const token = 'a'.repeat(43);
  const { address } = await stack.listen({ host: '127.0.0.1', port: 0, token });
  const status = (authorization: string): Promise<number> =>
    fetch(`http://${address}/api/v1/system`, { headers: { authorization } }).then((answer) => answer.status);
  expect([await status(`Bearer ${token}`), await status(`Bearer b${token}`), await status('')]).toEqual([
    200, 401, 401,
  ]);
  await expect(stack.listen({ host: '0.0.0.0', port: 0, token })).rejects.toMatchObject({ code: 'RSE3009' });
  await expect(stack.listen({ host: '127.0.0.1', port: 0, token: 'short' })).rejects.toMatchObject({ code: 'RSE1105' });
});

test('the API on a socket gives a connection the same interface', async () => {
  const folder = newFolder();
  const socketPath = join(folder, 'api.sock');
  await using stack = await up(simple(folder));
  await stack.listen({ socketPath });
  expect(statSync(socketPath).mode & 0o777).toBe(0o600);
  await expect(stack.listen({ port: 0 } as never)).rejects.toMatchObject({ code: 'RSE1105' });
  {
    await using remote = await connect({ socketPath });
    expect(remote.name).toBe('simple');
    await remote.service('api').waitFor('ready', { timeout: '5s' });
    expect(() => remote.service('apii')).toThrow('cannot find service "apii"');
    for await (const { line } of remote.service('api').logs({ follow: true })) {
      expect(line).toBe('hello');
      break;
    }
    await remote.service('api').restart();
  }
  expect(await stack.service('api').status()).toMatchObject({ status: 'Running', run: 2 });
  await stack.down();
  await expect(connect({ socketPath })).rejects.toMatchObject({ code: 'RSE3001' });
});

test('a stack from a file comes up like one from a program', async () => {
  const folder = newFolder();
  writeFileSync(join(folder, 'one.toml'), '[services.task]\ntype = "task"\ncommand = "true"\n');
  await using stack = await up(await loadStack(join(folder, 'one.toml')));
  expect(stack.name).toBe('one');
  expect((await stack.service('task').status()).phase).toBe('completed');
});
