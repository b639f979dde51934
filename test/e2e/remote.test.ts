// A daemon that is spoken to over an address, with a certificate and a token, by the command line and the library.
import { execFileSync } from 'node:child_process';
import { chmodSync, readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createClient } from '../../src/client/client.ts';
import { systemClock } from '../../src/clock/system.ts';
import { type Ran, type World, cliWorld } from './cli-world.ts';

const TEXT = `
name = "shop"

[services.db]
command = ["sleep", "1000"]
settle = "10ms"

[services.web]
command = ["sh", "-c", "echo hello; exec sleep 1000"]
depends_on = ["db"]
settle = "10ms"
`;

let world: World;
let url = '';
let admin = '';

beforeAll(async () => {
  world = cliWorld(TEXT);
  const how = ['-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-days', '2'];
  const subject = ['-subj', '/CN=localhost', '-addext', 'subjectAltName=IP:127.0.0.1'];
  const files = ['-keyout', join(world.folder, 'shop.key'), '-out', join(world.folder, 'shop.pem')];
  execFileSync('openssl', ['req', ...how, ...files, ...subject], { stdio: 'ignore' });
  chmodSync(join(world.folder, 'shop.key'), 0o600);
  admin = ((await world.json(['token', 'new', 'admin', '--role', 'admin'])) as { readonly token: string }).token;
  const up = await world.run([
    'up',
    '-d',
    '--listen',
    '127.0.0.1:0',
    '--tls-cert',
    'shop.pem',
    '--tls-key',
    'shop.key',
  ]);
  expect(up).toMatchObject({ code: 0 });
  url = `https://${(await listening()) ?? ''}`;
}, 60_000);

afterAll(() => world[Symbol.asyncDispose]());

async function listening(): Promise<string | undefined> {
  const { listeners } = (await world.json(['daemon', 'status'])) as {
    readonly listeners: readonly { readonly address: string; readonly kind: string }[];
  };
  return listeners.find(({ kind }) => kind === 'tcp')?.address;
}

/** Runs it in a folder without a definition, so that nothing but the address can lead to the project. */
const there = (args: readonly string[], env: Record<string, string> = {}): Promise<Ran> =>
  world.run(args, {
    cwd: '/',
    env: { ROUSE_HOST: url, ROUSE_CA: join(world.folder, 'shop.pem'), ROUSE_TOKEN: admin, ...env },
  });

test('verbs look and give orders over the address', async () => {
  expect((await there(['ps', '--json=name,state'])).stdout).toBe(
    '[{"name":"db","state":"ready"},{"name":"web","state":"ready"}]\n',
  );
  expect(await there(['restart', 'web'])).toMatchObject({ code: 0 });
  expect((await there(['logs', 'web', '-n', '1'])).stdout).toContain('hello');
  expect((await there(['events'])).stdout).toContain('restart');
  expect(await there(['stop', 'web'])).toMatchObject({ code: 0 });
  expect(await there(['up', '-d'])).toMatchObject({ code: 0 });
  expect(await there(['wait', 'web', '--for', 'ready'])).toMatchObject({ code: 0 });
  expect((await there(['explain', 'web'])).stdout).toContain('ready');
});

