// Rows about a listener that other machines reach: it is not opened unless it is safe, and takes no definitions.
import { execFileSync, spawnSync } from 'node:child_process';
import { readFileSync, readdirSync, readlinkSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type DaemonOrder, orderText } from '../../src/daemon/order.ts';
import { PROGRAM } from '../e2e/daemon-world.ts';
import { type AttackWorld, type Place, attackWorld, exchange } from './attack-world.ts';

const ENTRY = join(import.meta.dirname, '../../bin/rouse.js');

let ground: AttackWorld;
let tls: { readonly cert: string; readonly key: string };
let place: Exclude<Place, string>;
let token: string;

beforeAll(async () => {
  ground = await attackWorld();
  const { root } = ground.shop;
  tls = { cert: join(root, 'cert.pem'), key: join(root, 'key.pem') };
  const name = ['-subj', '/CN=rouse.test', '-addext', 'subjectAltName=IP:127.0.0.1'];
  const kind = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-days', '2'];
  execFileSync('openssl', ['req', '-x509', ...kind, '-keyout', tls.key, '-out', tls.cert, ...name], {
    stdio: 'ignore',
  });
});
afterAll(async () => {
  await ground[Symbol.asyncDispose]();
});

const everywhere = (fields: Partial<NonNullable<DaemonOrder['listen']>[number]> = {}) =>
  ({ host: '0.0.0.0', port: 0, tls: null, plainHttp: 'loopback-only', ...fields }) as const;

test('row 8: a daemon that was not told to listen has no port', async () => {
  const { pid } = await ground.shop.connect().daemon.status();
  const own = readdirSync(`/proc/${pid}/fd`).map((fd) => readlinkOf(`/proc/${pid}/fd/${fd}`));
  const sockets = new Set(own.flatMap((link) => /^socket:\[(\d+)\]$/.exec(link)?.[1] ?? []));
  expect(sockets.size).toBeGreaterThan(0);
  for (const family of ['tcp', 'tcp6', 'udp', 'udp6']) {
    const inodes = readFileSync(`/proc/${pid}/net/${family}`, 'utf8')
      .split('\n')
      .map((line) => line.trim().split(/\s+/)[9] ?? '');
    expect(inodes.filter((inode) => sockets.has(inode))).toEqual([]);
  }
});

function readlinkOf(path: string): string {
  try {
    return readlinkSync(path);
  } catch {
    // Closed between the two looks.
    return '';
  }
}

/** What a daemon of another project says when it is to listen so: it must not have begun. */
function begun(listen: NonNullable<DaemonOrder['listen']>): { readonly status: number | null; readonly said: string } {
  const { shop } = ground;
  const folders = { runtime: join(shop.root, 'run2'), state: join(shop.root, 'state2') };
  const order: DaemonOrder = { ...shop.order, folders, startedBy: 'daemon', listen };
  const { program, args, env } = PROGRAM;
  const { status, stdout, stderr } = spawnSync(program, args, {
    input: orderText(order),
    env,
    encoding: 'utf8',
    timeout: 20_000,
  });
  return { status, said: `${stdout}${stderr}` };
}

test('row 8: a listener beyond this machine without TLS, or that nobody holds a token for, is not opened', () => {
  const plain = begun([everywhere()]);
  expect([plain.status, plain.said]).toEqual([78, expect.stringContaining('there is no certificate')]);
  const nobody = begun([everywhere({ tls })]);
  expect([nobody.status, nobody.said]).toEqual([78, expect.stringContaining('there is no token')]);
  const unusable = begun([everywhere({ host: '127.0.0.1', tls: { cert: tls.key, key: tls.key } })]);
  expect([unusable.status, unusable.said]).toEqual([78, expect.stringContaining('it holds no certificate')]);
});

test('row 11: somebody beyond this machine defines nothing, even as an admin', async () => {
  const { shop } = ground;
  await shop.kill();
  const env = {
    ...PROGRAM.env,
    ROUSE_RUNTIME_DIR: shop.order.folders.runtime,
    ROUSE_STATE_DIR: shop.order.folders.state,
  };
  const words = ['token', 'new', 'far', '--role', 'admin', '--json'];
  const made = execFileSync(process.execPath, [ENTRY, ...words], { cwd: shop.root, env, encoding: 'utf8' });
  token = /"token": *"([^"]+)"/.exec(made)?.[1] ?? '';
  const client = await shop.start({ listen: [everywhere({ tls })] });
  const { listeners } = await client.daemon.status();
  const address = listeners.find(({ kind }) => kind === 'tcp')?.address ?? '';
  expect(listeners.find(({ kind }) => kind === 'tcp')?.tls).toBe(true);
  place = { host: '127.0.0.1', port: Number(address.split(':')[1]), ca: readFileSync(tls.cert, 'utf8') };
  const headers = [`authorization: Bearer ${token}`, 'if-match: *'];
  expect((await ground.ask('GET', '/api/v1/services/status', { to: place, headers })).status).toBe(200);
  const body = JSON.stringify({ name: 'shop', services: { evil: { command: ['/bin/sleep', '1000'] } } });
  for (const [method, path] of [
    ['PUT', '/api/v1/definition'],
    ['POST', '/api/v1/definition/load'],
    ['POST', '/api/v1/definition/reload'],
  ] as const) {
    const attack = () => ground.ask(method, path, { body, headers, to: place });
    expect(await ground.refusedWithoutTrace(attack, { status: 403, code: 'RSE4118', recorded: 'denied' })).toBe(
      'refused',
    );
  }
  expect(await ground.onRecord()).toBe('on record');
});

test('row 8: words in the clear are no request at a listener with TLS, and its answers say that TLS is to stay', async () => {
  const { host, port } = place;
  const text = `GET /api/v1/system HTTP/1.1\r\nhost: ${host}:${port}\r\nauthorization: Bearer ${token}\r\n\r\n`;
  const answer = await exchange({ host, port }, text);
  expect(answer.body).not.toContain('shop');
  expect([0, 400]).toContain(answer.status);
  const old = ['s_client', '-connect', `${host}:${port}`, '-tls1_1', '-cipher', 'ALL:@SECLEVEL=0'];
  expect(spawnSync('openssl', old, { input: '', timeout: 10_000 }).status).not.toBe(0);
});
