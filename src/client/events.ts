/** Events: what happened, and what happens. */
import type { ApiEvent, ApiSnapshot } from '../contract/api-event.ts';
import { type Session, pathOf } from './session.ts';
import { follow } from './stream.ts';

/** Which events. `types` may end in `.*`; empty lists = all. */
export interface EventFilter {
  readonly types?: readonly string[];
  readonly services?: readonly string[];
}

/** How to follow. `sinceSeq`: begin after that event; `snapshot`: send the present state first. */
export interface FollowOptions extends EventFilter {
  readonly sinceSeq?: number;
  readonly snapshot?: 'first';
  readonly signal: AbortSignal;
}

/** What a stream tells beside events: state, what was missed (slow reader), and that the past is no longer kept. */
export type StreamedEvent =
  | ApiEvent
  | ({ readonly type: 'snapshot' } & ApiSnapshot)
  | { readonly type: 'gap'; readonly dropped: number }
  | { readonly type: 'reset'; readonly oldest_seq: number };

/** The events of the project. */
export interface EventsClient {
  /** Kept events, oldest first: the last `limit` (at most 1000), or the first `limit` after `sinceSeq`. */
  page(query?: EventFilter & { readonly sinceSeq?: number; readonly limit?: number }): Promise<readonly ApiEvent[]>;
  /** Events as they happen, across lost connections; ends with the daemon or the signal, without an error. */
  follow(options: FollowOptions): AsyncIterable<StreamedEvent>;
}

/** The events over a session. */
export function eventsClient(session: Session): EventsClient {
  return {
    page: ({ types, services, sinceSeq, limit } = {}) =>
      session.call('GET', pathOf('events'), { query: { types, services, since_seq: sinceSeq, limit } }),
    follow: (options) => streamed(session, options),
  };
}

async function* streamed(session: Session, options: FollowOptions): AsyncGenerator<StreamedEvent> {
  const { types, services, sinceSeq, snapshot, signal } = options;
  const messages = follow(session, {
    path: pathOf('events'),
    signal,
    query: (lastId) => ({
      types,
      services,
      since_seq: lastId === null ? sinceSeq : null,
      snapshot: snapshot === 'first' && lastId === null ? '1' : null,
    }),
  });
  for await (const { event, data: text } of messages) {
    const content: unknown = JSON.parse(text);
    if (isStreamed(content, event)) yield content;
  }
}

// The daemon writes `type` into every message; a message of a newer daemon that has none is not for this client.
function isStreamed(content: unknown, event: string | undefined): content is StreamedEvent {
  return typeof content === 'object' && content !== null && 'type' in content && content.type === event;
}
