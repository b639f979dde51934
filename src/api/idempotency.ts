/**
 * The same order, sent twice because its answer got lost, is carried out once: the second time the first answer is given.
 * The key belongs to method, address and body together; kept for 24 h, at most 1,000 of them, the oldest goes first.
 */
import { createHash } from 'node:crypto';
import { RouseError } from '../model/errors.ts';
import type { Clock } from '../ports/clock.ts';
import type { Reply } from './reply.ts';

/** An order as it is recognised again. */
export interface KeyedOrder {
  readonly key: string;
  readonly method: string;
  readonly path: string;
  readonly body: unknown;
}

/** Answers that were given, by key. */
export interface Replies {
  /**
   * The answer kept for the key, or the one that `answer` gives now.
   * Errors: RSE4107 the key came with another order; RSE4110 its first order is still being answered. An answer of 500
   * and above, and one that throws, is not kept: the order may be sent again.
   */
  once(order: KeyedOrder, answer: () => Promise<Reply>): Promise<Reply>;
}

interface Kept {
  readonly print: string;
  readonly at: number;
  reply: Reply | null;
}

const KEPT_MS = 24 * 3_600_000;
const KEPT_LIMIT = 1000;

/** An empty set of answers. */
export function createReplies(clock: Clock): Replies {
  const kept = new Map<string, Kept>();
  return {
    once: async (order, answer) => {
      drop(kept, clock.monotonic() - KEPT_MS);
      const print = printOf(order);
      const known = kept.get(order.key);
      if (known !== undefined) return replay(known, print);
      const entry: Kept = { print, at: clock.monotonic(), reply: null };
      kept.set(order.key, entry);
      try {
        entry.reply = await answer();
        return entry.reply;
      } finally {
        if (entry.reply === null || entry.reply.status >= 500) kept.delete(order.key);
      }
    },
  };
}

function replay(known: Kept, print: string): Reply {
  if (known.print !== print)
    throw new RouseError('RSE4107', 'cannot use the Idempotency-Key: it came with another order before', {
      hint: 'make a fresh key for every order',
    });
  if (known.reply === null)
    throw new RouseError('RSE4110', 'cannot repeat the order: its first sending is still being answered', {
      hint: 'look for it in GET /api/v1/changes',
    });
  return { ...known.reply, headers: { ...known.reply.headers, 'idempotency-replayed': 'true' } };
}

// Entries stand in the order they came, so the old ones are the first.
function drop(kept: Map<string, Kept>, before: number): void {
  for (const [key, { at }] of kept) {
    if (at >= before && kept.size < KEPT_LIMIT) return;
    kept.delete(key);
  }
}

function printOf({ method, path, body }: KeyedOrder): string {
  return createHash('sha256')
    .update(JSON.stringify([method, path, body ?? null]))
    .digest('base64');
}
