// The trail cannot be written: the disk below it is full, or something lies in its place. Nobody changes anything then.
import { execFileSync } from 'node:child_process';
import {
  lstatSync,
  mkdtempSync,
  readFileSync,
  renameSync,
  rmSync,
  rmdirSync,
  statfsSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { verifyTrail } from '../../src/audit/verify.ts';
import { until } from '../e2e/daemon-world.ts';
import { type AttackWorld, attackWorld } from './attack-world.ts';

let disk: string;
let ground: AttackWorld;
beforeAll(async () => {
  disk = mkdtempSync(join(tmpdir(), 'disk-'));
  execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=8m,mode=0711', 'rouse-test', disk]);
  const services = `
[services.web]
command = "sleep 1000"
restart = { policy = "always", delay = "100ms" }
settle = "100ms"
`;
  ground = await attackWorld(services, { at: { state: join(disk, 'state') } });
});
afterAll(async () => {
  rmSync(join(disk, 'ballast'), { force: true });
  rmSync(join(disk, 'elsewhere'), { force: true });
  if (lstatSync(ground.shop.paths.audit, { throwIfNoEntry: false })?.isSymbolicLink() === true)
    renameSync(`${ground.shop.paths.audit}.kept`, ground.shop.paths.audit);
  try {
    await ground[Symbol.asyncDispose]();
  } finally {
    execFileSync('umount', ['--lazy', disk]);
    rmdirSync(disk);
  }
});

/** Takes what room there is, to the last byte that a file can have. */
function fill(): void {
  const { bavail, bsize } = statfsSync(disk);
  writeFileSync(join(disk, 'ballast'), Buffer.alloc(bavail * bsize));
  expect(() => writeFileSync(join(disk, 'more'), Buffer.alloc(1024 * 1024))).toThrow('ENOSPC');
  rmSync(join(disk, 'more'), { force: true });
}

const runOf = async () => {
  const [service] = await ground.shop.connect().services.list();
  return { pid: service?.pid ?? 0, run: service?.run ?? 0 };
};

test('row 30: on a full disk what cannot be put on record is not done, services go on, and all is well when there is room', async () => {
  const client = ground.shop.connect();
  const before = await runOf();
  fill();
  // Records up to the end of a page that is there already may still be written: of orders that change nothing.
  const harmless = () => ground.ask('POST', '/api/v1/services/web/start', { body: '{}' });
  await until(async () => (await harmless()).status === 503, 'nothing can be put on record');
  const held = await runOf();
  for (const [method, path, body] of [
    ['POST', '/api/v1/services/web/restart', '{}'],
    ['POST', '/api/v1/services/web/stop', '{}'],
    ['POST', '/api/v1/system/stop', '{"mode":"down"}'],
    ['POST', '/api/v1/tokens', '{"name":"evil","role":"admin"}'],
    ['PUT', '/api/v1/definition', '{"name":"shop","services":{}}'],
  ] as const)
    expect(
      await ground.refusedWithoutTrace(() => ground.ask(method, path, { body, headers: ['if-match: *'] }), {
        status: 503,
        code: 'RSE4119',
        recorded: 'no',
      }),
    ).toBe('refused');
  expect((await ground.ask('GET', '/api/v1/tokens')).body).not.toContain('evil');
  expect((await client.daemon.status()).audit).toMatchObject({
    state: 'degraded',
    why: expect.stringMatching(/full|space/i),
  });
  expect(await runOf()).toEqual(held);

  // A start that could not be remembered is not made either: what died meanwhile waits for room.
  process.kill(held.pid, 'SIGKILL');
  rmSync(join(disk, 'ballast'));
  await until(isAfter(held.run), 'it was started again');
  await until(async () => (await client.daemon.status()).audit.state === 'whole', 'there is room for records again');
  expect((await ground.ask('POST', '/api/v1/services/web/restart', { body: '{}' })).status).toBeLessThan(300);
  expect((await runOf()).run).toBeGreaterThan(before.run);
  await wholeAgain();
});

/** Whether it runs, and not for the time of that number. */
const isAfter = (last: number) => async () => {
  const { pid, run } = await runOf();
  return pid > 0 && run > last;
};

const isReady = async () => {
  const [web] = await ground.shop.connect().services.list();
  return web?.phase === 'ready';
};

/** Nothing contradicts the trail. */
async function wholeAgain(): Promise<void> {
  const { audit: path } = ground.shop.paths;
  const { verdict, faults } = await verifyTrail({ path, from: null, expected: null, anchorFiles: [] });
  expect([verdict, faults]).toEqual(['whole', []]);
}

test('row 30: a trail that somebody put a link in place of is not written through it, and services are started again meanwhile', async () => {
  const { audit } = ground.shop.paths;
  const elsewhere = join(disk, 'elsewhere');
  writeFileSync(elsewhere, '');
  renameSync(audit, `${audit}.kept`);
  symlinkSync(elsewhere, audit);
  const attack = () => ground.ask('POST', '/api/v1/services/web/stop', { body: '{}' });
  await until(isReady, 'the last restart is over');
  expect(await ground.refusedWithoutTrace(attack, { status: 503, code: 'RSE4119', recorded: 'no' })).toBe('refused');
  expect((await ground.shop.connect().daemon.status()).audit.state).toBe('degraded');
  const held = await runOf();
  process.kill(held.pid, 'SIGKILL');
  await until(isAfter(held.run), 'it was started again');
  expect(readFileSync(elsewhere, 'utf8')).toBe('');
  rmSync(audit);
  renameSync(`${audit}.kept`, audit);
  await until(async () => (await attack()).status < 300, 'orders are put on record again');
  await wholeAgain();
});
