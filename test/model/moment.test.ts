import { expect, test } from 'vitest';
import { parseMoment } from '../../src/model/moment.ts';

const NOON = Date.UTC(2026, 10, 24, 12);

test('a duration is so long ago', () => {
  expect(parseMoment('10m', NOON)).toBe(NOON - 600_000);
  expect(parseMoment('1h30m', NOON)).toBe(NOON - 5_400_000);
});

test.for([
  ['2026-11-24T12:00:00Z', NOON],
  ['2026-11-24T13:00:00.250+01:00', NOON + 250],
  ['2026-11-24 12:00Z', NOON],
  ['2026-11-24', Date.UTC(2026, 10, 24)],
] as const)('"%s" is a time of RFC 3339', ([text, at]) => {
  expect(parseMoment(text, 0)).toBe(at);
});

test.for(['', 'yesterday', '12', '2026', '2026-13-01', '2026-11-24T25:00:00Z', '-10m'])('"%s" is no moment', (text) => {
  expect(parseMoment(text, NOON)).toBeNull();
});
