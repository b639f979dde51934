/** Strings of services and definitions made harmless for a terminal. */

// Everything of Unicode category C (controls, format characters such as bidi marks and zero-width, surrogates, private
// use, unassigned) but newline and tab, and the two Unicode line separators, which some terminals break a line at.
const UNSAFE = /[^\P{C}\n\t]|[\u2028\u2029]/gu;
const UNSAFE_IN_LINE = /\p{C}|[\u2028\u2029]/gu;

const OWN = /^\u001B\[\d{1,2}m$/;
const OWN_OR_UNSAFE = /\u001B\[\d{1,2}m|[^\P{C}\n\t]|[\u2028\u2029]/gu;

/**
 * The text with every character that could move the cursor, colour, hide or reorder other text as `\uXXXX`.
 * Shapes: newlines and tabs stay.
 * Source: kubectl CVE-2021-25743 (ESC and CR passed through); Unicode TR36 on bidirectional overrides.
 */
export function escapeText(text: string): string {
  return text.replace(UNSAFE, codePoint);
}

/** The same for a string that must stay on its line: newlines and tabs are written out too. */
export function escapeLine(text: string): string {
  return text.replace(UNSAFE_IN_LINE, codePoint);
}

/**
 * A screen of ours as it may go to a terminal: the colours of `style.ts` stay, and so do newlines; every other control is
 * written out. It is the last door, behind the escaping of each part: what was forgotten there does no harm.
 */
export function escapeScreen(text: string): string {
  return text.replace(OWN_OR_UNSAFE, (found) => (OWN.test(found) ? found : codePoint(found)));
}

/**
 * A document in JSON with what JSON itself lets through (DEL, C1 controls, bidi marks, zero-width characters) in the escapes of
 * JSON: the same document for programs. Shapes: `text` is what `JSON.stringify` gives, indented or not.
 */
export function escapeJson(text: string): string {
  return text.replace(UNSAFE, (found) =>
    found
      .split('')
      .map((unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`)
      .join(''),
  );
}

function codePoint(character: string): string {
  const code = character.codePointAt(0) ?? 0;
  const digits = code.toString(16).padStart(4, '0');
  return code > 0xff_ff ? `\\u{${digits}}` : `\\u${digits}`;
}
