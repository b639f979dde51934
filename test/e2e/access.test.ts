// Who gets in: listeners on addresses and sockets of roles, of real daemons, asked by real connections.
import { execFileSync, spawnSync } from 'node:child_process';
import { chmodSync, lstatSync, readdirSync, statSync } from 'node:fs';
import { type RequestOptions, request } from 'node:http';
import { request as secureRequest } from 'node:https';
import { type Socket, connect } from 'node:net';
import { dirname, join } from 'node:path';
import { connect as secureConnect } from 'node:tls';
import { describe, expect, test } from 'vitest';
import { openTokens } from '../../src/access/tokens.ts';
import type { ApiSystem } from '../../src/contract/api-system.ts';
import type { ListenRule } from '../../src/model/policy.ts';
import type { Role } from '../../src/model/role.ts';
import { CLOCK, type World, until, world } from './daemon-world.ts';

const TWO = '[services.web]\ncommand = ["sleep", "1000"]\n[services.db]\ncommand = ["sleep", "1000"]\n';
const LOOPBACK: ListenRule = { host: '127.0.0.1', port: 0, tls: null, plainHttp: 'loopback-only' };
const isRoot = process.getuid?.() === 0;

interface Answer {
  readonly status: number;
  readonly text: string;
  readonly headers: NodeJS.Dict<string | string[]>;
}

type Asking = RequestOptions & { readonly body?: object; readonly token?: string };

function ask(to: RequestOptions, path: string, asking: Asking = {}): Promise<Answer> {
  const { body, token, headers = {}, ...more } = asking;
  const send = 'ca' in to ? secureRequest : request;
  return new Promise((resolve, reject) => {
    const own = {
      ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
      ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      ...(headers as Record<string, string>),
    };
    const sent = send({ ...to, path, ...more, agent: false, headers: own }, (message) => {
      let text = '';
      message.setEncoding('utf8');
      message.on('data', (chunk: string) => {
        text += chunk;
      });
      message.on('end', () => resolve({ status: message.statusCode ?? 0, text, headers: message.headers }));
      message.on('error', reject);
    });
    sent.on('error', reject);
    sent.end(body === undefined ? undefined : JSON.stringify(body));
  });
}

/** Makes a token beside the daemon, as `rouse token new` does without asking it. */
function tokenIn({ paths, order }: World, role: Role, services: readonly string[] = []): string {
  execFileSync('mkdir', ['-p', '-m', '0700', order.folders.state, paths.state]);
  using book = openTokens({
    path: paths.tokens,
    clock: CLOCK,
    secret: (size) => crypto.getRandomValues(new Uint8Array(size)),
    say: () => undefined,
  });
  const name = `${role}-${services.join('-')}x`.replaceAll('*', 's');
  return book.add({ name, role, services, logs: 'hidden', expiresMs: null }).credential;
}

async function listening(system: Promise<ApiSystem>): Promise<{ readonly host: string; readonly port: number }> {
  const { listeners } = await system;
  const [host = '', port = ''] = (listeners.find(({ kind }) => kind === 'tcp')?.address ?? '').split(':');
  return { host, port: Number(port) };
}

