/** What is remembered between requests: answers that may be given again, and how often who has asked. All of it bounded. */
import { type Replies, createReplies } from './idempotency.ts';
import type { ApiParts } from './parts.ts';
import { Buckets, Failures, RATES, Slots } from './rates.ts';

/** The memory of one app. */
export interface Desk {
  readonly parts: ApiParts;
  readonly replies: Replies;
  readonly requests: Buckets;
  readonly mutations: Buckets;
  readonly failures: Failures;
  readonly streams: Slots;
}

/** A memory of nothing yet. */
export function createDesk(parts: ApiParts): Desk {
  const { clock } = parts;
  return {
    parts,
    replies: createReplies(clock),
    requests: new Buckets(RATES.requests, clock),
    mutations: new Buckets(RATES.mutations, clock),
    failures: new Failures(clock),
    streams: new Slots(),
  };
}
