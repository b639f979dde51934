import { expect, test } from 'vitest';
import { PLAIN_STYLE } from '../../../src/cli/render/style.ts';
import { type Column, table } from '../../../src/cli/render/table.ts';

interface Row {
  readonly name: string;
  readonly note: string;
  readonly count: number;
}

const ROWS: readonly Row[] = [
  { name: 'web', note: 'a rather long remark on it', count: 7 },
  { name: 'database', note: 'short', count: 12 },
];
const COLUMNS: readonly Column<Row>[] = [
  { title: 'NAME', cell: ({ name }) => name, priority: 1 },
  { title: 'COUNT', cell: ({ count }) => String(count), priority: 3, side: 'start' },
  { title: 'NOTE', cell: ({ note }) => note, priority: 2, shrink: 8 },
];

test('a table in a pipe is neither cut nor padded at the end', () => {
  expect(table(ROWS, COLUMNS, { style: PLAIN_STYLE, width: null })).toEqual([
    'NAME      COUNT  NOTE',
    'web           7  a rather long remark on it',
    'database     12  short',
  ]);
});

test('a table on a terminal cuts what may shrink', () => {
  expect(table(ROWS, COLUMNS, { style: PLAIN_STYLE, width: 32 })).toEqual([
    'NAME      COUNT  NOTE',
    'web           7  a rather lon...',
    'database     12  short',
  ]);
});

test('a table on a narrow terminal leaves out the least important columns', () => {
  expect(table(ROWS, COLUMNS, { style: PLAIN_STYLE, width: 20 })).toEqual([
    'NAME      NOTE',
    'web       a rathe...',
    'database  short',
  ]);
});

test('wide characters count as two columns', () => {
  const rows = [{ name: '世界', note: 'x', count: 1 }, ...ROWS.slice(1)];
  expect(table(rows, COLUMNS, { style: PLAIN_STYLE, width: null })[1]).toBe('世界          1  x');
});
