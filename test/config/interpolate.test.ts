import { fc, test as property } from '@fast-check/vitest';
import { describe, expect, test } from 'vitest';
import { segmentsOf } from '../../src/config/interpolate.ts';

const texts = (text: string): string[] =>
  segmentsOf(text).segments.map((segment) => (segment.type === 'text' ? segment.text : `<${segment.name}>`));

describe('segmentsOf', () => {
  test('a text without a dollar sign is one segment', () => {
    expect(segmentsOf('node x').segments).toEqual([{ type: 'text', text: 'node x', start: 0, end: 6 }]);
  });

  test('a variable knows its name, its place and what holds without it', () => {
    expect(segmentsOf('a${B:-c d}').segments[1]).toEqual({
      type: 'variable',
      name: 'B',
      otherwise: 'default',
      argument: 'c d',
      argumentStart: 6,
      start: 1,
      end: 10,
    });
  });

  test('a doubled dollar sign is one dollar sign, also before a brace', () => {
    expect(texts('$$HOME $${X}')).toEqual(['$', 'HOME ', '$', '{X}']);
  });

  test('a dollar sign before anything else stands for itself', () => {
    expect(texts('a$b $5 $')).toEqual(['a$b $5 $']);
  });

  test('a default may hold variables with defaults', () => {
    expect(segmentsOf('${A:-${B:-c}}').segments).toMatchObject([{ name: 'A', argument: '${B:-c}' }]);
  });

  test.for([
    ['${A', '"${" is not closed', 0, 3],
    ['x${}', '"${}" is not the name of a variable', 1, 4],
    ['${A}c ${1x}', '"${1x}" is not the name of a variable', 6, 11],
    ['${A-b}', '"${A-b}" is not the name of a variable', 0, 6],
    ['${a b}', '"${a b}" is not the name of a variable', 0, 6],
    ['${port:auto}', '"${port:…}" is not yet supported in this version', 0, 12],
  ] as const)('%s cannot be read', ([text, message, start, end]) => {
    const found = segmentsOf(text).malformed;
    expect(found).toEqual({ message, start, end });
  });

  property.prop([fc.array(fc.oneof(fc.string(), fc.constantFrom('$', '{', '}', '${', 'A', ':-')))])(
    'segments cover the text without gaps and in order',
    (parts) => {
      const text = parts.join('');
      const { segments, malformed } = segmentsOf(text);
      let at = 0;
      for (const segment of segments) {
        expect(segment.start).toBe(at);
        expect(segment.end).toBeGreaterThan(segment.start);
        at = segment.end;
      }
      expect(malformed === null ? at : malformed.start).toBe(malformed === null ? text.length : at);
    },
  );

  property.prop([fc.string()])('a text whose dollar signs are doubled comes back as it was', (text) => {
    const { segments, malformed } = segmentsOf(text.replaceAll('$', '$$$$'));
    expect(malformed).toBeNull();
    expect(segments.map((segment) => (segment.type === 'text' ? segment.text : '?')).join('')).toBe(text);
  });
});
