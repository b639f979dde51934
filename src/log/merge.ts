/**
 * The stored lines of several services as one stream, by the time they were written.
 *
 * Of every service the next batch is held; whoever's first line is oldest gives its lines until another's is older. A
 * service's own lines never change their order, whatever their times say.
 */
import type { LogLine } from '../model/log-line.ts';

interface Head {
  readonly batches: AsyncGenerator<readonly LogLine[]>;
  lines: readonly LogLine[];
  /** The place of its next line. */
  next: number;
  /** The latest time it has shown; its key among the others. */
  at: number;
}

/** Merges by time; on equal times in the order of `streams`. Batches that come may be empty; those that go are not. */
export async function* mergeByTime(
  streams: readonly AsyncGenerator<readonly LogLine[]>[],
): AsyncGenerator<readonly LogLine[]> {
  const heads: Head[] = [];
  try {
    for (const batches of streams) {
      const head: Head = { batches, lines: [], next: 0, at: -Infinity };
      if ((await refill(head)) === 'more') heads.push(head);
    }
    while (heads.length > 0) {
      const head = oldest(heads);
      const limit = heads.reduce((least, other) => (other === head ? least : Math.min(least, other.at)), Infinity);
      const begin = head.next;
      do {
        head.next += 1;
        head.at = Math.max(head.at, head.lines[head.next]?.at ?? head.at);
      } while (head.next < head.lines.length && head.at <= limit);
      yield head.lines.slice(begin, head.next);
      if (head.next >= head.lines.length && (await refill(head)) === 'ended') heads.splice(heads.indexOf(head), 1);
    }
  } finally {
    for (const batches of streams) await batches.return(undefined);
  }
}

function oldest(heads: readonly Head[]): Head {
  return heads.reduce((best, head) => (head.at < best.at ? head : best));
}

async function refill(head: Head): Promise<'more' | 'ended'> {
  for (;;) {
    const { value, done } = await head.batches.next();
    if (done === true) return 'ended';
    if (value.length === 0) continue;
    head.lines = value;
    head.next = 0;
    head.at = Math.max(head.at, value[0]?.at ?? head.at);
    return 'more';
  }
}
