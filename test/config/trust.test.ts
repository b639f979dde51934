import { chmodSync, symlinkSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { distrust } from '../../src/config/trust.ts';
import { folderWith } from './given.ts';

const ROOTS_OWN = { uid: 0, mode: 0o100_644 };
// Folders of the tests belong to whoever runs them: what is said of the folder differs, what is said of the file not.
const owned = process.getuid?.() === 0;

describe('root believes', () => {
  test('nobody else is kept from anything', () => {
    expect(distrust('/tmp/x', 1000, { uid: 5, mode: 0o100_666 })).toBeNull();
  });

  test('a file of root in a folder of root, which nobody else can write', () => {
    expect(distrust('/etc/passwd', 0, ROOTS_OWN)).toBeNull();
    expect(distrust('/etc/passwd', 0, { uid: 0, mode: 0o100_755 })).toBeNull();
  });

  test.for([
    [{ uid: 1000, mode: 0o100_644 }, 'it belongs to user 1000 and not to root'],
    [{ uid: 0, mode: 0o100_646 }, 'it can be written by everybody'],
    [{ uid: 0, mode: 0o100_664 }, 'it can be written by its group'],
  ] as const)('no file that others can change: %j', ([file, cause]) => {
    expect(distrust('/etc/passwd', 0, file)).toBe(cause);
  });

  test('no file in a folder that others can write, sticky or not', () => {
    const folder = folderWith({ 'a/rouse.toml': '' });
    const path = join(folder, 'a/rouse.toml');
    for (const [mode, cause] of [
      [0o777, 'can be written by everybody'],
      [0o1777, 'can be written by everybody'],
      [0o775, 'can be written by its group'],
    ] as const) {
      chmodSync(dirname(path), mode);
      expect(distrust(path, 0, ROOTS_OWN)).toBe(
        owned
          ? `its folder "${dirname(path)}" ${cause}`
          : `its folder "${dirname(path)}" belongs to user ${process.getuid?.()} and not to root`,
      );
    }
  });

  test('no link whose target lies in such a folder', () => {
    const folder = folderWith({ 'open/rouse.toml': '', 'own/x': '' });
    chmodSync(join(folder, 'open'), 0o777);
    symlinkSync(join(folder, 'open/rouse.toml'), join(folder, 'own/rouse.toml'));
    expect(distrust(join(folder, 'own/rouse.toml'), 0, ROOTS_OWN)).toContain(join(folder, owned ? 'open' : 'own'));
  });
});
