import {
  chmodSync,
  chownSync,
  mkdirSync,
  mkdtempSync,
  realpathSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { distrust, distrustFolder, trustedBy } from '../../src/runtime/trust.ts';

const STRANGER = 65_534;
const ROOT = trustedBy({});
const own = trustedBy({}, [process.getuid?.() ?? 0]);

let folder = '';
let program = '';
beforeEach(() => {
  folder = realpathSync(mkdtempSync(join(tmpdir(), 'trust-')));
  chmodSync(folder, 0o755);
  mkdirSync(join(folder, 'bin'), { mode: 0o755 });
  program = join(folder, 'bin/tool');
  writeFileSync(program, '', { mode: 0o755 });
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

test('a program that only trusted users can change is trusted, in a folder below one with the sticky bit too', () => {
  expect(distrust(program, own)).toBeNull();
  expect(distrust('/bin/sh', own)).toBeNull();
});

test.for([
  ['everybody', 0o757, 'chmod o-w'],
  ['its group', 0o775, 'chmod g-w'],
] as const)('a program, or a folder on the way to it, that %s can write is not', ([who, mode, mend]) => {
  for (const path of [program, join(folder, 'bin'), folder]) {
    chmodSync(path, mode);
    expect(distrust(program, own)).toEqual({ path, why: `can be written by ${who}`, mend: `${mend} ${path}` });
    chmodSync(path, 0o755);
  }
});

test('the sticky bit of the own folder of a program does not help', () => {
  chmodSync(join(folder, 'bin'), 0o1777);
  expect(distrust(program, own)?.path).toBe(join(folder, 'bin'));
  expect(distrustFolder(join(folder, 'bin'), own)?.path).toBe(join(folder, 'bin'));
});

test('every folder that a link leads through is looked at', () => {
  mkdirSync(join(folder, 'open'));
  chmodSync(join(folder, 'open'), 0o777);
  symlinkSync(program, join(folder, 'open/middle'));
  symlinkSync('../open/middle', join(folder, 'bin/first'));
  expect(distrust(join(folder, 'bin/first'), own)?.path).toBe(join(folder, 'open'));
  chmodSync(join(folder, 'open'), 0o755);
  expect(distrust(join(folder, 'bin/first'), own)).toBeNull();
});

test('links in a circle, and files that are not there, are nobody’s to distrust', () => {
  symlinkSync('round', join(folder, 'bin/round'));
  expect(distrust(join(folder, 'bin/round'), own)).toBeNull();
  expect(distrust(join(folder, 'bin/none'), own)).toBeNull();
});

test('what belongs to another user is trusted only if that user is', () => {
  for (const path of [program, join(folder, 'bin')]) {
    chownSync(path, STRANGER, STRANGER);
    expect(distrust(program, ROOT)).toMatchObject({ path, why: expect.stringMatching(/^belongs to user .*65534/) });
    expect(distrust(program, trustedBy({}, [STRANGER]))).toBeNull();
    expect(distrust(program, trustedBy({ ROUSE_TRUSTED_UIDS: `1000, ${STRANGER}` }))).toBeNull();
    chownSync(path, 0, 0);
  }
});

test('the group of a user that is trusted in words may write, that of root and of others may not', () => {
  chmodSync(program, 0o775);
  chownSync(program, STRANGER, STRANGER);
  expect(distrust(program, trustedBy({ ROUSE_TRUSTED_UIDS: String(STRANGER) }))).toBeNull();
  expect(distrust(program, trustedBy({}, [STRANGER]))?.why).toBe('can be written by its group');
});

test('words of the environment that are no numbers trust nobody', () => {
  expect(trustedBy({ ROUSE_TRUSTED_UIDS: 'nobody,-1,,*,99999999999' })).toEqual({
    users: new Set([0]),
    groups: new Set(),
  });
});
