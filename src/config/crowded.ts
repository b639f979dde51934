/** Texts with more values and lines than any definition has: a parser would be busy with them for seconds. */

/** Signs that part one value from the next, in one text. A definition of 10,000 services has fewer. */
const LIMIT = 300_000;

const SEPARATORS: ReadonlySet<number> = new Set(Array.from('\n\r,:[{?', (sign) => sign.charCodeAt(0)));

/** What is wrong with such a text. */
export const CROWDED = 'it has more values and lines than a definition can have';

/** Where a text has one sign too many between values, or -1. Signs inside texts and comments count as well. */
export function crowdedPlace(text: string): number {
  let count = 0;
  for (let at = 0; at < text.length; at += 1) {
    if (!SEPARATORS.has(text.charCodeAt(at))) continue;
    count += 1;
    if (count > LIMIT) return at;
  }
  return -1;
}
