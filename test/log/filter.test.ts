import { expect, test } from 'vitest';
import { levelOf, wantedBy } from '../../src/log/filter.ts';
import type { LogLine } from '../../src/model/log-line.ts';
import type { LogFilter } from '../../src/ports/log-store.ts';

const line = (text: string, fields: Partial<LogLine> = {}): LogLine => ({
  service: 'api',
  run: 1,
  offset: 0,
  next: 1,
  at: 5000,
  text,
  cut: 'no',
  kind: 'line',
  ...fields,
});
const ALL: LogFilter = { pattern: null, letters: 'exact', wanted: 'with', level: null };
const wanted = (filter: Partial<LogFilter>, ...texts: readonly string[]): string[] => {
  const test_ = wantedBy({ filter: { ...ALL, ...filter } });
  return texts.filter((text) => test_?.(line(text)) ?? true);
};

test('lines that match the expression are wanted, or those that do not', () => {
  expect(wanted({ pattern: 'GET /\\w+' }, 'GET /a', 'get /a', 'POST /a')).toEqual(['GET /a']);
  expect(wanted({ pattern: 'get', letters: 'any-case' }, 'GET /a', 'POST')).toEqual(['GET /a']);
  expect(wanted({ pattern: 'GET', wanted: 'without' }, 'GET /a', 'POST')).toEqual(['POST']);
});

test('an expression that is none is refused', () => {
  expect(() => wantedBy({ filter: { ...ALL, pattern: '(' } })).toThrow(
    expect.objectContaining({ code: 'RSE4102', message: expect.stringContaining('cannot read the pattern "("') }),
  );
});

test('an expression that would take for ever elsewhere is answered at once', () => {
  expect(wanted({ pattern: '^(a+)+$' }, `${'a'.repeat(5000)}!`)).toEqual([]);
});

test.for([
  ['{"level":"warn","msg":"x"}', 'warn'],
  ['{"severity":"ERROR"}', 'error'],
  ['{"level":30}', 'info'],
  ['{"level":60}', 'fatal'],
  ['{"msg":"no level: error"}', 'error'],
  ['{not json, warning', 'warn'],
  ['2026-11-24 12:00:00 INFO started, error count 0', 'info'],
  ['[WARN] low', 'warn'],
  ['LOG:  database system is ready', null],
  ['terrors and errored', null],
] as const)('%s has the level %s', ([text, level]) => {
  expect(levelOf(text)).toBe(level);
});

test('a level wants lines as severe as that and more, and none that says nothing', () => {
  expect(wanted({ level: 'warn' }, 'debug a', 'warn b', 'error c', 'plain')).toEqual(['warn b', 'error c']);
});

test('times bound what is wanted; a line whose time is unknown and words about what is missing always are', () => {
  const test_ = wantedBy({ since: 4000, until: 6000, filter: { ...ALL, pattern: 'a' } });
  const times = [3999, 4000, 6000, 6001, null].filter((at) => test_?.(line('a', { at })));
  expect(times).toEqual([4000, 6000, null]);
  expect(test_?.(line('other', { kind: 'gap', at: 1 }))).toBe(true);
});

test('without bounds every line is wanted', () => {
  expect(wantedBy({})).toBeNull();
});