describe('a listener on this machine', () => {
  test('answers 401 while there is no token, says how to make one, and knows one that is made at once', async () => {
    await using shop = world(TWO);
    const client = await shop.start({ listen: [LOOPBACK] });
    const to = await listening(client.daemon.status());
    for (const path of ['/', '/api/v1/services/status', '/api/v1/events', '/nothing'])
      expect((await ask(to, path)).status).toBe(401);
    expect((await ask(to, '/healthz')).text).toBe('{"status":"ok"}');
    expect(shop.log()).toContain('rouse token new NAME --role admin');
    const token = tokenIn(shop, 'viewer');
    await until(async () => (await ask(to, '/api/v1/services/status', { token })).status === 200, 'the token is known');
    expect((await client.daemon.status()).tokens).toBe(1);
  });

  test('is not reached by another name, whoever asks and whatever for', async () => {
    await using shop = world(TWO);
    const token = tokenIn(shop, 'admin');
    const to = await listening((await shop.start({ listen: [LOOPBACK] })).daemon.status());
    for (const path of ['/healthz', '/api/v1/system', '/nothing'])
      expect((await ask(to, path, { token, headers: { host: `evil.example:${to.port}` } })).status).toBe(421);
    expect((await ask(to, '/api/v1/system', { token })).status).toBe(200);
    expect((await ask(to, '/api/v1/system', { token, headers: { host: `localhost:${to.port}` } })).status).toBe(200);
  });

  test('stops what a token reaches, and refuses whole what it does not', async () => {
    await using shop = world(`${TWO}[services.app]\ncommand = ["sleep", "1000"]\ndepends_on = ["db"]\n`);
    const token = tokenIn(shop, 'operator', ['web', 'app']);
    const client = await shop.start({ listen: [LOOPBACK] });
    const to = await listening(client.daemon.status());
    const order = (action: string, services: readonly string[] = []): Promise<Answer> =>
      ask(to, '/api/v1/changes?wait=20s', { method: 'POST', token, body: { action, services } });
    const up = await order('start', ['app']);
    expect([up.status, up.text]).toEqual([403, expect.stringContaining('RSE4114')]);
    expect((await order('stop', ['db'])).status).toBe(403);
    expect((await client.services.list()).map(({ phase }) => phase)).toEqual(['stopped', 'stopped', 'stopped']);
    expect((await order('start', ['web'])).status).toBe(200);
    const shown = await ask(to, '/api/v1/services/status', { token });
    expect(shown.text).toContain('{"name":"web","status":"Running"}');
    expect(shown.text).not.toContain('db');
    const whole = await client.changes.create({ action: 'up' });
    await client.changes.settled(whole.id);
    expect((await order('down')).status).toBe(200);
    const after = await client.services.list();
    expect(after.map(({ name, phase }) => `${name} ${phase}`).toSorted()).toEqual([
      'app stopped',
      'db ready',
      'web stopped',
    ]);
  });

  test('lets go who sends his headers slowly, and keeps answering others meanwhile', async () => {
    await using shop = world(TWO);
    const client = await shop.start({ listen: [LOOPBACK] });
    const to = await listening(client.daemon.status());
    const silent = connect(to);
    const slow = connect(to, () => slow.write('GET / HTTP/1.1\r\nHost: a\r\n'));
    for (const socket of [silent, slow]) socket.resume();
    const drip = CLOCK.monotonic();
    let timer = CLOCK.after(1000, function again() {
      if (slow.writable) slow.write('x: y\r\n');
      timer = CLOCK.after(1000, again);
    });
    await Promise.all([silent, slow].map((socket) => closed(socket)));
    timer[Symbol.dispose]();
    const tookMs = CLOCK.monotonic() - drip;
    expect(tookMs).toBeGreaterThan(8000);
    expect(tookMs).toBeLessThan(14_000);
    expect((await client.daemon.status()).state).toBe('running');
  }, 30_000);

  test('answers a thousand requests of a connection, and lets go one that is idle', async () => {
    await using shop = world(TWO);
    const to = await listening((await shop.start({ listen: [LOOPBACK] })).daemon.status());
    const request = `GET /healthz HTTP/1.1\r\nHost: 127.0.0.1:${to.port}\r\n\r\n`;
    const heard = async (bytes: string): Promise<readonly string[]> => {
      const socket = connect(to, () => socket.write(bytes));
      let text = '';
      socket.on('data', (chunk) => {
        text += chunk.toString('latin1');
      });
      await closed(socket);
      return text.match(/HTTP\/1\.1 \d+/g) ?? [];
    };
    const all = await heard(request.repeat(1001));
    expect(all.filter((line) => line.endsWith('200'))).toHaveLength(1000);
    const from = CLOCK.monotonic();
    expect(await heard(request)).toEqual(['HTTP/1.1 200']);
    const idleMs = CLOCK.monotonic() - from;
    expect(idleMs).toBeGreaterThan(4000);
    expect(idleMs).toBeLessThan(9000);
  }, 30_000);

  test('takes 1,024 connections and no more, and the sockets answer all the same', async () => {
    await using shop = world(TWO);
    const client = await shop.start({ listen: [LOOPBACK] });
    const to = await listening(client.daemon.status());
    const sockets = Array.from({ length: 1100 }, () => connect(to));
    const refused = new Set<Socket>();
    for (const socket of sockets) {
      socket.on('error', () => undefined);
      socket.on('close', () => refused.add(socket));
    }
    await until(() => refused.size >= 1100 - 1024, 'what is too much is cut');
    expect((await client.services.list()).length).toBe(2);
    expect(refused.size).toBe(1100 - 1024);
    for (const socket of sockets) socket.destroy();
  }, 30_000);
});

