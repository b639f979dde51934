// The guide's code blocks, through the library, with real commands.
import { expect, test } from 'vitest';
import {
  ConflictError,
  DefinitionError,
  HealthTimeoutError,
  NotFoundError,
  ServiceOrchestrator,
  StartError,
} from '../../src/index.ts';
import {
  daemonService,
  freePort,
  isAlive,
  libraryFolders,
  newFolder,
  pidIn,
  processesIn,
  serverWords,
} from './library-world.ts';

const idle = [process.execPath, '-e', 'setInterval(() => {}, 1000)'];
const SOON = { settle: '0s' } as const;

test('dependency resolution: the order of service-c is a, b, c', async () => {
  await using orchestrator = new ServiceOrchestrator('/usr/local/bin/nu', '/usr/local/bin/provisioning', true);
  await orchestrator.registerService({ name: 'service-a', dependencies: [], command: 'true' });
  await orchestrator.registerService({ name: 'service-b', dependencies: ['service-a'], command: 'true' });
  await orchestrator.registerService({ name: 'service-c', dependencies: ['service-b'], command: 'true' });
  expect(await orchestrator.resolveStartupOrder(['service-c'])).toEqual(['service-a', 'service-b', 'service-c']);
});

test('the graphs of the guide have their startup orders', async () => {
  const orderOf = async (graph: Record<string, string[]>, last: string): Promise<string> => {
    await using orchestrator = new ServiceOrchestrator();
    for (const [name, dependencies] of Object.entries(graph))
      await orchestrator.registerService({ name, dependencies, start_command: 'true' });
    return (await orchestrator.resolveStartupOrder([last])).join(' ');
  };
  expect(await orderOf({ a: [], b: ['a'], c: ['b'] }, 'c')).toBe('a b c');
  expect(await orderOf({ a: [], b: ['a'], c: ['a'], d: ['b', 'c'] }, 'd')).toBe('a b c d');
  const complex = { a: [], b: ['a'], c: ['b'], d: ['b'], e: ['c'], f: ['d'], g: ['e', 'f'] };
  expect(await orderOf(complex, 'g')).toBe('a b c d e f g');
});

test('a circle is an error that names every service in it, and others still work', async () => {
  await using orchestrator = new ServiceOrchestrator();
  await orchestrator.registerService({ name: 'a', dependencies: ['c'], command: idle, ...SOON });
  await orchestrator.registerService({ name: 'b', dependencies: ['a'], command: idle, ...SOON });
  await orchestrator.registerService({ name: 'c', dependencies: ['b'], command: idle, ...SOON });
  await orchestrator.registerService({ name: 'alone', command: idle, ...SOON });
  const refused = await orchestrator.resolveStartupOrder(['a']).catch((error: unknown) => error);
  expect(refused).toBeInstanceOf(DefinitionError);
  expect(refused).toMatchObject({ code: 'RSE1201' });
  expect([...((refused as DefinitionError).fields.services ?? [])].toSorted()).toEqual(['a', 'b', 'c']);
  await expect(orchestrator.startService('b')).rejects.toMatchObject({ code: 'RSE1201' });
  expect(await orchestrator.startAllServices()).toEqual(['alone']);
  expect(await orchestrator.getServicesStatus()).toEqual([
    { name: 'a', status: 'Stopped' },
    { name: 'b', status: 'Stopped' },
    { name: 'c', status: 'Stopped' },
    { name: 'alone', status: 'Running' },
  ]);
  expect(await orchestrator.checkServiceHealth('a')).toMatchObject({ healthy: false });
});

test('a missing dependency is an error at the start that names both ends, until it is registered', async () => {
  await using orchestrator = new ServiceOrchestrator();
  await orchestrator.registerService({ name: 'web', depends_on: ['db'], command: idle, ...SOON });
  await expect(orchestrator.startService('web')).rejects.toMatchObject({
    code: 'RSE1203',
    fields: { services: ['web', 'db'] },
  });
  await orchestrator.registerService({ name: 'db', command: idle, ...SOON });
  await orchestrator.startService('web');
  expect(await orchestrator.getServiceStatus('db')).toBe('Running');
});

test('unknown services are an error that names them all', async () => {
  await using orchestrator = new ServiceOrchestrator();
  await orchestrator.registerService({ name: 'coredns', command: idle });
  const refused = await orchestrator.resolveStartupOrder(['coredsn', 'coredns', 'nope']).catch((e: unknown) => e);
  expect(refused).toBeInstanceOf(NotFoundError);
  expect(refused).toMatchObject({
    code: 'RSE4001',
    hint: 'did you mean "coredns"?',
    fields: { services: ['coredsn', 'nope'] },
  });
  await expect(orchestrator.getServiceStatus('nope')).rejects.toBeInstanceOf(NotFoundError);
});

