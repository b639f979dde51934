import { chmodSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { groundOf, projectOf } from '../../src/runtime/cgroup-ground.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'ground-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

test('the name of a supervisor is that of its project, and never that of another of the same name', () => {
  expect(projectOf('/run/rouse/shop/run')).toMatch(/^shop-[\da-f]{10}$/);
  expect(projectOf('/run/rouse/shop/run')).toBe(projectOf('/run/rouse/shop/run'));
  expect(projectOf('/run/rouse/shop/run')).not.toBe(projectOf('/tmp/rouse/shop/run'));
  expect(projectOf('/tmp/my shop/run')).toMatch(/^my-shop-/);
});

test('a machine without version 2 says so, and has what version 1 offers', () => {
  const ground = groundOf({ unified: null, separate: new Map([['memory', '/memory/own']]) }, 'rouse/shop');
  expect(ground).toEqual({
    unified: { why: 'no control groups of version 2 are mounted' },
    separate: new Map([['memory', '/memory/own/rouse/shop']]),
  });
});

test('a group that may not be written is not used, and why is said', () => {
  const found = { unified: join(folder, 'nowhere'), separate: new Map() } as const;
  expect(groundOf(found, 'rouse/shop').unified).toEqual({
    why: `the control group ${join(folder, 'nowhere')} may not be written`,
  });
});

test('a group in which none can be made is not used, and why is said', () => {
  writeFileSync(join(folder, 'cgroup.procs'), '');
  writeFileSync(join(folder, 'rouse'), 'in the way');
  const { unified } = groundOf({ unified: folder, separate: new Map() }, 'rouse/shop');
  expect(unified).toEqual({ why: expect.stringMatching(/^no control group can be made in .*: E(NOTDIR|EXIST)/) });
});

test('a kernel that cannot end a group at once is not trusted with it, and nothing is left of the try', () => {
  writeFileSync(join(folder, 'cgroup.procs'), '');
  chmodSync(join(folder, 'cgroup.procs'), 0o600);
  const { unified } = groundOf({ unified: folder, separate: new Map() }, 'rouse/shop');
  expect(unified).toEqual({ why: 'this kernel cannot end a control group (Linux 5.14 can)' });
  expect(readdirSync(folder)).toEqual(['cgroup.procs']);
});

test('what others have in the group of all supervisors stays', () => {
  writeFileSync(join(folder, 'cgroup.procs'), '');
  mkdirSync(join(folder, 'rouse/other'), { recursive: true });
  groundOf({ unified: folder, separate: new Map() }, 'rouse/shop');
  expect(readdirSync(join(folder, 'rouse'))).toEqual(['other']);
});
