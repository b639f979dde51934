// The guide, code block by code block, through the API and through the command line. The library's own counterparts are
// in library-orchestrator.test.ts; definitions that stand in the guide are those of test/examples/guide.test.ts.
import { request } from 'node:http';
import { describe, expect, test } from 'vitest';
import { type Client, createClient } from '../../src/client/client.ts';
import { type World, cliWorld, freePort, server } from './cli-world.ts';
import { CLOCK, until } from './daemon-world.ts';

const SLEEPER = 'command = "sleep 1000"\nsettle = "20ms"';

/** Services that only sleep, with what each needs. */
const sleepers = (graph: Readonly<Record<string, readonly string[]>>): string =>
  Object.entries(graph)
    .map(([name, needs]) => `[services.${name}]\n${SLEEPER}\ndependencies = ${JSON.stringify(needs)}\n`)
    .join('');

const shopOf = (text: string): World => cliWorld(`name = "shop"\n${text}`);
const WEB_APP = sleepers({ database: [], cache: ['database'], 'web-app': ['cache'] });

/** A client of the daemon, which is started without starting any service. */
async function clientOf(world: World): Promise<Client> {
  expect(await world.run(['daemon', 'start'])).toMatchObject({ code: 0 });
  return createClient({ socketPath: world.socket('shop'), clock: CLOCK, via: 'api' });
}

/** The body that the guide shows for a GET. */
function get(world: World, path: string): Promise<unknown> {
  return new Promise((resolve, reject) => {
    const sent = request({ socketPath: world.socket('shop'), path, headers: { host: '_' } }, (message) => {
      let text = '';
      message.on('data', (chunk: Buffer) => {
        text += chunk.toString();
      });
      message.on('end', () => resolve(JSON.parse(text)));
    });
    sent.on('error', reject);
    sent.end();
  });
}

const phases = async (client: Client): Promise<readonly string[]> =>
  (await client.services.list()).map(({ name, phase }) => `${name} ${phase}`);

describe('dependency resolution', () => {
  test.each([
    ['the chain', { a: [], b: ['a'], c: ['b'] }, ['c'], 'a b c'],
    ['the diamond', { a: [], b: ['a'], c: ['a'], d: ['b', 'c'] }, ['d'], 'a b c d'],
    [
      'the complex graph',
      { a: [], b: ['a'], c: ['b'], d: ['b'], e: ['c'], f: ['d'], g: ['e', 'f'] },
      ['g'],
      'a b c d e f g',
    ],
    ['two targets', { 'api-server': [], 'web-app': ['api-server'] }, ['web-app', 'api-server'], 'api-server web-app'],
  ] as const)('%s has its startup order', async (_, graph, services, order) => {
    await using world = shopOf(sleepers(graph));
    expect(await world.json(['plan', ...services])).toMatchObject({ order: order.split(' ') });
    using client = await clientOf(world);
    expect(await client.plans.plan({ action: 'start', services })).toMatchObject({ order: order.split(' ') });
  });

  test('services of the diamond that do not need each other start in one wave', async () => {
    await using world = shopOf(sleepers({ a: [], b: ['a'], c: ['a'], d: ['b', 'c'] }));
    expect(await world.json(['plan', 'd'])).toMatchObject({ waves: [['a'], ['b', 'c'], ['d']] });
  });

  test('a circle is an error that prints its path', async () => {
    const circle = { a: ['c'], b: ['a'], c: ['b'] };
    await using world = shopOf(sleepers(circle));
    const plan = await world.run(['plan', 'a']);
    expect(plan).toMatchObject({ code: 2, stderr: expect.stringContaining('a › c › b › a') });
    world.write('rouse.toml', `name = "shop"\n${sleepers({ a: [] })}`);
    using client = await clientOf(world);
    const services = Object.fromEntries(
      Object.entries(circle).map(([name, dependencies]) => [name, { command: 'true', dependencies }]),
    );
    await expect(client.definition.validate({ services })).rejects.toMatchObject({
      code: 'RSE1201',
      message: expect.stringContaining('a › c › b › a'),
    });
  });

  test('a dependency that is missing is reported with both ends and the nearest name', async () => {
    await using world = shopOf(sleepers({ database: [], web: ['databse'] }));
    expect(await world.run(['up', '-d'])).toMatchObject({
      code: 2,
      stderr: expect.stringMatching(/"web" depends on "databse", which does not exist[^]*"database"/),
    });
    world.write('rouse.toml', `name = "shop"\n${sleepers({ database: [] })}`);
    using client = await clientOf(world);
    const services = { database: { command: 'true' }, web: { command: 'true', dependencies: ['databse'] } };
    await expect(client.definition.validate({ services })).rejects.toMatchObject({ code: 'RSE1203' });
  });
});

