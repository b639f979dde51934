/** Moments as people write them: so long ago, or a time of RFC 3339. */
import { parseDuration } from './duration.ts';

const TIME = /^\d{4}-\d{2}-\d{2}(?:[Tt ]\d{2}:\d{2}(?::\d{2}(?:\.\d{1,9})?)?(?:[Zz]|[+-]\d{2}:\d{2})?)?$/;

/**
 * The moment that a text such as `10m` (before `now`) or `2026-11-24T12:00:00Z` means; null when it means none.
 * Units: epoch ms. A date alone is its first moment in UTC; a time without an offset is that of this machine. Source: RFC 3339, 5.6.
 */
export function parseMoment(text: string, now: number): number | null {
  const ago = parseDuration(text);
  if (ago !== null) return now - ago;
  const at = TIME.test(text) ? Date.parse(text.replace(' ', 'T')) : Number.NaN;
  return Number.isNaN(at) ? null : at;
}
