/** A line of a service's output as it is shown. */
import type { ApiLogLine } from '../../contract/api-log.ts';
import { escapeLine, escapeText } from './escape.ts';
import { type Style, mark, paint, paintName } from './style.ts';
import { pad, widthOf } from './width.ts';

/** How lines are shown. `width`: columns of the prefix's name. `control` raw: what the service wrote goes through. */
export interface LogLayout {
  readonly style: Style;
  readonly width: number;
  readonly prefix: 'name' | 'none';
  readonly times: 'shown' | 'hidden';
  readonly control: 'escaped' | 'raw';
}

const WIDEST_NAME = 24;
const UNKNOWN_TIME = '-'.padEnd(24);

/** The columns that names need before the bar; long ones are not waited for. */
export function prefixWidth(names: readonly string[]): number {
  return Math.min(WIDEST_NAME, Math.max(0, ...names.map((name) => widthOf(escapeLine(name)))));
}

/** `web │ listening on 3000`. */
export function logLine(line: ApiLogLine, layout: LogLayout): string {
  const { style } = layout;
  const time = layout.times === 'hidden' ? '' : `${paint(style, 'faint', escapeLine(line.at ?? UNKNOWN_TIME))} `;
  const name = pad(escapeLine(line.service), layout.width);
  const prefix = layout.prefix === 'none' ? '' : `${paintName(style, line.service, `${name} ${mark(style, 'bar')}`)} `;
  if (line.type === 'gap') return `${time}${prefix}${paint(style, 'faint', `[${escapeLine(line.text)}]`)}`;
  const text = layout.control === 'raw' ? line.text : escapeText(line.text);
  return `${time}${prefix}${text}`;
}