describe('list and status', () => {
  test('a service is listed with the members of the guide, and has its status', async () => {
    await using world = shopOf(`[services.coredns]
description = "CoreDNS DNS server"
start_command = "true"
stop_command = "true"
`);
    using client = await clientOf(world);
    expect(await get(world, '/api/v1/services/list')).toEqual({
      success: true,
      data: [
        {
          name: 'coredns',
          description: 'CoreDNS DNS server',
          dependencies: [],
          start_command: 'true',
          stop_command: 'true',
          health_check_endpoint: null,
        },
      ],
    });
    const status = (word: string): unknown => ({ success: true, data: [{ name: 'coredns', status: word }] });
    expect(await get(world, '/api/v1/services/status')).toEqual(status('Stopped'));
    expect((await world.run(['start', 'coredns'])).code).toBe(0);
    expect(await get(world, '/api/v1/services/status')).toEqual(status('Running'));
    expect(await world.json(['ps'])).toMatchObject([{ name: 'coredns', status: 'Running' }]);
    const stop = await client.services.stop('coredns');
    await client.changes.settled(stop.id);
    expect(await get(world, '/api/v1/services/status')).toEqual(status('Stopped'));
  });

  test('a service whose start failed has the status Failed', async () => {
    await using world = shopOf('[services.db]\nstart_command = "false"\nstop_command = "true"\nrestart = "no"\n');
    expect((await world.run(['up', '-d'])).code).toBe(1);
    expect(await get(world, '/api/v1/services/status')).toEqual({
      success: true,
      data: [{ name: 'db', status: 'Failed' }],
    });
    expect(await world.json(['status', 'db'])).toMatchObject([{ name: 'db', status: 'Failed' }]);
  });
});

describe('starting', () => {
  test('start brings what a service needs, in order, through the command line', async () => {
    await using world = shopOf(WEB_APP);
    using client = await clientOf(world);
    expect(await world.run(['start', 'web-app'])).toMatchObject({ code: 0 });
    const ready = (await client.events.page({ types: ['service.phase'] })).flatMap((event) =>
      event.type === 'service.phase' && event.to === 'ready' ? [event.service] : [],
    );
    expect(ready).toEqual(['database', 'cache', 'web-app']);
  });

  test('start brings what a service needs through the API', async () => {
    await using world = shopOf(WEB_APP);
    using client = await clientOf(world);
    const { id } = await client.services.start('web-app');
    expect(await client.changes.settled(id)).toMatchObject({ state: 'done', progress: { done: 3, total: 3 } });
    expect(await phases(client)).toEqual(['database ready', 'cache ready', 'web-app ready']);
  });

  test.each(['up', 'api'])('starting all goes on when one fails (%s)', async (face) => {
    await using world = shopOf(`${sleepers({ good: [] })}
[services.bad]
command = ["sh", "-c", "exit 3"]
restart = "no"
${sleepers({ after: ['bad'], other: ['good'] })}`);
    using client = await clientOf(world);
    if (face === 'up') {
      const up = await world.run(['up', '-d']);
      expect(up).toMatchObject({ code: 1, stderr: expect.stringMatching(/bad: exit 3/) });
    } else
      expect(await client.changes.create({ action: 'up' }, { waitMs: 20_000 })).toMatchObject({
        state: 'failed',
        tasks: expect.arrayContaining([
          expect.objectContaining({ service: 'other', state: 'done' }),
          expect.objectContaining({ service: 'after', state: 'failed', root: 'bad' }),
        ]),
      });
    expect(await phases(client)).toEqual(['good ready', 'bad failed', 'after waiting', 'other ready']);
  });
});

