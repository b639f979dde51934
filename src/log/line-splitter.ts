/** Bytes of a service's output to lines, whatever the pieces they arrive in. */

/** A line as it lies in its file: from `offset` to before `next`, its ending included. `cut` is `yes` when its rest is the next line. */
export interface SplitLine {
  readonly offset: number;
  readonly next: number;
  readonly text: string;
  readonly cut: 'no' | 'yes';
}

/** Takes bytes in file order and gives lines back. */
export interface LineSplitter {
  /** The lines that are complete with these bytes; none may be. The bytes are copied and may be used again. */
  push(bytes: Uint8Array): SplitLine[];
  /** What is left without a newline, as the last line; none when the bytes ended with a newline. */
  end(): SplitLine[];
  /** Where the line that is not complete yet begins: the place to go on from later. */
  offset(): number;
}

/** The longest line that is kept in one piece; long enough for any JSON record, short enough to be matched and drawn. */
export const LINE_LIMIT_BYTES = 64 * 1024;

const NEWLINE = 10;
const RETURN = 13;

/**
 * A splitter whose first byte lies at `from`.
 * Shapes: a line ends with `\n`; a `\r` before it belongs to the ending. Bytes that are not UTF-8 become U+FFFD. A line
 * longer than 64 KiB comes in pieces of at most that, each but the last marked as cut, none of them ending inside a character.
 * Units: bytes. Keeps at most one unfinished line of 64 KiB.
 */
export function lineSplitter(from = 0): LineSplitter {
  let rest = Buffer.alloc(0);
  let at = from;
  /** Takes complete lines, and pieces of one that is too long, off the front; keeps what is left. */
  function take(bytes: Buffer, lines: SplitLine[]): void {
    let begin = 0;
    for (;;) {
      const newline = bytes.indexOf(NEWLINE, begin);
      const end = newline < 0 ? bytes.length : newline;
      while (end - begin > LINE_LIMIT_BYTES) {
        const stop = characterEnd(bytes, begin, begin + LINE_LIMIT_BYTES);
        lines.push({ offset: at + begin, next: at + stop, text: bytes.toString('utf8', begin, stop), cut: 'yes' });
        begin = stop;
      }
      if (newline < 0) break;
      lines.push({ offset: at + begin, next: at + newline + 1, text: textOf(bytes, begin, newline), cut: 'no' });
      begin = newline + 1;
    }
    rest = Buffer.from(bytes.subarray(begin));
    at += begin;
  }
  return {
    push(bytes) {
      const lines: SplitLine[] = [];
      let more = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
      if (rest.length > 0) {
        // Only the line that was begun is put together; what follows is read where it lies.
        const end = more.indexOf(NEWLINE) + 1;
        take(Buffer.concat([rest, end === 0 ? more : more.subarray(0, end)]), lines);
        if (end === 0) return lines;
        more = more.subarray(end);
      }
      take(more, lines);
      return lines;
    },
    end() {
      if (rest.length === 0) return [];
      const line = { offset: at, next: at + rest.length, text: rest.toString('utf8'), cut: 'no' } as const;
      at += rest.length;
      rest = Buffer.alloc(0);
      return [line];
    },
    offset: () => at,
  };
}

function textOf(bytes: Buffer, begin: number, newline: number): string {
  const end = newline > begin && bytes[newline - 1] === RETURN ? newline - 1 : newline;
  return bytes.toString('utf8', begin, end);
}

/** The last place at or before `end` where a UTF-8 character ends; `end` itself when the bytes are not UTF-8. */
function characterEnd(bytes: Buffer, begin: number, end: number): number {
  for (let stop = end; stop > end - 4 && stop > begin; stop -= 1)
    if (((bytes[stop] ?? 0) & 0b1100_0000) !== 0b1000_0000) return stop;
  return end;
}