describe('a listener beyond this machine', () => {
  const far: ListenRule = { ...LOOPBACK, host: '0.0.0.0' };

  test.for([
    ['without a certificate', far, 'yes', /there is no certificate/],
    ['without a token', { ...far, plainHttp: 'typed-out' }, 'no', /there is no token/],
  ] as const)('%s keeps the daemon from starting, which says why', async ([, rule, token, words]) => {
    await using shop = world(TWO);
    if (token === 'yes') tokenIn(shop, 'admin');
    await expect(shop.start({ listen: [rule] })).rejects.toMatchObject({
      code: 'RSE3009',
      message: expect.stringMatching(words) as string,
    });
    expect(readdirSync(shop.paths.runtime).filter((name) => name.endsWith('.sock'))).toEqual([]);
    expect(shop.log()).toContain('refused: cannot listen on 0.0.0.0:0');
  });

  test('speaks plain HTTP where that was typed out, by the addresses of this machine, and takes no definition', async () => {
    await using shop = world(TWO);
    const token = tokenIn(shop, 'admin');
    const client = await shop.start({ listen: [{ ...far, plainHttp: 'typed-out' }] });
    const { port } = await listening(client.daemon.status());
    const to = { host: '127.0.0.1', port };
    expect((await ask(to, '/api/v1/system', { token })).status).toBe(200);
    expect((await ask(to, '/api/v1/system', { token, headers: { host: `0.0.0.0:${port}` } })).status).toBe(421);
    const put = await ask(to, '/api/v1/definition', {
      method: 'PUT',
      token,
      body: { services: {} },
      headers: { 'if-match': '*' },
    });
    expect([put.status, put.text]).toEqual([403, expect.stringContaining('RSE4118')]);
  });
});

