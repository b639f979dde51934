import { execFileSync } from 'node:child_process';
import { mkdirSync, readFileSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { headPath } from '../../src/audit/ground.ts';
import { pageOfTrail } from '../../src/audit/page.ts';
import { recordOnce } from '../../src/audit/record-once.ts';
import { systemClock } from '../../src/clock/system.ts';
import type { AuditQuery } from '../../src/model/audit.ts';
import { GivenTrail, entryOf } from './given.ts';

const ALL: AuditQuery = {
  before: null,
  limit: 1000,
  since: null,
  until: null,
  action: null,
  target: null,
  actor: null,
  stage: null,
};

const actionsOf = async (trail: GivenTrail): Promise<string[]> =>
  (await pageOfTrail(trail.path, ALL)).records.map(({ action }) => action).toReversed();

test('an entry is in the file when before resolves, and the file is for its owner alone', async () => {
  using trail = new GivenTrail();
  await using writer = trail.writer();
  await writer.before(entryOf('service.stop'));
  expect(trail.lines()).toHaveLength(1);
  expect(statSync(trail.path).mode & 0o777).toBe(0o600);
  expect(writer.head().seq).toBe(0);
});

test('what is only noted is in the file when the writer has ended', async () => {
  using trail = new GivenTrail();
  {
    await using writer = trail.writer();
    writer.after(entryOf('service.stop', { stage: 'done' }));
  }
  expect(await actionsOf(trail)).toEqual(['service.stop']);
});

test('two writers of one trail make one chain', async () => {
  using trail = new GivenTrail();
  {
    await using one = trail.writer();
    await using other = trail.writer();
    for (let round = 0; round < 20; round += 1)
      await Promise.all([one, other, other].map((writer) => writer.before(entryOf('service.stop'))));
  }
  expect(await trail.verify()).toMatchObject({ verdict: 'whole', records: 60 });
});

test('a command without a daemon adds its record to the chain', async () => {
  using trail = new GivenTrail();
  await trail.write(2);
  const clock = systemClock({ keepAlive: 'yes' });
  const options = { path: trail.path, clock, boot: 'boot', host: 'vm', failure: () => 'refuse' as const };
  await recordOnce(options, entryOf('token.create'));
  expect(await trail.verify()).toMatchObject({ verdict: 'whole', records: 3 });
});

test('a crash at any byte of the last line is mended and put on record', async () => {
  using trail = new GivenTrail();
  await trail.write(2);
  const whole = readFileSync(trail.path);
  const head = readFileSync(headPath(trail.path));
  const next = readFileSync(trail.path).subarray(whole.indexOf(10) + 1);
  for (let cut = 1; cut < next.length; cut += 37) {
    writeFileSync(trail.path, Buffer.concat([whole, next.subarray(0, cut)]));
    await using writer = trail.writer();
    await writer.before(entryOf('again'));
    const [, , recovered = '', again = ''] = trail.lines();
    expect(recovered).toContain(`"action":"audit.recovered","target":null,"params":{"bytes":${cut},"sha256":"`);
    expect(again).toContain('"action":"again"');
    expect((await trail.verify()).verdict).toBe('whole');
    writeFileSync(trail.path, whole);
    writeFileSync(headPath(trail.path), head);
  }
});

test('records that are gone when the trail is opened stay missed in the chain for ever', async () => {
  using trail = new GivenTrail();
  await trail.write(5);
  trail.rewrite(trail.lines().slice(0, 3));
  {
    await using writer = trail.writer();
    await writer.before(entryOf('again'));
    expect(writer.contradiction).toMatch(/records after 2 are missing/);
    expect(writer.head().seq).toBe(6);
  }
  expect(await actionsOf(trail)).toContain('audit.contradicted');
  await trail.write(1);
  expect(await trail.verify()).toMatchObject({ verdict: 'truncated', faults: [{ line: 4, seq: 5 }] });
});

test('a last record that was changed is not gone on from', async () => {
  using trail = new GivenTrail();
  await trail.write(3);
  trail.rewrite(trail.lines().map((line, at) => (at === 2 ? line.replace('"web"', '"wob"') : line)));
  await trail.write(1);
  const { verdict, faults } = await trail.verify();
  expect(verdict).toBe('tampered');
  expect(faults[0]).toMatchObject({ kind: 'edited', line: 3 });
});

test('a link in place of the file is not followed', async () => {
  using trail = new GivenTrail();
  symlinkSync(join(trail.folder, 'elsewhere'), trail.path);
  await using writer = trail.writer();
  await expect(writer.before(entryOf('service.stop'))).rejects.toMatchObject({ code: 'RSE4119' });
  expect(writer.fault).toMatch(/link/);
});

test('what cannot be put on record is refused, and the next record that can says how many were lost', async () => {
  using trail = new GivenTrail();
  const small = join(trail.folder, 'small');
  mkdirSync(small);
  execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=256k,mode=700', 'rouse-test', small]);
  try {
    const path = join(small, 'audit.jsonl');
    await using writer = trail.writer({ path });
    await writer.before(entryOf('first'));
    const filler = join(small, 'filler');
    expect(() => writeFileSync(filler, Buffer.alloc(1_000_000))).toThrow(/ENOSPC/);
    const fill = async (): Promise<void> => {
      for (let round = 0; round < 100; round += 1) await writer.before(entryOf('full'));
    };
    await expect(fill()).rejects.toMatchObject({ code: 'RSE4119' });
    expect(writer.fault).toMatch(/full/);
    rmSync(filler);
    await writer.before(entryOf('after'));
    expect(writer.fault).toBeNull();
    const { records } = await pageOfTrail(path, { ...ALL, limit: 2 });
    expect(records.map(({ action }) => action)).toEqual(['after', 'audit.resumed']);
    expect(records[1]?.params).toMatchObject({ lost: 1 });
  } finally {
    execFileSync('umount', ['-l', small]);
  }
});

test('with the policy to warn, what cannot be put on record is done all the same', async () => {
  using trail = new GivenTrail();
  symlinkSync(join(trail.folder, 'elsewhere'), trail.path);
  await using writer = trail.writer({ failure: () => 'warn' });
  await writer.before(entryOf('service.stop'));
  expect(writer.fault).not.toBeNull();
});

test('a page is newest first, filtered, and goes on from its cursor', async () => {
  using trail = new GivenTrail();
  await trail.write(5, { rotateBytes: 1000 });
  await trail.write(5, { rotateBytes: 1000 });
  const first = await pageOfTrail(trail.path, { ...ALL, action: 'service.*', limit: 7 });
  expect(first.records.map(({ seq }) => seq)).toEqual([10, 9, 8, 7, 6, 4, 3]);
  expect(first.next).toBe(3);
  const second = await pageOfTrail(trail.path, { ...ALL, before: first.next });
  expect(second.records.map(({ seq }) => seq)).toEqual([2, 1, 0]);
  expect((await pageOfTrail(trail.path, { ...ALL, target: 'db' })).records).toEqual([]);
  expect((await pageOfTrail(trail.path, { ...ALL, actor: '0', limit: 1 })).records).toHaveLength(1);
});