test('start with dependencies: database, cache and web-app come up in order and are healthy', async () => {
  const folder = newFolder();
  const [one, two] = [await freePort(), await freePort()];
  const database = daemonService('database', { folder, words: serverWords(one) });
  const cache = daemonService('cache', { folder, words: serverWords(two), needs: ['database'] });
  await using orchestrator = new ServiceOrchestrator({ autoStartDependencies: true });
  await orchestrator.registerService({ ...database.fields, healthCheckEndpoint: `http://127.0.0.1:${one}/health` });
  await orchestrator.registerService({ ...cache.fields, health_check_endpoint: `http://127.0.0.1:${two}/health` });
  await orchestrator.registerService({ name: 'web-app', dependencies: ['cache'], command: idle, cwd: folder, ...SOON });
  await orchestrator.startService('web-app');
  expect((await orchestrator.getServicesStatus()).map(({ status }) => status)).toEqual([
    'Running',
    'Running',
    'Running',
  ]);
  const before = new Date();
  const seen = await orchestrator.checkServiceHealth('cache');
  expect(seen).toMatchObject({ healthy: true, message: expect.stringContaining('200') });
  expect(seen.lastCheck.getTime()).toBeGreaterThanOrEqual(before.getTime());
  expect(isAlive(pidIn(database.pidFile))).toBe(true);

  await orchestrator.stopService('database');
  expect((await orchestrator.getServicesStatus()).map(({ status }) => status)).toEqual([
    'Stopped',
    'Stopped',
    'Stopped',
  ]);
  expect(processesIn(folder)).toEqual([]);

  await orchestrator.restartService('database');
  expect(await orchestrator.getServiceStatus('database')).toBe('Running');
  await orchestrator.stopService('database');
});

test('start all: a start that fails does not stop the others', async () => {
  await using orchestrator = new ServiceOrchestrator();
  await orchestrator.registerService({ name: 'good', startCommand: 'true' });
  await orchestrator.registerService({ name: 'bad', startCommand: 'false', restart: 'no' });
  await orchestrator.registerService({ name: 'behind', dependencies: ['bad'], startCommand: 'true' });
  await orchestrator.registerService({ name: 'other', dependencies: ['good'], startCommand: 'true' });
  expect(await orchestrator.startAllServices()).toEqual(['good', 'other']);
  expect(await orchestrator.getServiceStatus('bad')).toBe('Failed');
  const refused = await orchestrator.startService('behind').catch((error: unknown) => error);
  expect(refused).toBeInstanceOf(StartError);
  expect(refused).toMatchObject({ code: 'RSE2104', service: 'bad', blocked: ['behind'] });
});

test('a dependent of a start that is tried again does not hold the others up', async () => {
  await using orchestrator = new ServiceOrchestrator();
  await orchestrator.registerService({ name: 'good', startCommand: 'true' });
  await orchestrator.registerService({
    name: 'bad',
    startCommand: 'false',
    restart: { delay: '10ms', maxDelay: '10m', factor: 6 },
  });
  await orchestrator.registerService({ name: 'behind', dependencies: ['bad'], startCommand: 'true' });
  expect(await orchestrator.startAllServices()).toEqual(['good']);
  expect((await orchestrator.explain('behind')).root.service).toBe('bad');
});

test('a service that ends before it is ready rejects with its exit code and its last lines', async () => {
  await using orchestrator = new ServiceOrchestrator();
  const command = [process.execPath, '-e', 'console.log("no disk"); process.exit(7)'];
  await orchestrator.registerService({ name: 'api', command, restart: 'no' });
  const refused = await orchestrator.startService('api').catch((error: unknown) => error);
  expect(refused).toMatchObject({ code: 'RSE2102', service: 'api', exitCode: 7, lastLogs: ['no disk'] });
  await orchestrator.registerService({ name: 'gone', command: 'no-such-program-at-all' });
  await expect(orchestrator.startService('gone')).rejects.toMatchObject({ code: 'RSE2101' });
});

