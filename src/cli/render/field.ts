/** The screen of `rouse explain KEY`: a key of the definition file. */
import type { Field } from '../field.ts';
import { escapeLine } from './escape.ts';
import { type Style, paint } from './style.ts';

/** The lines of a field: path, what it is, what it takes, what holds when it is left out, how it is written. */
export function fieldScreen(field: Field, style: Style): string[] {
  const rows: readonly (readonly [string, string | null])[] = [
    ['takes', field.values],
    ['default', field.fallback],
    ['example', field.example],
    ['keys', field.keys.length === 0 ? null : field.keys.join(', ')],
  ];
  return [
    paint(style, 'strong', escapeLine(field.path)),
    ...(field.description === '' ? [] : [`  ${field.description}`]),
    ...rows.flatMap(([key, value]) => (value === null || value === '' ? [] : [`  ${key.padEnd(8)} ${value}`])),
  ];
}