describe('health', () => {
  test('a service is asked for its health, with message and time', async () => {
    const port = await freePort();
    await using world = shopOf(
      `[services.web]\ncommand = ${server(port)}\nhealth_check_endpoint = "http://127.0.0.1:${port}/health"\n`,
    );
    using client = await clientOf(world);
    expect((await world.run(['up', '-d'])).code).toBe(0);
    const healthy = {
      healthy: true,
      message: expect.stringMatching(/^200 OK/),
      last_check: expect.stringMatching(/Z$/),
    };
    expect(await client.services.health('web', 'ask')).toMatchObject(healthy);
    expect(await world.json(['health', 'web'])).toMatchObject(healthy);
  });

  test('a check that fails marks the service unhealthy, and it goes on running', async () => {
    const port = await freePort();
    const flag = "require('fs').existsSync('broken')";
    const code = `require('http').createServer((q,r)=>r.writeHead(${flag}?500:200).end()).listen(${port},'127.0.0.1')`;
    await using world = shopOf(`[services.web]
command = ${JSON.stringify([process.execPath, '-e', code])}
health = { http = "http://127.0.0.1:${port}/", interval = "50ms", retries = 2, on_failure = "none" }
`);
    using client = await clientOf(world);
    expect((await world.run(['up', '-d'])).code).toBe(0);
    world.write('broken', '');
    await until(async () => (await client.services.get('web')).state === 'unhealthy', 'it is unhealthy');
    expect(await client.services.get('web')).toMatchObject({ status: 'Running', phase: 'ready', restarts: 0 });
    expect(await client.services.health('web', 'ask')).toMatchObject({
      healthy: false,
      message: expect.stringMatching(/500/),
    });
    expect(await world.run(['health', 'web'])).toMatchObject({ code: 3 });
  });
});

describe('the settings of config.defaults.toml', () => {
  const settings = (text: string): World => {
    const world = shopOf(WEB_APP);
    world.write('config.defaults.toml', `[orchestrator.services]\n${text}\n`);
    return world;
  };

  test('auto_start_dependencies = false refuses a start and names the dependency; --deps overrides', async () => {
    await using world = settings('auto_start_dependencies = false');
    using client = await clientOf(world);
    expect(await world.run(['start', 'cache'])).toMatchObject({
      code: 6,
      stderr: expect.stringMatching(/RSE4007.*"cache".*"database".*config\.defaults\.toml:2/),
    });
    await expect(client.services.start('cache')).rejects.toMatchObject({ code: 'RSE4007', services: ['database'] });
    expect((await world.run(['start', 'cache', '--deps'])).code).toBe(0);
    expect(await phases(client)).toEqual(['database ready', 'cache ready', 'web-app stopped']);
  });

  test('manager_enabled = false refuses every change and names the line; reading still works', async () => {
    await using world = settings('manager_enabled = false');
    using client = await clientOf(world);
    for (const verb of ['start', 'stop', 'restart'])
      expect(await world.run([verb, 'cache'])).toMatchObject({
        code: 6,
        stderr: expect.stringMatching(/RSE4006.*config\.defaults\.toml:2/),
      });
    await expect(client.changes.create({ action: 'up' })).rejects.toMatchObject({ code: 'RSE4006' });
    expect((await world.run(['ps'])).code).toBe(0);
    expect(await phases(client)).toEqual(['database stopped', 'cache stopped', 'web-app stopped']);
  });

  test('both are true where nothing is said', async () => {
    await using world = shopOf(WEB_APP);
    expect((await world.run(['daemon', 'start'])).code).toBe(0);
    expect((await world.run(['start', 'cache'])).code).toBe(0);
  });
});
