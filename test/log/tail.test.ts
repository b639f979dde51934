import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { tailOf, unfinishedFrom } from '../../src/log/tail.ts';

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'rouse-tail-'));
});
afterAll(() => rmSync(folder, { recursive: true }));

async function within<T>(text: string, look: (file: FileHandle, size: number) => Promise<T>): Promise<T> {
  const path = join(folder, 'file');
  writeFileSync(path, text);
  await using file = await open(path);
  return await look(file, Buffer.byteLength(text));
}

test('the last lines begin behind the newline before them', async () => {
  expect(await within('a\nbb\nccc\n', (file, size) => tailOf(file, size, 2))).toEqual({ offset: 2, lines: 2 });
});

test('an unfinished line at the end counts as a line', async () => {
  expect(await within('a\nbb\nccc', (file, size) => tailOf(file, size, 2))).toEqual({ offset: 2, lines: 2 });
});

test('a file with fewer lines is given whole', async () => {
  expect(await within('a\nbb\n', (file, size) => tailOf(file, size, 5))).toEqual({ offset: 0, lines: 2 });
  expect(await within('', (file, size) => tailOf(file, size, 5))).toEqual({ offset: 0, lines: 0 });
});

test('no lines asked for are none given', async () => {
  expect(await within('a\nb\n', (file, size) => tailOf(file, size, 0))).toEqual({ offset: 4, lines: 0 });
});

test('lines that are longer than a block are found', async () => {
  const long = 'x'.repeat(200_000);
  expect(await within(`first\n${long}\n${long}\n`, (file, size) => tailOf(file, size, 2))).toEqual({
    offset: 6,
    lines: 2,
  });
});

test('only what lies before the given end is looked at', async () => {
  expect(await within('a\nb\nc\nd\n', (file) => tailOf(file, 4, 1))).toEqual({ offset: 2, lines: 1 });
});

test('an unfinished line begins behind the last newline, a finished one leaves nothing', async () => {
  expect(await within('a\nbb', unfinishedFrom)).toBe(2);
  expect(await within('a\nbb\n', unfinishedFrom)).toBe(5);
  expect(await within('bb', unfinishedFrom)).toBe(0);
});

test('reading backwards finds what reading forwards finds', async () => {
  const lengths = fc.array(fc.integer({ min: 0, max: 40_000 }), { maxLength: 12 });
  await fc.assert(
    fc.asyncProperty(lengths, fc.nat(14), fc.constantFrom('', '\n'), async (all, wanted, ending) => {
      const text = all.length === 0 ? '' : `${all.map((length) => 'l'.repeat(length)).join('\n')}${ending}`;
      const lines = text.split('\n').slice(0, text === '' || text.endsWith('\n') ? -1 : undefined);
      const kept = wanted === 0 ? [] : lines.slice(-wanted);
      const tail = await within(text, (file, size) => tailOf(file, size, wanted));
      expect(tail.lines).toBe(kept.length);
      expect(text.slice(tail.offset)).toBe(
        kept.length === 0 ? '' : kept.join('\n') + (text.endsWith('\n') ? '\n' : ''),
      );
    }),
  );
});
