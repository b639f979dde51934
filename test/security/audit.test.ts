// The trail of a real daemon: written by several processes at once, out of reach of other users, anchored elsewhere.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { anchorsIn } from '../../src/audit/anchors.ts';
import { verifyTrail } from '../../src/audit/verify.ts';
import { PROGRAM, until } from '../e2e/daemon-world.ts';
import { type AttackWorld, asStranger, attackWorld } from './attack-world.ts';

const ORDERS = 150;
const TOKENS = 8;
const NOTHING_MORE = { from: null, expected: null, anchorFiles: [] };

let ground: AttackWorld;
const kept = mkdtempSync(join(tmpdir(), 'rouse-anchors-'));
const anchors = join(kept, 'anchors');
beforeAll(async () => {
  ground = await attackWorld(`
[audit]
anchor_command = ["/usr/bin/tee", "-a", "${anchors}"]
[services.db]
command = "sleep 1000"
`);
});
afterAll(async () => {
  await ground[Symbol.asyncDispose]();
  rmSync(kept, { recursive: true });
});

test('row 29: a daemon and commands beside it write one trail, and no record is lost or torn', async () => {
  const { order, paths } = ground.shop;
  const env = { ...PROGRAM.env, ROUSE_RUNTIME_DIR: order.folders.runtime, ROUSE_STATE_DIR: order.folders.state };
  const [file = ''] = order.files;
  const [entry = ''] = PROGRAM.args;
  const make = async (name: string): Promise<void> => {
    const words = [entry, '-f', file, 'token', 'new', name, '--role', 'viewer'];
    const child = spawn(process.execPath, words, { env, stdio: 'ignore' });
    const [code] = await once(child, 'exit');
    expect(code).toBe(0);
  };
  const makeAll = async (line: string): Promise<void> => {
    for (let token = 0; token < TOKENS / 2; token += 1) await make(`${line}-${token}`);
  };
  const giveOrders = async (): Promise<void> => {
    for (let order = 0; order < ORDERS; order += 1)
      expect((await ground.ask('POST', '/api/v1/system/watch', { body: '{"watch":"off"}' })).status).toBe(200);
  };
  await Promise.all([makeAll('a'), makeAll('b'), giveOrders()]);

  const count = (action: string, stage: string): number =>
    ground.records().filter((record) => record['action'] === action && record['stage'] === stage).length;
  await until(() => count('system.watch', 'done') === ORDERS, 'the end of each order is on record');
  expect([count('system.watch', 'request'), count('token.create', 'request'), count('token.create', 'done')]).toEqual([
    ORDERS,
    TOKENS,
    TOKENS,
  ]);
  expect(ground.records().map(({ seq }) => seq)).toEqual(ground.records().map((_, place) => place));
  expect(await verifyTrail({ path: paths.audit, ...NOTHING_MORE })).toMatchObject({ verdict: 'whole', faults: [] });
});

test('row 29: another user can neither read, nor write, nor remove anything of the trail', async () => {
  const { audit, state } = ground.shop.paths;
  const files = [audit, join(state, 'audit.head'), join(state, 'audit.lock')];
  const before = readFileSync(audit);
  for (const path of files) {
    expect(statSync(path).mode & 0o777).toBe(0o600);
    for (const script of ['cat "$0"', 'echo {} >> "$0"', ': > "$0"', 'rm -f "$0"', 'ln "$0" "$0.mine"']) {
      const { code, text } = asStranger(['sh', '-c', script, path]);
      expect(code).not.toBe(0);
      expect(text).toContain('Permission denied');
    }
  }
  expect(readFileSync(audit)).toEqual(before);
});

test('row 29: a trail that was cut is found by the anchor that a command of the file has kept elsewhere', async () => {
  await until(() => existsSync(anchors) && anchorsIn(readFileSync(anchors, 'utf8')).length > 0, 'an anchor is kept');
  const { audit } = ground.shop.paths;
  const order = { ...NOTHING_MORE, anchorFiles: [anchors] };
  expect(await verifyTrail({ ...order, path: audit })).toMatchObject({ verdict: 'whole', faults: [] });

  const last = anchorsIn(readFileSync(anchors, 'utf8')).at(-1)?.seq ?? Number.NaN;
  const lines = readFileSync(audit, 'utf8').split('\n').slice(0, last);
  const elsewhere = join(ground.shop.root, 'cut');
  mkdirSync(elsewhere);
  const cut = join(elsewhere, 'audit.jsonl');
  const text = lines.map((line) => `${line}\n`).join('');
  writeFileSync(cut, text);
  const { seq, hash }: Record<string, unknown> = JSON.parse(lines.at(-1) ?? '');
  writeFileSync(join(elsewhere, 'audit.head'), JSON.stringify({ seq, hash, size: Buffer.byteLength(text) }));
  expect(await verifyTrail({ ...NOTHING_MORE, path: cut })).toMatchObject({ verdict: 'whole' });
  expect(await verifyTrail({ ...order, path: cut })).toMatchObject({ verdict: 'truncated' });
});
