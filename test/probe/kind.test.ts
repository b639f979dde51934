import fc from 'fast-check';
import { expect, test } from 'vitest';
import { EVIDENCE_LENGTH, evidence, fail, pass, tookWords } from '../../src/probe/kind.ts';

test('evidence is one line without control characters, at most 500 long', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary', maxLength: 2000 }), (text) => {
      const words = evidence(text);
      expect(words.length).toBeLessThanOrEqual(EVIDENCE_LENGTH);
      expect(words).not.toMatch(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/u);
    }),
  );
});

test.for([
  ['\n \n first\nsecond', 'first'],
  ['\u001b[31mred\u0007', '[31mred'],
  ['left\u202Eright', 'left right'],
  ['a\rb', 'a'],
  ['', ''],
] as const)('evidence of %j is %j', ([text, words]) => {
  expect(evidence(text)).toBe(words);
});

test('what is too long is cut, and says so', () => {
  const words = evidence('x'.repeat(501));
  expect(words).toBe(`${'x'.repeat(499)}…`);
  expect(evidence('x'.repeat(500))).toBe('x'.repeat(500));
  expect(evidence(`${'x'.repeat(498)}😀😀`).isWellFormed()).toBe(true);
});

test('an answer carries evidence', () => {
  expect([pass('a\nb'), fail('c\u0000')]).toEqual([
    { answer: 'pass', message: 'a' },
    { answer: 'fail', message: 'c' },
  ]);
});

test('time is told with its unit', () => {
  expect([tookWords(2.6), tookWords(0.2), tookWords(1234)]).toEqual(['3 ms', '0 ms', '1.2s']);
});
