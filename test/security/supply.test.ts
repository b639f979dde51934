// A package that attacks whoever installs it: what is installed is what was looked at, and nothing of it runs meanwhile.
import { spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';

const ROOT = join(import.meta.dirname, '../..');

let copy: string;
beforeAll(() => {
  copy = mkdtempSync(join(tmpdir(), 'lock-'));
  mkdirSync(join(copy, 'scripts'));
  for (const file of ['scripts/lock.ts', 'scripts/lock-check.ts', 'package.json', 'package-lock.json'])
    cpSync(join(ROOT, file), join(copy, file));
});
afterAll(() => rmSync(copy, { recursive: true }));

interface Entry {
  integrity?: string;
  resolved?: string;
  hasInstallScript?: boolean;
  link?: boolean;
  version?: string;
  dependencies?: Record<string, string>;
}

/** Runs the check, as every build does, over the lock as somebody has changed it. */
function checked(change: (entry: Entry, packages: Record<string, Entry>) => void): {
  status: number | null;
  said: string;
} {
  const lock: { packages: Record<string, Entry> } = JSON.parse(readFileSync(join(ROOT, 'package-lock.json'), 'utf8'));
  const entry = lock.packages['node_modules/hono'];
  if (entry === undefined) throw new Error('there is no such package in the lock');
  change(entry, lock.packages);
  writeFileSync(join(copy, 'package-lock.json'), JSON.stringify(lock));
  const { status, stdout, stderr } = spawnSync(process.execPath, [join(copy, 'scripts/lock-check.ts')], {
    encoding: 'utf8',
    timeout: 20_000,
  });
  return { status, said: `${stdout}${stderr}` };
}

test('row 34: the lock as it is has no fault', () => {
  expect(checked(() => undefined)).toEqual({ status: 0, said: expect.stringContaining(' 0 faults') });
});

test.for([
  ['comes from another place', { resolved: 'https://registry.evil.example/hono.tgz' }],
  ['comes in the clear', { resolved: 'http://registry.npmjs.org/hono/-/hono-1.0.0.tgz' }],
  ['comes from a name that begins alike', { resolved: 'https://registry.npmjs.org.evil/hono' }],
  ['comes from git', { version: 'git+ssh://git@example.org/hono.git#0123' }],
  ['runs a script when it is installed', { hasInstallScript: true }],
  ['is not hashed', { integrity: '' }],
  ['is hashed by what can be forged', { integrity: 'sha1-x' }],
  ['needs one that nobody has looked at', { dependencies: { evil: '1.0.0' } }],
] as const)('row 34: a package that %s is found in the lock', ([, change]) => {
  const { status, said } = checked((entry) => {
    Object.assign(entry, change);
  });
  expect([status, said]).toEqual([1, expect.stringMatching(/hono.*\n.* [1-9]\d* faults/)]);
});

test('row 34: a link to a folder that is none of ours is found in the lock', () => {
  const { status, said } = checked((_entry, packages) => {
    packages['node_modules/evil'] = { resolved: '../evil', link: true };
  });
  expect([status, said]).toEqual([1, expect.stringContaining('only workspaces are linked')]);
});

test('row 34: npm runs no script of a package here, whatever its own rule is', () => {
  const settings = readFileSync(join(ROOT, '.npmrc'), 'utf8');
  for (const line of ['ignore-scripts=true', 'save-exact=true']) expect(settings).toContain(line);
});
