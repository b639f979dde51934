import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Launch } from '../../src/runtime/launch.ts';
import { spawnFault } from '../../src/runtime/spawn-fault.ts';

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'rouse-fault-'));
  writeFileSync(join(folder, 'script'), '#! /opt/none/ruby -w\n', { mode: 0o755 });
  writeFileSync(join(folder, 'binary'), '\x7fELF', { mode: 0o755 });
});
afterAll(() => rmSync(folder, { recursive: true }));

const launch = (name: string): Launch => ({ type: 'launch', file: join(folder, name), args: [] });
const refusal = (code: string): Error => Object.assign(new Error(code), { code });

test.for(['EAGAIN', 'EMFILE', 'ENFILE', 'ENOMEM', 'E2BIG', 'ENOEXEC', 'ETXTBSY', 'EPERM'])(
  'the refusal %s is put into words and keeps its name',
  (code) => {
    const fault = spawnFault(refusal(code), launch('script'), folder);
    expect(fault).toMatchObject({ code: 'refused', program: join(folder, 'script') });
    expect(fault.message).toMatch(new RegExp(`^cannot execute ".*": [a-z ]+.* \\(${code}\\)$`));
  },
);

test('a refusal without words keeps its name', () => {
  expect(spawnFault(refusal('EWEIRD'), launch('script'), folder).message).toContain('the system refused (EWEIRD)');
  expect(spawnFault('text', launch('script'), folder).message).toContain('(unknown)');
});

test('a folder or program that went between the look and the spawn is named', () => {
  expect(spawnFault(refusal('ENOENT'), launch('script'), join(folder, 'gone')).code).toBe('bad-directory');
  expect(spawnFault(refusal('ENOENT'), launch('gone'), folder).message).toContain('does not exist');
});

test('what a file names to be run by is named when it is missing', () => {
  expect(spawnFault(refusal('ENOENT'), launch('script'), folder)).toMatchObject({ program: '/opt/none/ruby' });
  expect(spawnFault(refusal('ENOENT'), launch('binary'), folder).message).toContain(
    'its loader is not on this machine',
  );
});
