import { appendFileSync, mkdtempSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { NotifyFile } from '../../src/runtime/notify-file.ts';

let folder = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'notify-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const write = (text: string): void => appendFileSync(join(folder, 'notify'), text);
const keys = (file: NotifyFile): readonly string[] => file.read().map(({ key, value }) => `${key}=${value}`);

describe('the words of a run', () => {
  test('each word is read once, with its time and its sender', () => {
    const file = new NotifyFile(folder);
    write('1 10.250 7 READY 1\n');
    expect(file.read()).toEqual([{ at: 10.25, sender: 7, key: 'READY', value: '1' }]);
    write('2 11.000 7 STATUS at work\n');
    expect(keys(file)).toEqual(['STATUS=at work']);
    expect(keys(file)).toEqual([]);
  });

  test('a line that is not complete is read when it is', () => {
    const file = new NotifyFile(folder);
    write('1 10.000 7 STATUS ha');
    expect(keys(file)).toEqual([]);
    write('lf\n');
    expect(keys(file)).toEqual(['STATUS=half']);
  });

  test('what was escaped is read as it was said', () => {
    write(String.raw`1 10.000 7 STATUS a\x0ab\x5cx41` + '\n');
    expect(keys(new NotifyFile(folder))).toEqual(['STATUS=a\nb\\x41']);
  });

  test('lines that the receiver does not write are passed over', () => {
    write('1 10.000 7 READY 1\nnonsense\n\u0000\u0001\n1 10.000 7 STOPPING 1\n2 x 7 STOPPING 1\n');
    expect(keys(new NotifyFile(folder))).toEqual(['READY=1']);
  });

  test('after the file was written anew only what is new is read', () => {
    const file = new NotifyFile(folder);
    write('1 10.000 7 READY 1\n2 11.000 7 STATUS a\n');
    file.read();
    writeFileSync(join(folder, 'notify.next'), '1 10.000 7 READY 1\n2 11.000 7 STATUS a\n3 12.000 7 STATUS b\n');
    renameSync(join(folder, 'notify.next'), join(folder, 'notify'));
    expect(keys(file)).toEqual(['STATUS=b']);
  });

  test('a link in the place of the file is not followed', () => {
    writeFileSync(join(folder, 'elsewhere'), '1 10.000 7 READY 1\n');
    symlinkSync(join(folder, 'elsewhere'), join(folder, 'notify'));
    expect(keys(new NotifyFile(folder))).toEqual([]);
  });

  test('signs of life are read by sender', () => {
    writeFileSync(join(folder, 'beat'), '0000000000001234.500 0000000007\n0000000000001200.000 0000000008\n');
    expect(new NotifyFile(folder).beats()).toEqual([
      { at: 1234.5, sender: 7 },
      { at: 1200, sender: 8 },
    ]);
  });
});
