import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { takeLock } from '../../src/daemon/lock-file.ts';

let root = '';
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'rouse-lock-'));
});
afterEach(() => {
  rmSync(root, { recursive: true });
});

test('a lock that is held is refused at once with the one who holds it, and free again when it is given back', () => {
  const path = join(root, 'lock.db');
  const first = takeLock(path, 'shop');
  expect(() => takeLock(path, 'shop')).toThrow(
    expect.objectContaining({
      code: 'RSE4015',
      message: `cannot hold project "shop": another daemon (pid ${process.pid}) holds it`,
    }),
  );
  first[Symbol.dispose]();
  first[Symbol.dispose]();
  takeLock(path, 'shop')[Symbol.dispose]();
});

test('a file that is no lock is refused with its path', () => {
  const path = join(root, 'lock.db');
  writeFileSync(path, 'x'.repeat(5000));
  expect(() => takeLock(path, 'shop')).toThrow(expect.objectContaining({ code: 'RSE3006' }));
  expect(() => takeLock(join(root, 'a/lock.db'), 'shop')).toThrow(expect.objectContaining({ code: 'RSE3006' }));
});
