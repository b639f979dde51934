import { fc, test as property } from '@fast-check/vitest';
import { describe, expect, test } from 'vitest';
import { formatDuration, parseDuration, parseSize } from '../../src/model/duration.ts';

describe('parseDuration', () => {
  test.for([
    ['500ms', 500],
    ['0ms', 0],
    ['0s', 0],
    ['10s', 10_000],
    ['1.5s', 1500],
    ['1.05s', 1050],
    ['0.001s', 1],
    ['5m', 300_000],
    ['1m30s', 90_000],
    ['1h', 3_600_000],
    ['1h30m', 5_400_000],
    ['2h3m4s5ms', 7_384_005],
    ['90m', 5_400_000],
    ['1m5ms', 60_005],
    ['5m5s', 305_000],
  ] as const)('reads %s', ([text, ms]) => {
    expect(parseDuration(text)).toBe(ms);
  });

  test.for([
    '',
    '5',
    '1.5',
    '-1s',
    '+1s',
    '1 s',
    ' 1s',
    '1s ',
    '1e3s',
    '0x10s',
    '1d',
    '1S',
    '1min',
    's',
    'ms',
    '1s1m',
    '1ms1s',
    '1s1s',
    '1.5m',
    '1.5h',
    '1.5ms',
    '.5s',
    '1.s',
    '1.0001s',
    '1m30',
    'Infinity',
    '1s\n',
    '１s',
  ])('refuses %j', (text) => {
    expect(parseDuration(text)).toBeNull();
  });

  const part = (max: number) => fc.nat({ max });

  property.prop([part(999), part(999), part(99_999), part(999_999)])('adds its parts up', (h, m, s, ms) => {
    const text = `${h}h${m}m${s}s${ms}ms`;
    expect(parseDuration(text)).toBe(h * 3_600_000 + m * 60_000 + s * 1000 + ms);
  });

  property.prop([fc.string({ unit: fc.constantFrom(...'0123456789.hms -'.split('')), maxLength: 12 })])(
    'reads numbers with units and nothing else',
    (text) => {
      const ms = parseDuration(text);
      if (ms === null) return;
      expect(text).toMatch(/^(\d+(\.\d+)?(h|ms|m|s))+$/);
      expect(Number.isInteger(ms) && ms >= 0).toBe(true);
    },
  );
});

describe('parseSize', () => {
  test.for([
    ['0B', 0],
    ['512B', 512],
    ['1KiB', 1024],
    ['50MiB', 52_428_800],
    ['2GiB', 2_147_483_648],
    ['1kB', 1000],
    ['1MB', 1_000_000],
    ['1GB', 1_000_000_000],
  ] as const)('reads %s', ([text, bytes]) => {
    expect(parseSize(text)).toBe(bytes);
  });

  test.for(['', '1', '1K', '1M', '1G', '512M', '1kb', '1KB', '1.5GiB', '-1B', '1 B', 'B', '999999999999999GiB'])(
    'refuses %j',
    (text) => {
      expect(parseSize(text)).toBeNull();
    },
  );

  property.prop([fc.nat({ max: 1_000_000 }), fc.constantFrom('B', 'KiB', 'MiB', 'GiB', 'kB', 'MB', 'GB')])(
    'multiplies by the unit',
    (count, unit) => {
      const one = parseSize(`1${unit}`) ?? Number.NaN;
      expect(parseSize(`${count}${unit}`)).toBe(count * one);
    },
  );
});

describe('formatDuration', () => {
  test.for([
    [0, '0ms'],
    [-5, '0ms'],
    [85.9, '85ms'],
    [999, '999ms'],
    [1000, '1s'],
    [2149, '2.1s'],
    [59_999, '59.9s'],
    [60_000, '1m'],
    [90_000, '1m 30s'],
    [3_599_999, '59m 59s'],
    [3_600_000, '1h'],
    [14_700_000, '4h 5m'],
    [86_400_000, '1d'],
    [266_400_000, '3d 2h'],
  ] as const)('shows %i ms as %s', ([ms, text]) => {
    expect(formatDuration(ms)).toBe(text);
  });

  property.prop([fc.nat()])('never shows more than has passed', (ms) => {
    const shown = formatDuration(ms).replaceAll(' ', '');
    const days = /^(\d+)d/.exec(shown)?.[1] ?? '0';
    const rest = parseDuration(shown.replace(/^\d+d/, '') || '0s');
    expect(Number(days) * 86_400_000 + (rest ?? Number.NaN)).toBeLessThanOrEqual(ms);
  });
});
