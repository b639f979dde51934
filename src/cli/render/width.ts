/** How wide text is on a terminal, and how it is made to fit. */

// oxlint-disable-next-line no-control-regex -- ESC is what a colour begins with
const COLORS = /\u001B\[\d+m/g;
const WIDE =
  /[\u1100-\u115F\u2E80-\u303E\u3041-\uA4CF\uAC00-\uD7A3\uF900-\uFAFF\uFE30-\uFE6F\uFF00-\uFF60\uFFE0-\uFFE6\u{1F300}-\u{1F64F}\u{1F680}-\u{1F6FF}\u{1F900}-\u{1F9FF}\u{20000}-\u{3FFFD}]/u;
const MARK = /^[\p{Mn}\p{Me}]$/u;
// Printable ASCII is what nearly every name and message is made of.
const SIMPLE = /^[\u0020-\u007E]*$/;

/** Columns that the text takes. Colours take none, combining marks none, wide East Asian characters and emoji two. */
export function widthOf(text: string): number {
  if (SIMPLE.test(text)) return text.length;
  let width = 0;
  for (const character of text.replace(COLORS, '')) width += characterWidth(character);
  return width;
}

function characterWidth(character: string): number {
  if (MARK.test(character)) return 0;
  return WIDE.test(character) ? 2 : 1;
}

/** The text filled with spaces to so many columns, at its end or at its begin. Longer text stays as it is. */
export function pad(text: string, width: number, side: 'end' | 'start' = 'end'): string {
  const space = ' '.repeat(Math.max(0, width - widthOf(text)));
  return side === 'end' ? text + space : space + text;
}

/**
 * The text cut to so many columns, with `more` at its end when something was cut. Colours are kept and closed.
 * Units: columns; 0 or less gives the empty text.
 */
export function fit(text: string, width: number, more = '…'): string {
  if (widthOf(text) <= width) return text;
  if (width <= 0) return '';
  const room = width - widthOf(more);
  let used = 0;
  let kept = '';
  let color = '';
  // oxlint-disable-next-line no-control-regex -- ESC is what a colour begins with
  for (const part of text.split(/(\u001B\[\d+m)/)) {
    if (part.startsWith('\u001B')) {
      kept += part;
      color = part;
      continue;
    }
    for (const character of part) {
      const step = characterWidth(character);
      if (used + step > room) return `${kept}${more.slice(0, width)}${color === '' ? '' : '\u001B[0m'}`;
      used += step;
      kept += character;
    }
  }
  return kept;
}
