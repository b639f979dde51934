/**
 * Events: a page of what is kept, or a stream of what happens.
 *
 * A stream subscribes first and reads what is kept second, then drops from the subscription what it has already sent:
 * between the two nothing is lost and nothing comes twice. When the event to resume after is no longer kept, or was
 * never given, the reader is told to load afresh (`reset`); what a slow reader missed is told as `gap`.
 */
import { z } from 'zod';
import { apiEvent, toApiEvent } from '../contract/api-event.ts';
import { toApiService } from '../contract/api-service.ts';
import { pageEnvelope } from '../contract/envelope.ts';
import type { Gap, ProjectRecord } from '../model/record.ts';
import { refusals } from './answers.ts';
import { countQuery, limitQuery, namesQuery, serviceParams, typesQuery } from './parameters.ts';
import type { ApiParts } from './parts.ts';
import { type Reply, page } from './reply.ts';
import { type Call, type Route, route } from './route.ts';
import { nextAddress } from './services.ts';
import { type Message, formatOf, streamed } from './stream.ts';

const PAGE = 100;
const REPLAY_LIMIT = 10_000;
const BUFFERED = 1000;

const eventsQuery = z.strictObject({
  types: typesQuery.optional(),
  services: namesQuery.optional(),
  since_seq: countQuery.optional(),
  cursor: countQuery.optional(),
  limit: limitQuery.optional(),
  snapshot: z.literal('1').optional(),
});

type Query = z.output<typeof eventsQuery>;

const answers = {
  200: {
    description: 'A page of kept events, or, by Accept, a stream of new ones',
    content: {
      'application/json': pageEnvelope(apiEvent),
      'text/event-stream': z.string(),
      'application/x-ndjson': z.string(),
    },
  },
  ...refusals(422),
};

/** The routes of events. */
export const eventRoutes: readonly Route[] = [
  route({
    method: 'GET',
    path: '/api/v1/events',
    role: 'viewer',
    globs: 'kept',
    stream: 'by-accept',
    tag: 'events',
    summary: 'What happened, or happens',
    query: eventsQuery,
    answers,
    run: (call) => eventsFor(call, call.query),
  }),
  route({
    method: 'GET',
    path: '/api/v1/services/{name}/events',
    role: 'viewer',
    globs: 'kept',
    stream: 'by-accept',
    tag: 'services',
    summary: 'What happened, or happens, to one service',
    params: serviceParams,
    query: eventsQuery.omit({ services: true }),
    answers: { ...answers, ...refusals(404) },
    run: (call) => {
      const { name } = call.parts.supervisor.service(call.params.name);
      return eventsFor(call, { ...call.query, services: [name] });
    },
  }),
];

function eventsFor(call: Call, query: Query): Reply {
  const format = formatOf(call.header('accept'));
  if (format === null) return pageOf(call, query);
  const lastId = /^\d{1,15}$/.exec(call.header('last-event-id') ?? '')?.[0];
  const since = lastId === undefined ? (query.since_seq ?? null) : Number(lastId);
  const stop = new AbortController();
  const signal = AbortSignal.any([stop.signal, call.parts.control.ending]);
  const messages = live(call.parts, { query, since, signal });
  return streamed({ format, messages, clock: call.parts.clock, stop });
}

// Without a place to begin at, the newest; with one, the first after it, so that pages go forward.
function pageOf(call: Call, query: Query): Reply {
  const limit = query.limit ?? PAGE;
  const after = query.cursor ?? query.since_seq;
  const filter = { types: query.types ?? [], services: query.services ?? [] };
  const found = call.parts.supervisor.records({
    ...filter,
    sinceSeq: after ?? 0,
    limit: after === undefined ? limit : REPLAY_LIMIT,
  });
  const shown = after === undefined ? found : found.slice(0, limit);
  const cursor = found.length > shown.length ? String(shown.at(-1)?.seq ?? 0) : null;
  return page(shown.map(toApiEvent), { next_cursor: cursor, total: null }, nextAddress(call.path, cursor));
}

interface LiveOptions {
  readonly query: Query;
  /** The last event that the reader has; null = only new ones. */
  readonly since: number | null;
  readonly signal: AbortSignal;
}

async function* live(parts: ApiParts, { query, since, signal }: LiveOptions): AsyncGenerator<Message> {
  const { supervisor } = parts;
  const filter = { types: query.types ?? [], services: query.services ?? [] };
  const fresh = supervisor.subscribe({ ...filter, capacity: BUFFERED }, signal)[Symbol.asyncIterator]();
  try {
    // The first question begins the subscription; it is answered below, after what is kept.
    let next = fresh.next();
    let sent = newestSeq(parts);
    if (query.snapshot === '1') yield snapshot(parts, sent);
    if (since !== null) yield* replay(parts, { filter, since });
    for (;;) {
      const { done, value } = await next;
      if (done === true) return;
      if (isGap(value)) yield { id: null, event: 'gap', content: value };
      else if (value.seq > sent) {
        sent = value.seq;
        yield eventMessage(value);
      }
      next = fresh.next();
    }
  } finally {
    await fresh.return?.();
  }
}

function* replay(
  parts: ApiParts,
  { filter, since }: { readonly filter: Pick<Query, 'types' | 'services'>; readonly since: number },
): Generator<Message> {
  const kept = parts.supervisor.records({ sinceSeq: since, types: [], services: [], limit: REPLAY_LIMIT });
  const [first] = kept;
  const isWhole = first === undefined ? since <= newestSeq(parts) : first.seq === since + 1;
  if (!isWhole) {
    yield { id: null, event: 'reset', content: { type: 'reset', oldest_seq: first?.seq ?? newestSeq(parts) } };
    return;
  }
  for (const record of kept) if (passes(record, filter)) yield eventMessage(record);
}

function passes({ body }: ProjectRecord, { types = [], services = [] }: Pick<Query, 'types' | 'services'>): boolean {
  const isType = types.length === 0 || types.some((type) => type === body.type);
  return isType && (services.length === 0 || ('service' in body && services.includes(body.service)));
}

function snapshot(parts: ApiParts, seq: number): Message {
  const services = parts.supervisor.services().map(toApiService);
  return { id: String(seq), event: 'snapshot', content: { type: 'snapshot', seq, services } };
}

function eventMessage(record: ProjectRecord): Message {
  return { id: String(record.seq), event: record.body.type, content: toApiEvent(record) };
}

function newestSeq(parts: ApiParts): number {
  return parts.supervisor.records({ sinceSeq: 0, types: [], services: [], limit: 1 }).at(-1)?.seq ?? 0;
}

function isGap(value: ProjectRecord | Gap): value is Gap {
  return 'dropped' in value;
}
