import { spawnSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { headPath, rotatedFiles } from '../../src/audit/ground.ts';
import { GivenTrail } from '../audit/given.ts';

const PAGE = readFileSync(new URL('../../docs/reference/audit.md', import.meta.url), 'utf8');
const PROGRAM = /```python\n([\s\S]*?)```/.exec(PAGE)?.[1] ?? '';

async function verify(trail: GivenTrail): Promise<string> {
  const program = join(trail.folder, 'verify.py');
  writeFileSync(program, PROGRAM);
  const files = [...(await rotatedFiles(trail.path)), trail.path];
  const { stdout, stderr } = spawnSync('python3', [program, headPath(trail.path), ...files], { encoding: 'utf8' });
  return (stdout + stderr).trim().replaceAll(`${trail.folder}/`, '');
}

test('the program of the page finds a whole trail whole, and what was done to one', async () => {
  using trail = new GivenTrail();
  for (let round = 0; round < 3; round += 1) await trail.write(4, { rotateBytes: 1000 });
  expect(await verify(trail)).toMatch(/^whole: 14 records, 13:[0-9a-f]{64}$/);
  const lines = trail.lines();
  trail.rewrite(lines.map((line, at) => (at === 1 ? line.replace('"web"', '"wob"') : line)));
  expect(await verify(trail)).toBe('audit.jsonl:2: edited');
  trail.rewrite(lines.filter((_, at) => at !== 1));
  expect(await verify(trail)).toBe('audit.jsonl:2: removed or reordered');
  trail.rewrite(lines.slice(0, 2));
  expect(await verify(trail)).toBe('truncated: ends with 10, and the head is at 13');
});

test('the keys of the page are those of a line, in its order', async () => {
  using trail = new GivenTrail();
  await trail.write(1);
  const table = PAGE.slice(PAGE.indexOf('## A line'), PAGE.indexOf('## Files'));
  const told = [...table.matchAll(/^\| `(\w+)` +\|/gm)].map(([, key]) => key);
  expect(told).toEqual(Object.keys(JSON.parse(trail.lines()[0] ?? '') as object));
});
