import { expect, test } from 'vitest';
import { logLine, prefixWidth } from '../../../src/cli/render/log-line.ts';

const LINE = {
  type: 'line',
  service: 'web',
  run: 1,
  offset: 0,
  at: '2026-11-24T12:00:00.000Z',
  text: 'a\u001B[2J\tb',
  cut: false,
  cursor: 'web:1:7',
} as const;
const LAYOUT = {
  style: { color: 'off', glyphs: 'unicode' },
  width: 5,
  prefix: 'name',
  times: 'hidden',
  control: 'escaped',
} as const;

test('a line has the name before it, and what it holds is escaped', () => {
  expect(logLine(LINE, LAYOUT)).toBe('web   │ a\\u001b[2J\tb');
  expect(logLine(LINE, { ...LAYOUT, style: { color: 'off', glyphs: 'ascii' } })).toMatch(/^web {3}\| a/);
});

test('a line is raw only where that was asked for', () => {
  expect(logLine(LINE, { ...LAYOUT, prefix: 'none', control: 'raw' })).toBe('a\u001B[2J\tb');
});

test('times are shown where they are known', () => {
  expect(logLine(LINE, { ...LAYOUT, prefix: 'none', times: 'shown' })).toMatch(/^2026-11-24T12:00:00\.000Z a/);
  expect(logLine({ ...LINE, at: null }, { ...LAYOUT, prefix: 'none', times: 'shown' })).toMatch(/^- {23} a/);
});

test('a very long name does not push every line to the right', () => {
  expect(prefixWidth(['web', 'database'])).toBe(8);
  expect(prefixWidth(['x'.repeat(60)])).toBe(24);
  expect(prefixWidth([])).toBe(0);
});

test('words about output that is missing stand in brackets', () => {
  expect(logLine({ ...LINE, type: 'gap', text: 'truncated by hand' }, LAYOUT)).toBe('web   │ [truncated by hand]');
});
