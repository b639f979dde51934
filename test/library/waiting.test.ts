import { expect, test } from 'vitest';
import { limitOf } from '../../src/library/waiting.ts';

test('a limit is a duration, and none is for ever', () => {
  expect(limitOf('1m30s')).toBe(90_000);
  expect(limitOf(undefined)).toBe(Infinity);
  expect(() => limitOf('90')).toThrow(expect.objectContaining({ code: 'RSE1111' }));
});