describe('TLS', () => {
  const make = (folder: string, name: string, days = 2): { readonly cert: string; readonly key: string } => {
    const [cert, key] = [join(folder, `${name}.crt`), join(folder, `${name}.key`)];
    const subject = ['-subj', '/CN=localhost', '-addext', 'subjectAltName=DNS:localhost,IP:127.0.0.1'];
    const how = ['-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-days', String(days)];
    execFileSync('openssl', ['req', ...how, '-keyout', key, '-out', cert, ...subject], { stdio: 'ignore' });
    chmodSync(key, 0o600);
    return { cert, key };
  };

  test('is spoken from 1.2 on, with the certificate that was given', async () => {
    await using shop = world(TWO);
    const token = tokenIn(shop, 'viewer');
    const tls = make(shop.root, 'own');
    const client = await shop.start({ listen: [{ ...LOOPBACK, host: '0.0.0.0', tls }] });
    const { port } = await listening(client.daemon.status());
    const { readFileSync } = await import('node:fs');
    const to = { host: '127.0.0.1', port, ca: readFileSync(tls.cert), servername: 'localhost' };
    const answer = await ask(to, '/api/v1/services/status', { token });
    expect(answer.status).toBe(200);
    expect((await client.daemon.status()).listeners.at(-1)).toMatchObject({ kind: 'tcp', tls: true, role: null });
    await expect(ask({ host: '127.0.0.1', port }, '/healthz')).rejects.toThrow();
    const old = secureConnect({ ...to, minVersion: 'TLSv1', maxVersion: 'TLSv1.1', ciphers: 'ALL:@SECLEVEL=0' });
    const words = await new Promise<string>((resolve) => {
      old.on('error', (error) => resolve(error.message));
      old.on('secureConnect', () => resolve('connected'));
    });
    expect(words).not.toBe('connected');
  });

  test('with files that do not serve keeps the daemon from starting, and names the file and the cause', async () => {
    await using shop = world(TWO);
    tokenIn(shop, 'admin');
    const [own, other] = [make(shop.root, 'own'), make(shop.root, 'other')];
    const rule = { ...LOOPBACK, host: '0.0.0.0' };
    const start = (tls: ListenRule['tls']): Promise<unknown> => shop.start({ listen: [{ ...rule, tls }] });
    await expect(start({ ...own, cert: join(shop.root, 'none.crt') })).rejects.toMatchObject({
      code: 'RSE3009',
      message: expect.stringMatching(/none\.crt" for TLS: .*not there/) as string,
    });
    await expect(start({ ...own, key: other.key })).rejects.toThrow(
      /other\.key" for TLS: it does not fit ".*own\.crt"/,
    );
    await expect(start({ ...own, cert: own.key })).rejects.toThrow(/own\.key" for TLS: it holds no certificate/);
  });
});

describe('the socket of a group', () => {
  const GROUPS = '[security]\noperate_group = "games"\nview_group = "users"\n';
  const groupId = (name: string): number =>
    Number(execFileSync('getent', ['group', name], { encoding: 'utf8' }).split(':')[2]);

  const asUser = (groups: string, args: readonly string[]): { readonly code: number | null; readonly text: string } => {
    const done = spawnSync(
      'setpriv',
      ['--reuid=54321', '--regid=54321', ...(groups === '' ? ['--clear-groups'] : [`--groups=${groups}`]), ...args],
      { encoding: 'utf8' },
    );
    return { code: done.status, text: done.stdout };
  };
  const curl = (socket: string, path: string, ...more: readonly string[]): readonly string[] => [
    'curl',
    '-s',
    '--unix-socket',
    socket,
    ...more,
    `http://localhost${path}`,
  ];

  // breaks tests: only root may become another user.
  test.runIf(isRoot)('is for its members, in their role, and nothing else of the folder is', async () => {
    await using shop = world(TWO + GROUPS);
    for (const folder of [dirname(shop.root), shop.root]) chmodSync(folder, 0o711);
    const client = await shop.start();
    const [operators, viewers] = [String(groupId('games')), String(groupId('users'))];
    const { operateSocket, viewSocket, socket } = shop.paths;
    for (const [path, group] of [
      [operateSocket, operators],
      [viewSocket, viewers],
    ] as const) {
      const { mode, uid, gid } = lstatSync(path);
      expect([(mode & 0o777).toString(8), uid, String(gid)]).toEqual(['660', 0, group]);
    }
    const start = curl(
      operateSocket,
      '/api/v1/services/web/start?wait=20s',
      '-X',
      'POST',
      '-H',
      'content-type: application/json',
      '-d',
      '{}',
    );
    expect(asUser(operators, start).text).toContain('"state":"done"');
    expect(asUser(operators, curl(operateSocket, '/api/v1/definition')).text).toContain('RSE4113');
    expect(asUser(viewers, curl(viewSocket, '/api/v1/services/status')).text).toContain('Running');
    expect(asUser(viewers, curl(viewSocket, '/api/v1/logs')).text).toContain('RSE4113');
    for (const [groups, path] of [
      [operators, viewSocket],
      [viewers, operateSocket],
      ['', operateSocket],
      ['', viewSocket],
      [operators, socket],
    ] as const)
      expect(asUser(groups, curl(path, '/healthz'))).toEqual({ code: 7, text: '' });
    expect((await client.services.get('web')).phase).toBe('ready');
  });

  // breaks tests: only root may become another user.
  test.runIf(isRoot)('is in a folder that others pass through and do not see, with everything else shut', async () => {
    await using shop = world(TWO + GROUPS);
    for (const folder of [dirname(shop.root), shop.root]) chmodSync(folder, 0o711);
    const client = await shop.start();
    await client.changes.settled((await client.changes.create({ action: 'up' })).id);
    const open = readdirSync(shop.paths.runtime).filter(
      (name) => (statSync(join(shop.paths.runtime, name)).mode & 0o077) !== 0,
    );
    expect(open.toSorted()).toEqual(['operate.sock', 'view.sock']);
    expect(asUser(String(groupId('games')), ['ls', shop.paths.runtime]).code).not.toBe(0);
    expect((statSync(shop.paths.runtime).mode & 0o777).toString(8)).toBe('711');
  });

  // breaks tests: only root may become another user.
  test.runIf(isRoot)('goes when its group is no longer named', async () => {
    await using shop = world(TWO + GROUPS);
    await (await shop.start()).daemon.status();
    await shop.kill();
    shop.write(TWO);
    await shop.start();
    expect(readdirSync(shop.paths.runtime).filter((name) => name.endsWith('.sock'))).toEqual(['admin.sock']);
  });

  // breaks tests: only root may become another user.
  test.runIf(isRoot)('is refused for a group that is not there, by its name', async () => {
    await using shop = world(`${TWO}[security]\noperate_group = "no-such-group"\n`);
    await expect(shop.start()).rejects.toThrow(/no-such-group/);
  });
});

function closed(socket: Socket): Promise<void> {
  return new Promise((resolve) => {
    socket.on('error', () => undefined);
    socket.on('close', () => resolve());
  });
}
