import { fc, test as property } from '@fast-check/vitest';
import { describe, expect, test } from 'vitest';
import { lengthOf, originOf, partOf, spanFrom } from '../../src/config/source.ts';

const source = { path: '/f', text: 'ab\ncde\r\n\n  f' };
const span = (start: number, end: number) => ({ source, start, end });

describe('a span', () => {
  test.for([
    [0, 1, 1],
    [1, 1, 2],
    [3, 2, 1],
    [8, 3, 1],
    [11, 4, 3],
  ] as const)('at offset %i begins in line %i, column %i', ([start, line, column]) => {
    expect(originOf(span(start, start + 1))).toEqual({ file: '/f', line, column });
  });

  test('is as long as its part on the first line, and at least 1', () => {
    expect(lengthOf(span(3, 9))).toBe(3);
    expect(lengthOf(span(3, 3))).toBe(1);
    expect(lengthOf(null)).toBe(1);
    expect(originOf(null)).toBeNull();
  });

  test('of a text whose places are not known is its beginning', () => {
    const whole = { source: { path: '/f.ts', text: null }, start: 0, end: 0 };
    expect(originOf(whole)).toEqual({ file: '/f.ts', line: 1, column: 1 });
    expect(partOf(whole, 'abc', 1, 1)).toBe(whole);
  });

  test('can be had from a line and a column', () => {
    expect(spanFrom(source, { line: 2, column: 2 })).toMatchObject({ start: 4, end: 7 });
  });

  property.prop([fc.string(), fc.nat()])('has the place that counting gives', (text, at) => {
    const start = at % (text.length + 1);
    const before = text.slice(0, start).split('\n');
    expect(originOf({ source: { path: '/f', text }, start, end: start })).toEqual({
      file: '/f',
      line: before.length,
      column: (before.at(-1)?.length ?? 0) + 1,
    });
  });
});

describe('a part of a value', () => {
  const part = (text: string, value: string, needle: string): string | undefined => {
    const whole = { source: { path: '/f', text }, start: 0, end: text.length };
    const found = partOf(whole, value, value.indexOf(needle), needle.length);
    return found === null ? undefined : text.slice(found.start, found.end);
  };

  test.for([
    ['"a ${X} b"', 'a ${X} b', '${X}'],
    ["'a ${X}'", 'a ${X}', '${X}'],
    ['a ${X}', 'a ${X}', '${X}'],
    ["'''a ${X}'''", 'a ${X}', '${X}'],
    ["'''\na ${X}'''", 'a ${X}', '${X}'],
    ['"a\\t${X}"', 'a\t${X}', '${X}'],
    ['>\n  one\n  ${X}\n', 'one ${X}\n', '${X}'],
  ] as const)('is found in %j', ([text, value, needle]) => {
    expect(part(text, value, needle)).toBe(needle);
  });

  test('that escapes hide is the whole value', () => {
    expect(part('"\\u0024{X}"', '${X}', '${X}')).toBe('"\\u0024{X}"');
  });
});
