import { createHash } from 'node:crypto';
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { headPath, rotatedFiles } from '../../src/audit/ground.ts';
import { verifyTrail } from '../../src/audit/verify.ts';
import { GivenTrail } from './given.ts';

/** The lines with every hash made anew, as whoever rewrites a trail as a whole would do it. */
function chained(lines: readonly string[]): string[] {
  let prev = '0'.repeat(64);
  return lines.map((line, seq) => {
    const hashed = line
      .slice(0, line.indexOf(',"prev":"'))
      .replace(/"seq":\d+/, `"seq":${seq}`)
      .concat(`,"prev":"${prev}"`);
    prev = createHash('sha256').update(hashed).digest('hex');
    return `${hashed},"hash":"${prev}"}`;
  });
}

test('a trail that nobody touched is whole', async () => {
  using trail = new GivenTrail();
  await trail.write(20);
  expect(await trail.verify()).toMatchObject({ verdict: 'whole', records: 20, anchors: 1, faults: [] });
});

test('a byte that was changed is told as edited, with its line', async () => {
  using trail = new GivenTrail();
  await trail.write(5);
  trail.rewrite(trail.lines().map((line, at) => (at === 2 ? line.replace('"web"', '"wob"') : line)));
  expect(await trail.faults()).toEqual(['edited 3']);
});

test('a line that was taken out, and two that changed places, are told', async () => {
  using trail = new GivenTrail();
  await trail.write(6);
  const [a = '', b = '', c = '', d = '', e = '', f = ''] = trail.lines();
  trail.rewrite([a, b, d, e, f]);
  expect(await trail.faults()).toEqual(['removed-or-reordered 3']);
  trail.rewrite([a, c, b, d, e, f]);
  expect((await trail.verify()).verdict).toBe('tampered');
  expect(await trail.faults()).toContain('removed-or-reordered 2');
});

test('a tail that was cut off is told by the head', async () => {
  using trail = new GivenTrail();
  await trail.write(6);
  trail.rewrite(trail.lines().slice(0, 4));
  expect(await trail.verify()).toMatchObject({ verdict: 'truncated', faults: [{ kind: 'truncated', seq: 5 }] });
});

test('a trail without its head is not whole, and one without its file neither', async () => {
  using trail = new GivenTrail();
  await trail.write(3);
  const head = readFileSync(headPath(trail.path));
  rmSync(headPath(trail.path));
  expect(await trail.faults()).toEqual(['truncated -']);
  writeFileSync(headPath(trail.path), head);
  rmSync(trail.path);
  expect(await trail.faults()).toEqual(['truncated -']);
});

test('a head that was changed is contradicted by the trail', async () => {
  using trail = new GivenTrail();
  await trail.write(3);
  writeFileSync(headPath(trail.path), `{"seq":2,"hash":"${'a'.repeat(64)}","size":1}\n`);
  expect(await trail.faults()).toEqual(['rewritten-against-anchor 3']);
});

test('a trail written anew as a whole is told by the head, by an anchor in the log, and by what was noted elsewhere', async () => {
  using trail = new GivenTrail();
  await trail.write(4);
  const [, last] = trail.anchors;
  expect(last?.seq).toBe(undefined);
  const [noted] = trail.anchors;
  if (noted === undefined) throw new Error('no anchor');
  const forged = chained(trail.lines().map((line) => line.replace('"web"', '"db"')));
  trail.rewrite(forged);
  expect(await trail.faults()).toEqual(['rewritten-against-anchor 4']);
  const hash = /"hash":"([0-9a-f]+)"\}$/.exec(forged.at(-1) ?? '')?.[1] ?? '';
  writeFileSync(headPath(trail.path), `{"seq":3,"hash":"${hash}","size":1}\n`);
  expect(await trail.faults()).toEqual([]);
  expect(await trail.faults(noted)).toEqual(['rewritten-against-anchor 4']);
  writeFileSync(join(trail.folder, 'daemon.log'), `2026-11-22T13:24:48.123Z audit anchor 3:${noted.hash}\n`);
  expect(await trail.faults()).toEqual(['rewritten-against-anchor 4']);
});

test('a trail that was cut together with its head is told by what was noted elsewhere', async () => {
  using trail = new GivenTrail();
  await trail.write(4);
  const [noted] = trail.anchors;
  const kept = trail.lines().slice(0, 2);
  trail.rewrite(kept);
  const hash = /"hash":"([0-9a-f]+)"\}$/.exec(kept.at(-1) ?? '')?.[1] ?? '';
  writeFileSync(headPath(trail.path), `{"seq":1,"hash":"${hash}","size":1}\n`);
  expect((await trail.verify()).verdict).toBe('whole');
  expect((await trail.verify(noted)).verdict).toBe('truncated');
});

test('the chain goes on over files, and one of them that is gone is told', async () => {
  using trail = new GivenTrail();
  for (let round = 0; round < 4; round += 1) await trail.write(3, { rotateBytes: 1000 });
  const rotated = await rotatedFiles(trail.path);
  expect(rotated).toHaveLength(3);
  expect(await trail.verify()).toMatchObject({ verdict: 'whole', records: 15 });
  expect(trail.lines()[0]).toMatch(
    /"action":"audit.rotated".*"params":\{"previous_file":"audit.jsonl.0+10","count":4,/,
  );
  const [, second = ''] = rotated;
  rmSync(second);
  expect(await trail.faults()).toEqual(['removed-or-reordered 1']);
});

test('named files are looked at alone', async () => {
  using trail = new GivenTrail();
  for (let round = 0; round < 2; round += 1) await trail.write(3, { rotateBytes: 1000 });
  const [first = ''] = await rotatedFiles(trail.path);
  const order = { path: trail.path, expected: null, anchorFiles: [] };
  expect(await verifyTrail({ ...order, from: [first] })).toMatchObject({ verdict: 'whole', records: 3 });
  await expect(verifyTrail({ ...order, from: [join(trail.folder, 'none')] })).rejects.toMatchObject({
    code: 'RSE0103',
  });
});

test('any single byte that is changed is seen', async () => {
  using trail = new GivenTrail();
  await trail.write(4);
  const bytes = readFileSync(trail.path);
  await fc.assert(
    fc.asyncProperty(fc.nat(bytes.length - 1), fc.integer({ min: 1, max: 255 }), async (at, flip) => {
      const changed = Buffer.from(bytes);
      changed[at] = (changed[at] ?? 0) ^ flip;
      writeFileSync(trail.path, changed);
      expect((await trail.verify()).verdict).not.toBe('whole');
    }),
    { numRuns: 300 },
  );
});
