/** Flags that say when. */
import { parseMoment } from '../model/moment.ts';
import { usage } from './options.ts';

/** A moment out of `10m` (ago) or a time; null when the flag was not given. Units: epoch ms. Errors: RSE0107. */
export function momentOf(flag: string, text: string | null, now: number): number | null {
  if (text === null) return null;
  const at = parseMoment(text, now);
  if (at !== null) return at;
  throw usage(
    `cannot read --${flag}: "${text}" is neither a duration nor a time`,
    `e.g. --${flag} 10m, or 2026-11-24T12:00:00Z`,
  );
}
