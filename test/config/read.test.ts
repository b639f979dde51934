import { chmodSync, mkdirSync, symlinkSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import type { Fault } from '../../src/config/fault.ts';
import { readSource } from '../../src/config/read.ts';
import { faultsOf, folderWith, load } from './given.ts';

function read(path: string, trust: 'check' | 'skip' = 'skip'): { text: string | null; faults: readonly Fault[] } {
  const faults: Fault[] = [];
  const source = readSource(path, { trust, span: null, report: (fault) => void faults.push(fault) });
  return { text: source?.text ?? null, faults };
}

describe('a file', () => {
  const folder = (): string => folderWith({ 'a.toml': 'a = "é"\n' });

  test('is read as it is', () => {
    expect(read(join(folder(), 'a.toml'))).toEqual({ text: 'a = "é"\n', faults: [] });
  });

  test('that is empty is an empty text', () => {
    expect(read(join(folderWith({ x: '' }), 'x')).text).toBe('');
  });

  test('is named where it cannot be read', () => {
    const place = folder();
    mkdirSync(join(place, 'd'));
    symlinkSync('loop', join(place, 'loop'));
    writeFileSync(join(place, 'bytes'), Buffer.from([0x61, 0xff]));
    for (const [name, cause] of [
      ['no', 'there is no such file'],
      ['d', 'it is not a regular file'],
      ['a.toml/x', 'a part of its path is not a folder'],
      ['loop', 'its links go in a circle'],
      ['bytes', 'it is not UTF-8 text'],
    ] as const) {
      const path = join(place, name);
      const { text, faults } = read(path);
      expect(text).toBeNull();
      expect(faults).toMatchObject([{ code: 'RSE0103', message: `cannot read "${path}": ${cause}` }]);
    }
  });

  test('that is no file is not waited for', () => {
    expect(read('/dev/zero').faults).toMatchObject([{ code: 'RSE0103' }]);
  });

  test('has at most 1 MiB', () => {
    const path = join(folder(), 'big');
    writeFileSync(path, 'x'.repeat(1024 ** 2));
    expect(read(path).text).toHaveLength(1024 ** 2);
    truncateSync(path, 1024 ** 2 + 1);
    expect(read(path).faults).toMatchObject([{ code: 'RSE0104' }]);
    expect(read(path).faults[0]?.message).toContain('it has 1048577 bytes, 1048576 at most');
  });
});

describe('trust', () => {
  const root = process.getuid?.() === 0;

  test('is asked for where root reads, for every file of a definition', async () => {
    const place = folderWith({ 'rouse.toml': '' });
    const path = join(place, 'rouse.toml');
    expect(read(path, 'check').faults).toEqual([]);
    chmodSync(path, 0o666);
    expect(read(path, 'check').faults.map(({ code, message }) => `${code} ${message}`)).toEqual(
      root ? [`RSE0106 cannot believe "${path}" as root: it can be written by everybody`] : [],
    );
    expect(read(path, 'skip').faults).toEqual([]);
  });

  test('is not asked for where it is skipped', async () => {
    expect(await faultsOf('[services.a]\ncommand = "x"', { trust: 'skip' })).toEqual([]);
    await load({ 'rouse.toml': '' }, { trust: 'check' });
  });
});
