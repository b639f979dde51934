import { chmodSync, existsSync, mkdirSync, mkdtempSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { ensureBase, ensurePrivate } from '../../src/daemon/folders.ts';
import { ConnectionError } from '../../src/model/errors.ts';

let root = '';
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'rouse-folders-'));
});
afterEach(() => {
  rmSync(root, { recursive: true });
});

const modeOf = (path: string): number => statSync(path).mode & 0o777;

function refusalOf(action: () => void): string {
  try {
    action();
  } catch (error) {
    if (error instanceof ConnectionError && error.code === 'RSE3006') return error.message;
    throw error;
  }
  return 'not refused';
}

describe("a project's folder", () => {
  test('is made for its owner alone, whatever the mask', () => {
    const before = process.umask(0);
    try {
      ensurePrivate(join(root, 'shop'));
    } finally {
      process.umask(before);
    }
    expect(modeOf(join(root, 'shop'))).toBe(0o700);
  });

  test('that is there and open to others is closed', () => {
    const path = join(root, 'shop');
    mkdirSync(path);
    chmodSync(path, 0o777);
    ensurePrivate(path);
    expect(modeOf(path)).toBe(0o700);
  });

  test('is never reached through a link', () => {
    mkdirSync(join(root, 'elsewhere'));
    chmodSync(join(root, 'elsewhere'), 0o755);
    symlinkSync(join(root, 'elsewhere'), join(root, 'shop'));
    expect(refusalOf(() => ensurePrivate(join(root, 'shop')))).toContain('it is not a folder');
    expect(modeOf(join(root, 'elsewhere'))).toBe(0o755);
  });

  test('in whose place a file lies is refused', () => {
    writeFileSync(join(root, 'shop'), '');
    expect(refusalOf(() => ensurePrivate(join(root, 'shop')))).toContain('it is not a folder');
  });

  test('whose parent is missing is refused', () => {
    expect(refusalOf(() => ensurePrivate(join(root, 'a/b')))).toContain('ENOENT');
  });
});

describe('the folder of all projects', () => {
  test('is made with its parents', () => {
    ensureBase(join(root, 'a/b/c'));
    expect(existsSync(join(root, 'a/b/c'))).toBe(true);
    expect(modeOf(join(root, 'a/b/c')) & 0o077).toBe(0);
  });

  test.for([0o700, 0o711, 0o755])('with mode %o is used as it is', (mode) => {
    chmodSync(root, mode);
    ensureBase(root);
    expect(modeOf(root)).toBe(mode);
  });

  test.for([0o777, 0o770, 0o1777])('with mode %o is refused: others could put their own in place', (mode) => {
    chmodSync(root, mode);
    expect(refusalOf(() => ensureBase(root))).toContain('others can write into it');
    chmodSync(root, 0o700);
  });

  test('that is a link is refused', () => {
    mkdirSync(join(root, 'real'));
    symlinkSync(join(root, 'real'), join(root, 'link'));
    expect(refusalOf(() => ensureBase(join(root, 'link')))).toContain('it is not a folder');
  });
});