test('a token is made, used and revoked over the address', async () => {
  const made = await there(['token', 'new', 'ci', '--role', 'operator', '--services', 'web', '--json']);
  const { token } = JSON.parse(made.stdout) as { readonly token: string };
  expect((await there(['ps', '-o', 'name'], { ROUSE_TOKEN: token })).stdout).toBe('web\n');
  expect(await there(['stop', 'db'], { ROUSE_TOKEN: token })).toMatchObject({ code: 5 });
  expect(await there(['token', 'ls'], { ROUSE_TOKEN: token })).toMatchObject({
    code: 5,
    stderr: expect.stringContaining('RSE4113'),
  });
  expect((await there(['token', 'revoke', 'ci'])).stdout).toMatch(/^revoked: ci \(tok_/);
  expect(await there(['ps'], { ROUSE_TOKEN: token })).toMatchObject({
    code: 5,
    stderr: expect.stringContaining('RSE4112'),
  });
});

test('a token is read from a file that is closed to others', async () => {
  const file = world.write('token', `${admin}\n`);
  chmodSync(file, 0o644);
  expect(await there(['ps', '--token-file', file], { ROUSE_TOKEN: '' })).toMatchObject({
    code: 2,
    stderr: expect.stringContaining('open to others'),
  });
  chmodSync(file, 0o600);
  expect(await there(['ps', '--token-file', file], { ROUSE_TOKEN: '' })).toMatchObject({ code: 0 });
});

test.for([
  ['a certificate that is not believed', { ROUSE_CA: '' }, 'RSE3002', 'signed by itself'],
  ['no token', { ROUSE_TOKEN: '' }, 'RSE4112', 'there is no credential'],
  ['a wrong token', { ROUSE_TOKEN: 'rse_wrong' }, 'RSE4112', 'unknown'],
  ['plain HTTP to a listener with TLS', { ROUSE_HOST: 'plain' }, 'RSE3002', 'cannot reach the daemon'],
  ['a token in the clear to another machine', { ROUSE_HOST: 'http://192.0.2.1:1' }, 'RSE3002', 'in the clear'],
] as const)('%s is refused with the address and the reason', async ([, env, code, words]) => {
  const host = 'ROUSE_HOST' in env && env.ROUSE_HOST === 'plain' ? { ROUSE_HOST: url.replace('https', 'http') } : env;
  const { code: exit, stderr } = await there(['ps'], host);
  expect([exit, stderr]).toEqual([5, expect.stringContaining(code)]);
  expect(stderr).toContain(words);
  expect(stderr).toContain('ROUSE_HOST' in env ? '' : url.replace('https://', ''));
  expect(stderr).not.toContain(admin);
});

test.for(['exec web', 'reload -y', 'diff', 'daemon start', 'daemon restart', 'daemon logs', 'up --listen 127.0.0.1:1'])(
  'rouse %s is done on the machine of the daemon, and says so',
  async (line) => {
    const { stderr, code } = await there(line.split(' '));
    expect([code === 0, stderr]).toEqual([false, expect.stringContaining('it is done on the machine of the daemon')]);
  },
);

test('an address that holds another project than the one that is named is not used', async () => {
  expect(await there(['down', '-p', 'staging'])).toMatchObject({ code: 6, stderr: expect.stringContaining('RSE4010') });
  expect(await there(['ps', '-p', 'shop'])).toMatchObject({ code: 0 });
});

test('a redirect is not followed, and the token does not go where it points', async () => {
  const asked: (string | undefined)[] = [];
  const server = createServer((request, response) => {
    asked.push(request.url);
    response.writeHead(307, { location: `${url}/api/v1/system` }).end();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  const { code, stderr } = await there(['ps'], { ROUSE_HOST: `http://127.0.0.1:${port}` });
  server.close();
  expect([code, asked.length, stderr]).toEqual([5, 1, expect.stringContaining('where we do not go')]);
});

test('programs speak to it as the command line does, streams too', async () => {
  const ca = readFileSync(join(world.folder, 'shop.pem'), 'utf8');
  using client = createClient({ baseUrl: url, token: admin, ca, clock: systemClock({ keepAlive: 'yes' }) });
  expect(await client.daemon.status()).toMatchObject({ project: 'shop' });
  const stop = new AbortController();
  for await (const event of client.events.follow({ snapshot: 'first', signal: stop.signal })) {
    expect(event.type).toBe('snapshot');
    stop.abort();
  }
});

test('where it listens outlasts a restart, differs by refusal, and is changed by the restart that says so', async () => {
  expect(await world.run(['up', '-d', '--listen', '127.0.0.1:1'])).toMatchObject({
    code: 6,
    stderr: expect.stringContaining('RSE3010'),
  });
  expect(await world.run(['daemon', 'restart'])).toMatchObject({ code: 0 });
  expect(await listening()).toMatch(/^127\.0\.0\.1:/);
  expect(await world.run(['daemon', 'restart', '--listen', '0.0.0.0:0'])).toMatchObject({
    code: 2,
    stderr: expect.stringContaining('RSE3009'),
  });
  expect(await world.run(['daemon', 'restart', '--listen', 'none'])).toMatchObject({ code: 0 });
  expect(await listening()).toBeUndefined();
});

test('tokens that are made by several commands at once are all there', async () => {
  const names = Array.from({ length: 6 }, (_, at) => `at-once-${at}`);
  const runs = await Promise.all(names.map((name) => world.run(['token', 'new', name, '--role', 'viewer'])));
  expect(runs.map(({ code }) => code)).toEqual(names.map(() => 0));
  const tokens = (await world.json(['token', 'ls'])) as readonly { readonly name: string }[];
  expect(tokens.map(({ name }) => name)).toEqual(expect.arrayContaining(names));
});
