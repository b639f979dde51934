// Rows about services that were broken into: what they can reach, what they can make others believe, and what stays on record.
import { execFileSync } from 'node:child_process';
import { readFileSync, readdirSync, readlinkSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { until } from '../e2e/daemon-world.ts';
import { type AttackWorld, asStranger, attackWorld } from './attack-world.ts';

const ENTRY = join(import.meta.dirname, '../../bin/rouse.js');
const HOSTILE = String.raw`printf 'begin\033[2J\033]0;owned\007\rgone\302\233x\342\200\256end\n'; exec sleep 1000`;

let ground: AttackWorld;
beforeAll(async () => {
  ground = await attackWorld(`
[services.loud]
command = ["/bin/sh", "-c", ${JSON.stringify(HOSTILE)}]
settle = "200ms"
env = { PLAIN = "plain-value" }
[services.long]
command = ["/bin/sh", "-c", "head -c 300000 /dev/zero | tr '\\\\0' a; echo; exec sleep 1000"]
settle = "200ms"
[services.nobody]
command = ["/bin/sleep", "1000"]
user = "61185"
`);
});
afterAll(async () => {
  await ground[Symbol.asyncDispose]();
});

function rouse(...words: readonly string[]): string {
  const { root } = ground.shop;
  const env = {
    PATH: process.env['PATH'] ?? '',
    HOME: root,
    ROUSE_RUNTIME_DIR: join(root, 'run'),
    ROUSE_STATE_DIR: join(root, 'state'),
  };
  return execFileSync(process.execPath, [ENTRY, ...words], { cwd: root, env, encoding: 'utf8' });
}

async function statusOf(name: string): Promise<{ readonly pid: number; readonly text: string }> {
  const service = (await ground.shop.connect().services.list()).find((each) => each.name === name);
  const pid = service?.pid ?? 0;
  return { pid, text: readFileSync(`/proc/${pid}/status`, 'utf8') };
}

test('row 14: output lies where no service can put a link in its place', () => {
  const { logs } = ground.shop.paths;
  expect(statSync(logs).mode & 0o077).toBe(0);
  expect(statSync(logs).uid).toBe(0);
});

test('row 15: no service can name another process to be ended: there are no pid files', async () => {
  const body = JSON.stringify({ name: 'shop', services: { web: { command: ['/bin/true'], pid_file: '/tmp/x' } } });
  const answer = await ground.ask('PUT', '/api/v1/definition', { body, headers: ['if-match: *'] });
  expect(answer.status).toBe(422);
});

test('row 16: a service has its own user, no capability, and none to be gained', async () => {
  const { text } = await statusOf('nobody');
  expect(text).toMatch(/^Uid:\t61185\t61185\t61185\t61185$/m);
  expect(text).toMatch(/^Groups:\t *$/m);
  for (const set of ['CapInh', 'CapPrm', 'CapEff', 'CapBnd', 'CapAmb'])
    expect(text).toMatch(new RegExp(`^${set}:\t0+$`, 'm'));
  expect(text).toMatch(/^NoNewPrivs:\t1$/m);
});

test('row 17: a service of another user cannot speak to the daemon', async () => {
  const { socket } = ground.shop.paths;
  expect(asStranger(['curl', '-sS', '--unix-socket', socket, 'http://h/api/v1/system'], 61_185).code).toBe(7);
});

test('row 18: what a service prints cannot control the terminal, but with --raw', async () => {
  await until(() => rouse('logs', 'loud', '--raw', '--no-prefix').includes('end'), 'it has spoken');
  const shown = rouse('logs', 'loud');
  expect(shown).toContain(String.raw`begin\u001b[2J\u001b]0;owned\u0007\u000dgone\u009bx\u202eend`);
  expect(shown.replaceAll('\n', '')).not.toMatch(/\p{C}/u);
  expect(rouse('logs', 'loud', '--raw', '--no-prefix')).toContain(
    'begin\u001B[2J\u001B]0;owned\u0007\rgone\u009Bx\u202Eend',
  );
  expect(rouse('logs', 'loud', '--json').replaceAll('\n', '')).not.toMatch(/\p{C}/u);
  expect(rouse('status', 'loud').replaceAll('\n', '')).not.toMatch(/\p{C}/u);
});

test('row 20: values of the environment are in no answer and on no record', async () => {
  for (const path of ['/api/v1/services', '/api/v1/services/loud', '/api/v1/services/list', '/api/v1/events'])
    expect((await ground.ask('GET', path)).body).not.toContain('plain-value');
  expect(JSON.stringify(ground.records())).not.toContain('plain-value');
});

test('row 21: a service has nothing of the environment of the daemon, and none of its files', async () => {
  const { pid } = await statusOf('loud');
  const names = readFileSync(`/proc/${pid}/environ`, 'utf8')
    .split('\0')
    .map((each) => each.split('=')[0]);
  for (const name of ['TMPDIR', 'ROUSE_STATE_DIR', 'NODE_OPTIONS', 'VITEST']) expect(names).not.toContain(name);
  const open = readdirSync(`/proc/${pid}/fd`).map((fd) => `${fd} ${readlinkSync(`/proc/${pid}/fd/${fd}`)}`);
  // What the daemon itself was handed by whoever began it is covered by nothing, since Node cannot close it for a child.
  expect(open.filter((each) => !/^[012] |^\d+ \/dev\/null$/.test(each))).toEqual([]);
});

test('row 26: a line without end is cut, and said to be', async () => {
  const lines = (): readonly { readonly text: string; readonly cut: boolean }[] =>
    JSON.parse(rouse('logs', 'long', '--json'));
  await until(() => lines().length > 1, 'it has spoken');
  expect(Math.max(...lines().map(({ text }) => text.length))).toBeLessThanOrEqual(64 * 1024);
  expect(lines().some(({ cut }) => cut)).toBe(true);
});

test('row 31: nobody writes a record by what he says', async () => {
  const forged = encodeURIComponent('x","hash":"0"}\n{"v":1,"seq":99999,"stage":"done"}');
  await ground.ask('POST', `/api/v1/services/${forged}/stop`, { body: '{}' });
  expect(ground.records().map(({ seq }) => seq)).toEqual(ground.records().map((_, at) => at));
  expect(ground.records().some(({ seq }) => seq === 99_999)).toBe(false);
});

test('row 33: a user beyond what the kernel counts is none', async () => {
  for (const user of ['4294967295', '4294967296', '2147483648', '-1'])
    expect(
      (
        await ground.ask('PUT', '/api/v1/definition', {
          body: JSON.stringify({ name: 'shop', services: { web: { command: ['/bin/sleep', '1'], user } } }),
          headers: ['if-match: *'],
        })
      ).status,
    ).toBe(422);
});

test('row 29: a record that was changed is found, and so is an end that is missing', () => {
  const { audit } = ground.shop.paths;
  const whole = readFileSync(audit, 'utf8');
  expect(rouse('audit', 'verify')).not.toContain('edited');
  const copy = join(ground.shop.root, 'copy.jsonl');
  writeFileSync(copy, whole.replace('"stage":"request"', '"stage":"deniedd"'), { mode: 0o600 });
  expect(() => rouse('audit', 'verify', '--from', copy)).toThrow(/status 1|Command failed/);
});