test('a check that never passes is a health timeout with the last answer', async () => {
  const port = await freePort();
  await using orchestrator = new ServiceOrchestrator();
  const health = { http: `http://127.0.0.1:${port}/`, startInterval: '50ms' };
  const words = serverWords(port, 503);
  await orchestrator.registerService({ name: 'api', command: words, health, startTimeout: '1500ms', restart: 'no' });
  const refused = await orchestrator.startService('api').catch((error: unknown) => error);
  expect(refused).toBeInstanceOf(HealthTimeoutError);
  expect(refused).toMatchObject({ code: 'RSE2103', lastResult: expect.stringContaining('503') });
  expect((refused as HealthTimeoutError).attempts).toBeGreaterThan(0);
});

test('a check that fails later marks the service unhealthy', async () => {
  const port = await freePort();
  const folder = newFolder();
  const service = daemonService('web', { folder, words: serverWords(port) });
  await using orchestrator = new ServiceOrchestrator();
  await orchestrator.registerService({ ...service.fields, healthCheckEndpoint: `http://127.0.0.1:${port}/` });
  await orchestrator.startService('web');
  process.kill(pidIn(service.pidFile), 'SIGKILL');
  await expect.poll(() => isAlive(pidIn(service.pidFile))).toBe(false);
  for (let asked = 0; asked < 3; asked += 1)
    expect(await orchestrator.checkServiceHealth('web')).toMatchObject({ healthy: false });
  expect(await orchestrator.getServiceStatus('web')).toBe('Running');
  await orchestrator.stopService('web');
});

test('without automatic dependencies a start that lacks one is refused with its name', async () => {
  await using orchestrator = new ServiceOrchestrator({ autoStartDependencies: false });
  await orchestrator.registerService({ name: 'db', command: idle, ...SOON });
  await orchestrator.registerService({ name: 'web', dependencies: ['db'], command: idle, ...SOON });
  const refused = await orchestrator.startService('web').catch((error: unknown) => error);
  expect(refused).toBeInstanceOf(ConflictError);
  expect(refused).toMatchObject({ code: 'RSE4007', services: ['db'] });
  await orchestrator.startService('db');
  await orchestrator.startService('web');
});

test('a switched-off orchestration refuses every start', async () => {
  await using orchestrator = new ServiceOrchestrator({ managerEnabled: false });
  await orchestrator.registerService({ name: 'db', command: 'true' });
  await expect(orchestrator.startService('db')).rejects.toMatchObject({ code: 'RSE4006' });
  expect(await orchestrator.resolveStartupOrder(['db'])).toEqual(['db']);
});

test('the provisioning path is handed to commands', async () => {
  await using orchestrator = new ServiceOrchestrator({ provisioningPath: '/opt/provisioning' });
  const startCommand = 'test "$PROVISIONING" = /opt/provisioning';
  await orchestrator.registerService({ name: 'task', shell: true, startCommand, restart: 'no' });
  await orchestrator.startService('task');
  expect(await orchestrator.getServiceStatus('task')).toBe('Running');
});

test('disposal ends the processes it holds, leaves what others manage, and removes its folder', async () => {
  const folder = newFolder();
  const before = libraryFolders();
  const kept = daemonService('kept', { folder, words: idle });
  const orchestrator = new ServiceOrchestrator();
  await orchestrator.registerService(kept.fields);
  await orchestrator.registerService({ name: 'held', dependencies: ['kept'], command: idle, cwd: folder, ...SOON });
  await orchestrator.startService('held');
  expect(libraryFolders().length).toBe(before.length + 1);
  // start-stop-daemon returns before its child has gone to the folder.
  await expect.poll(() => processesIn(folder).length).toBe(2);
  await orchestrator[Symbol.asyncDispose]();
  expect(processesIn(folder)).toEqual([pidIn(kept.pidFile)]);
  expect(libraryFolders()).toEqual(before);
  await expect(orchestrator.getServiceStatus('held')).rejects.toMatchObject({ code: 'RSE3007' });
  process.kill(pidIn(kept.pidFile), 'SIGKILL');
});

test('the list tells the services in the words of the guide', async () => {
  await using orchestrator = new ServiceOrchestrator();
  const coredns = {
    name: 'coredns',
    description: 'CoreDNS DNS server',
    dependencies: [],
    startCommand: 'systemctl start coredns',
    stopCommand: 'systemctl stop coredns',
    healthCheckEndpoint: 'http://localhost:53/health',
  };
  await orchestrator.registerService(coredns);
  expect(await orchestrator.listServices()).toEqual([coredns]);
  expect(await orchestrator.getServicesStatus()).toEqual([{ name: 'coredns', status: 'Stopped' }]);
});
