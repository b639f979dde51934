/**
 * Reading the head of an HTTP/1.1 answer: the status line and the header lines, and nothing that follows.
 *
 * Strict, since who answers may be anybody: a line ends with CR LF, a header has a name without spaces, and there is no
 * folding (RFC 9112, sections 2.2, 4, 5). The one regular expression has no two ways to match anything, so it takes
 * time in proportion to the head. Interim answers (1xx) are skipped; 101 would switch the protocol and counts as final.
 */

/** What the bytes so far are: an unfinished head, not HTTP, or a head with the number of its bytes. */
export type ReadHead =
  | { readonly type: 'more' }
  | { readonly type: 'malformed' }
  | {
      readonly type: 'head';
      readonly status: number;
      /** As the server wrote it; null when there is none. */
      readonly location: string | null;
      /** Bytes of the body as announced; null when the answer does not say, or says something else than a number. */
      readonly bodyBytes: number | null;
      /** Where the body begins. */
      readonly headBytes: number;
    };

const END = '\r\n\r\n';
const STATUS_LINE = /^HTTP\/1\.[01] ([1-9]\d\d)(?: [\t\x20-\x7e\x80-\xff]*)?\r\n/;
const HEADER_LINES = /(?:[!#$%&'*+.^_`|~0-9A-Za-z-]+:[\t\x20-\x7e\x80-\xff]*\r\n)*/y;
const LOCATION = /^location:(.*)\r$/im;
const CONTENT_LENGTH = /^content-length:[ \t]*(\d{1,15})[ \t]*\r$/im;
const BEGINNING = 'HTTP/1.';

/** Reads the head at the beginning of `text`. Shapes: bytes as Latin-1, as `Buffer.latin1Slice` gives them. */
export function readHead(text: string): ReadHead {
  let from = 0;
  for (;;) {
    const rest = from === 0 ? text : text.slice(from);
    const end = rest.indexOf(END);
    if (end < 0) return mayBecomeHead(rest) ? { type: 'more' } : { type: 'malformed' };
    const head = rest.slice(0, end + END.length);
    const status = statusOf(head);
    if (status === null) return { type: 'malformed' };
    if (status < 200 && status !== 101) {
      from += head.length;
      continue;
    }
    const length = CONTENT_LENGTH.exec(head)?.[1];
    return {
      type: 'head',
      status,
      location: status >= 300 && status <= 399 ? (LOCATION.exec(head)?.[1]?.trim() ?? null) : null,
      bodyBytes: length === undefined ? null : Number(length),
      headBytes: from + head.length,
    };
  }
}

/** Null when the head is not well formed. */
function statusOf(head: string): number | null {
  const line = STATUS_LINE.exec(head);
  if (line === null) return null;
  HEADER_LINES.lastIndex = line[0].length;
  HEADER_LINES.exec(head);
  return HEADER_LINES.lastIndex === head.length - 2 ? Number(line[1]) : null;
}

/** Whether a head without an end is one so far, so that something else is told at once and not at the deadline. */
function mayBecomeHead(text: string): boolean {
  if (text.length < BEGINNING.length) return BEGINNING.startsWith(text);
  if (!text.startsWith(BEGINNING)) return false;
  const lineEnd = text.indexOf('\n');
  return lineEnd < 0 || STATUS_LINE.test(text.slice(0, lineEnd + 1));
}
