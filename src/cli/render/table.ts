/** Tables: two spaces between columns, a header, fitted to the terminal where there is one. */
import { type Style, mark, paint } from './style.ts';
import { fit, pad, widthOf } from './width.ts';

/** A column. `priority` 1 is always shown; higher numbers go first when there is no room. `shrink`: the least width it may be cut to. */
export interface Column<Row> {
  readonly title: string;
  readonly cell: (row: Row) => string;
  readonly priority: number;
  readonly shrink?: number;
  readonly side?: 'end' | 'start';
}

/** How a table is laid out. `width` null: nothing is left out or cut (pipes, files). */
export interface TableLayout {
  readonly style: Style;
  readonly width: number | null;
}

interface Laid {
  readonly title: string;
  readonly cells: readonly string[];
  readonly priority: number;
  readonly least: number;
  readonly side: 'end' | 'start';
  readonly width: number;
}

const GAP = 2;

/**
 * The lines of the table, header first. With a width: columns of the highest priority number are left out until the
 * rest can be made to fit, then columns that may shrink are cut.
 * Shapes: cells must be single lines, already escaped; no trailing spaces.
 */
export function table<Row>(rows: readonly Row[], columns: readonly Column<Row>[], layout: TableLayout): string[] {
  const all = columns.map((column) => lay(column, rows));
  const shown = layout.width === null ? all : fitColumns(all, layout.width);
  const more = mark(layout.style, 'more');
  const line = (cellOf: (column: Laid) => string): string =>
    shown
      .map((column, index) => {
        const text = fit(cellOf(column), column.width, more);
        return index === shown.length - 1 && column.side === 'end'
          ? text
          : pad(text, column.width, column.side === 'end' ? 'end' : 'start');
      })
      .join(' '.repeat(GAP))
      .trimEnd();
  return [
    paint(
      layout.style,
      'faint',
      line((column) => column.title),
    ),
    ...rows.map((_, row) => line((column) => column.cells[row] ?? '')),
  ];
}

function lay<Row>(column: Column<Row>, rows: readonly Row[]): Laid {
  const cells = rows.map((row) => column.cell(row));
  return {
    title: column.title,
    cells,
    priority: column.priority,
    least: column.shrink ?? Infinity,
    side: column.side ?? 'end',
    width: cells.reduce((widest, cell) => Math.max(widest, widthOf(cell)), widthOf(column.title)),
  };
}

function fitColumns(all: readonly Laid[], width: number): readonly Laid[] {
  let shown = all;
  while (leastWidth(shown) > width) {
    const worst = Math.max(...shown.map((column) => column.priority));
    if (worst <= 1) break;
    const last = shown.findLastIndex((column) => column.priority === worst);
    shown = shown.filter((_, index) => index !== last);
  }
  return shrink(shown, width);
}

const gaps = (columns: readonly Laid[]): number => GAP * Math.max(0, columns.length - 1);

const leastOf = (column: Laid): number => Math.min(column.width, Math.max(column.least, widthOf(column.title)));

const leastWidth = (columns: readonly Laid[]): number =>
  columns.reduce((sum, column) => sum + leastOf(column), gaps(columns));

const fullWidth = (columns: readonly Laid[]): number =>
  columns.reduce((sum, column) => sum + column.width, gaps(columns));

/** Takes what is too much from the widest column that may shrink, then from the next. */
function shrink(columns: readonly Laid[], width: number): readonly Laid[] {
  let shown = columns;
  for (;;) {
    const excess = fullWidth(shown) - width;
    const widest = shown
      .filter((column) => column.width > leastOf(column))
      .toSorted((left, right) => right.width - left.width)[0];
    if (excess <= 0 || widest === undefined) return shown;
    const cut = { ...widest, width: Math.max(leastOf(widest), widest.width - excess) };
    shown = shown.map((column) => (column === widest ? cut : column));
  }
}
