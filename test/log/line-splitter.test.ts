import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { LINE_LIMIT_BYTES, type SplitLine, lineSplitter } from '../../src/log/line-splitter.ts';

const split = (...pieces: readonly string[]): SplitLine[] => {
  const splitter = lineSplitter();
  return [...pieces.flatMap((piece) => splitter.push(Buffer.from(piece))), ...splitter.end()];
};

describe('lines', () => {
  test('a line ends at its newline, and the next begins behind it', () => {
    expect(split('one\ntwo\n')).toEqual([
      { offset: 0, next: 4, text: 'one', cut: 'no' },
      { offset: 4, next: 8, text: 'two', cut: 'no' },
    ]);
  });

  test('an empty line is a line', () => {
    expect(split('\n\n').map(({ offset, text }) => [offset, text])).toEqual([
      [0, ''],
      [1, ''],
    ]);
  });

  test('a carriage return before the newline belongs to the ending, one elsewhere to the line', () => {
    expect(split('50%\r100%\r\ndone\n').map(({ text }) => text)).toEqual(['50%\r100%', 'done']);
  });

  test('an unfinished line is held back until its newline comes or the end is said', () => {
    const splitter = lineSplitter(100);
    expect(splitter.push(Buffer.from('a\nhal'))).toEqual([{ offset: 100, next: 102, text: 'a', cut: 'no' }]);
    expect(splitter.offset()).toBe(102);
    expect(splitter.push(Buffer.from('f\n'))).toEqual([{ offset: 102, next: 107, text: 'half', cut: 'no' }]);
    expect(splitter.end()).toEqual([]);
    splitter.push(Buffer.from('rest'));
    expect(splitter.end()).toEqual([{ offset: 107, next: 111, text: 'rest', cut: 'no' }]);
    expect(splitter.offset()).toBe(111);
  });

  test('the bytes given may be used again', () => {
    const splitter = lineSplitter();
    const bytes = Buffer.from('kept');
    splitter.push(bytes);
    bytes.fill(0);
    expect(splitter.end().map(({ text }) => text)).toEqual(['kept']);
  });

  test('bytes that are no text become replacement characters', () => {
    const splitter = lineSplitter();
    expect(splitter.push(Uint8Array.from([0xff, 0x41, 0x0a])).map(({ text }) => text)).toEqual(['\ufffdA']);
  });
});

describe('long lines', () => {
  test('a line of exactly 64 KiB stays whole', () => {
    const line = 'x'.repeat(LINE_LIMIT_BYTES);
    expect(split(`${line}\n`)).toEqual([{ offset: 0, next: LINE_LIMIT_BYTES + 1, text: line, cut: 'no' }]);
  });

  test('a longer line comes in pieces, each but the last marked as cut', () => {
    const lines = split(`${'x'.repeat(LINE_LIMIT_BYTES * 2 + 3)}\nnext\n`);
    expect(lines.map(({ offset, text, cut }) => [offset, text.length, cut])).toEqual([
      [0, LINE_LIMIT_BYTES, 'yes'],
      [LINE_LIMIT_BYTES, LINE_LIMIT_BYTES, 'yes'],
      [LINE_LIMIT_BYTES * 2, 3, 'no'],
      [LINE_LIMIT_BYTES * 2 + 4, 4, 'no'],
    ]);
  });

  test('a line without end is given in pieces before its newline is seen', () => {
    expect(lineSplitter().push(Buffer.alloc(LINE_LIMIT_BYTES + 1, 'y'))).toHaveLength(1);
  });

  test('a piece never ends inside a character', () => {
    const text = `x${'€'.repeat(LINE_LIMIT_BYTES)}`;
    const lines = split(`${text}\n`);
    expect(lines.every((line) => !line.text.includes('\ufffd'))).toBe(true);
    expect(lines.map((line) => line.text).join('')).toBe(text);
    expect(lines.every((line) => Buffer.byteLength(line.text) <= LINE_LIMIT_BYTES)).toBe(true);
  });
});

test('how the bytes are cut into pieces changes no line', () => {
  const output = fc.array(fc.string({ unit: fc.constantFrom('a', 'é', '\n', '\r', '😀') }), { maxLength: 20 });
  fc.assert(
    fc.property(output, fc.nat(7), (texts, size) => {
      const bytes = Buffer.from(texts.join(''));
      const whole = lineSplitter();
      const expected = [...whole.push(bytes), ...whole.end()];
      const pieces = lineSplitter();
      const lines: SplitLine[] = [];
      for (let at = 0; at < bytes.length; at += size + 1) lines.push(...pieces.push(bytes.subarray(at, at + size + 1)));
      expect([...lines, ...pieces.end()]).toEqual(expected);
      for (const { offset, text } of expected)
        expect(bytes.subarray(offset, offset + Buffer.byteLength(text)).toString()).toBe(text);
    }),
  );
});
