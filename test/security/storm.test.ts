// Rows about what services take: memory, processes, starts, and the network as seen by checks of somebody else.
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { createServer as createSite } from 'node:http';
import { createServer } from 'node:net';
import { networkInterfaces } from 'node:os';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Client } from '../../src/client/client.ts';
import { until } from '../e2e/daemon-world.ts';
import { type AttackWorld, attackWorld } from './attack-world.ts';

// Bounded by its limits, and by itself where there are none: it forks twice six times, and no more.
const BOMB =
  'n=0; b() { [ "$1" -gt 6 ] || { b $(($1 + 1)) & b $(($1 + 1)) & wait; sleep 1000; }; }; sleep 2; b 0; wait';
const EAT = 'sleep 1; perl -e "my @all; for (1..200) { push @all, q(x) x 1048576 } sleep 1000"';
const SERVICES = `
[services.steady]
command = "sleep 1000"
[services.crash]
command = ["/bin/sh", "-c", "exit 3"]
restart = { policy = "always", delay = "50ms" }
autostart = false
[services.bomb]
command = ["/bin/sh", "-c", ${JSON.stringify(BOMB)}]
user = "61250"
limits = { processes = 30 }
settle = "200ms"
restart = "no"
autostart = false
[services.glutton]
command = ["/bin/sh", "-c", ${JSON.stringify(EAT)}]
limits = { memory = "40MiB" }
settle = "200ms"
restart = "no"
autostart = false
`;

let ground: AttackWorld;
let client: Client;
let port: number;
let sitePort: number;
let heard = 0;
let lured = 0;
/** An address of this machine that is not its loopback, where it has one. */
const OWN = Object.values(networkInterfaces())
  .flatMap((list) => list ?? [])
  .find(({ internal, family }) => !internal && family === 'IPv4')?.address;
const server = createServer((socket) => {
  heard += 1;
  socket.destroy();
});
const site = createSite((_request, response) => {
  lured += 1;
  response.writeHead(302, { location: `http://${OWN ?? '169.254.169.254'}:${port}/` }).end();
});

function listening(on: typeof server): Promise<number> {
  return new Promise((resolve) => {
    on.listen(0, '0.0.0.0', () => {
      const address = on.address();
      resolve(typeof address === 'object' && address !== null ? address.port : 0);
    });
  });
}

beforeAll(async () => {
  ground = await attackWorld(SERVICES);
  client = ground.shop.connect();
  [port, sitePort] = await Promise.all([listening(server), listening(site)]);
});
afterAll(async () => {
  server.close();
  site.close();
  await ground[Symbol.asyncDispose]();
});

const viewOf = async (name: string) => {
  const view = (await client.services.list()).find((each) => each.name === name);
  return { phase: view?.phase, run: view?.run ?? 0, pid: view?.pid ?? 0 };
};

/** The slowest of some looks at the status, ms. */
async function slowest(looks: number): Promise<number> {
  let worst = 0;
  for (let nth = 0; nth < looks; nth += 1) {
    const at = performance.now();
    expect((await ground.ask('GET', '/api/v1/services/status')).status).toBe(200);
    worst = Math.max(worst, performance.now() - at);
  }
  return worst;
}

const start = (name: string) => ground.ask('POST', `/api/v1/services/${name}/start`, { body: '{}' });

/** How many processes a user has. */
function processesOf(uid: number): number {
  const text = execFileSync('ps', ['-eo', 'uid='], { encoding: 'utf8' });
  return text.split('\n').filter((line) => Number(line) === uid).length;
}

test('row 27: a fork bomb stays within its processes, others live on, and all of it is ended', async () => {
  const { pid } = await viewOf('steady');
  expect((await start('bomb')).status).toBeLessThan(300);
  await until(() => processesOf(61_250) > 15, 'it forks');
  const most: number[] = [];
  for (let nth = 0; nth < 20; nth += 1) {
    most.push(processesOf(61_250));
    await slowest(1);
  }
  expect(Math.max(...most)).toBeLessThanOrEqual(31);
  expect((await viewOf('steady')).pid).toBe(pid);
  await ground.ask('POST', '/api/v1/services/bomb/stop', { body: '{}' });
  await until(() => processesOf(61_250) === 0, 'nothing of it is left');
});

test('row 27: a service that takes more memory than it may is ended, and no other', async () => {
  const { pid } = await viewOf('steady');
  const held = readFileSync('/proc/self/cgroup', 'utf8').includes('memory');
  expect((await start('glutton')).status).toBeLessThan(300);
  if (held) await until(async () => (await viewOf('glutton')).phase === 'failed', 'it was ended');
  expect((await ground.ask('GET', '/api/v1/services/glutton')).body).toContain(held ? '"memory"' : 'unavailable');
  await ground.ask('POST', '/api/v1/services/glutton/stop', { body: '{}' });
  expect((await viewOf('steady')).pid).toBe(pid);
});

test('row 28: a service that fails at once is started more and more seldom, and status stays quick', async () => {
  await start('crash');
  const starts: number[] = [];
  let worst = 0;
  while (starts.length < 6) {
    worst = Math.max(worst, await slowest(1));
    if ((await viewOf('crash')).run > starts.length) starts.push(performance.now());
  }
  const waits = starts.slice(1).map((at, nth) => at - (starts[nth] ?? 0));
  // Twice as long each time, give or take a fifth; the looks are some ms apart.
  expect(waits.at(-1)).toBeGreaterThan(4 * (waits[1] ?? 0) * 0.6);
  expect(waits.at(-1)).toBeGreaterThan(500);
  await ground.ask('POST', '/api/v1/services/crash/stop', { body: '{}' });
  await until(async () => (await viewOf('crash')).phase === 'stopped', 'it is left alone');
  expect(worst).toBeLessThan(1000);
});

test('row 22: a definition of the API cannot have the daemon look at other hosts', async () => {
  const before = await ground.stateOf();
  const put = (health: unknown) => {
    const body = JSON.stringify({ name: 'shop', services: { web: { command: ['/bin/sleep', '1000'], health } } });
    return ground.ask('PUT', '/api/v1/definition', { body, headers: ['if-match: *'] });
  };
  for (const host of [
    ...(OWN === undefined ? [] : [OWN]),
    '10.0.0.1',
    '169.254.169.254',
    '[fe80::1]',
    '0xa9fea9fe',
    'example.com',
    '[::ffff:169.254.169.254]',
  ])
    for (const health of [`http://${host}:${port}/`, `tcp://${host}:${port}`, { http: `http://${host}:${port}/x` }]) {
      const answer = await put(health);
      expect([host, answer.status, answer.code]).toEqual([host, 422, expect.stringMatching(/^RSE11(?:13|24)$/)]);
    }
  for (const health of ['file:///etc/shadow', 'gopher://127.0.0.1/', `ftp://127.0.0.1:${port}/`])
    expect((await put(health)).status).toBe(422);
  expect(await ground.stateOf()).toEqual(before);
  expect(heard).toBe(0);

  // A page of this machine is asked, and sends the check elsewhere.
  expect((await put({ http: `http://127.0.0.1:${sitePort}/`, redirects: 'follow', interval: '200ms' })).status).toBe(
    200,
  );
  await ground.ask('POST', '/api/v1/changes', { body: '{"action":"up"}' });
  await until(() => lured > 2, 'the page is asked');
  expect(heard).toBe(0);
});
