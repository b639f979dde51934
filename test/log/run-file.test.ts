import {
  closeSync,
  linkSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { isServiceName, openRunFile, runFilePath, runFiles, servicesIn } from '../../src/log/run-file.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'rouse-runs-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

describe('opening', () => {
  test('a file is made private, in a private folder, and appended to', () => {
    for (const text of ['one', 'two']) {
      const { fd, path } = openRunFile(join(folder, 'logs'), 'api', 3);
      writeSync(fd, text);
      closeSync(fd);
      expect(path).toBe(join(folder, 'logs', 'api', '3.log'));
    }
    expect(readFileSync(join(folder, 'logs', 'api', '3.log'), 'utf8')).toBe('onetwo');
    expect(statSync(join(folder, 'logs', 'api', '3.log')).mode & 0o777).toBe(0o600);
    expect(statSync(join(folder, 'logs', 'api')).mode & 0o777).toBe(0o700);
    expect(statSync(join(folder, 'logs')).mode & 0o777).toBe(0o700);
  });

  test('a link in place of the file is refused, and what it points to stays as it is', () => {
    mkdirSync(join(folder, 'api'));
    writeFileSync(join(folder, 'victim'), 'mine');
    symlinkSync(join(folder, 'victim'), join(folder, 'api', '1.log'));
    expect(() => openRunFile(folder, 'api', 1)).toThrow(expect.objectContaining({ code: 'RSE3008', service: 'api' }));
    rmSync(join(folder, 'api', '1.log'));
    linkSync(join(folder, 'victim'), join(folder, 'api', '1.log'));
    expect(() => openRunFile(folder, 'api', 1)).toThrow('cannot write the log of "api"');
    expect(readFileSync(join(folder, 'victim'), 'utf8')).toBe('mine');
  });

  test('a folder that cannot be made is refused with the variable to set', () => {
    writeFileSync(join(folder, 'file'), '');
    expect(() => openRunFile(join(folder, 'file'), 'api', 1)).toThrow(
      expect.objectContaining({ code: 'RSE3008', hint: expect.stringContaining('ROUSE_STATE_DIR') }),
    );
  });

  test('a name that is no service name never becomes a path', () => {
    expect(() => openRunFile(folder, '../api', 1)).toThrow('no service name');
    expect(runFiles(folder, '..')).toEqual([]);
    expect(['api', 'web@12', 'a.b-c_d'].every(isServiceName)).toBe(true);
    expect(['', '.', '..', 'a/b', 'A', '@1'].some(isServiceName)).toBe(false);
  });
});

test('files are listed by run number, and nothing else is', () => {
  mkdirSync(join(folder, 'api', '.times'), { recursive: true });
  for (const run of [10, 9, 1]) writeFileSync(runFilePath(folder, 'api', run), 'x');
  writeFileSync(join(folder, 'api', 'notes.txt'), '');
  expect(runFiles(folder, 'api').map(({ run }) => run)).toEqual([1, 9, 10]);
  expect(servicesIn(folder)).toEqual(['api']);
  expect(servicesIn(join(folder, 'nowhere'))).toEqual([]);
});
