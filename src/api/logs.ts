/** The output of services: a page of last lines, a stream, or the bytes as they were written. */
import { z } from 'zod';
import { apiLogLine, toApiLogLine } from '../contract/api-log.ts';
import { pageEnvelope } from '../contract/envelope.ts';
import { type LogLine, parsePlace, placeText } from '../model/log-line.ts';
import { parseMoment } from '../model/moment.ts';
import { LOG_LEVELS, type LogQuery } from '../ports/log-store.ts';
import { refusals } from './answers.ts';
import { Denial } from './denial.ts';
import { countQuery, flagQuery, namesQuery, serviceParams } from './parameters.ts';
import { PAGE_LIMIT } from './parameters.ts';
import { RouseError } from '../model/errors.ts';
import type { ApiParts } from './parts.ts';
import { type Reply, page } from './reply.ts';
import { type Call, type Route, route } from './route.ts';
import { type Message, formatOf, streamed } from './stream.ts';

const PAGE = 200;

const afterQuery = z
  .string()
  .max(12_288)
  .meta({ description: 'cursors, one a service, separated by commas: nothing before them is given' })
  .transform((text, context) =>
    text.split(',').flatMap((part) => {
      const place = parsePlace(part);
      if (place !== null) return [place];
      context.addIssue({ code: 'custom', message: `"${part}" is no cursor, such as "web:3:1024"` });
      return [];
    }),
  );

const moment = z.string().max(64).meta({ description: 'a time of RFC 3339, or a duration such as 10m: so long ago' });

const logsQuery = z.strictObject({
  services: namesQuery.optional(),
  limit: countQuery.optional(),
  runs: z.enum(['all', 'last', 'previous']).optional(),
  follow: flagQuery.optional(),
  since: moment.optional(),
  until: moment.optional(),
  q: z.string().max(4096).meta({ description: 'an expression of RE2 that lines are to match' }).optional(),
  ignore_case: flagQuery.optional(),
  invert: flagQuery.optional(),
  level: z.enum(LOG_LEVELS).meta({ description: 'the least severe level' }).optional(),
  after: afterQuery.optional(),
});
const oneQuery = logsQuery.omit({ services: true }).extend({ format: z.enum(['lines', 'raw']).optional() });

type Query = z.output<typeof logsQuery>;

const answers = {
  200: {
    description:
      'The last lines, oldest first, or, by Accept, a stream of kept and new ones; its event "place" is a cursor up to which everything has been told',
    content: {
      'application/json': pageEnvelope(apiLogLine),
      'text/event-stream': z.string(),
      'application/x-ndjson': z.string(),
    },
  },
  ...refusals(404, 422),
};

/** The routes of logs. */
export const logRoutes: readonly Route[] = [
  route({
    method: 'GET',
    path: '/api/v1/logs',
    role: 'viewer',
    globs: 'kept',
    stream: 'by-accept',
    tag: 'logs',
    summary: 'The output of services',
    query: logsQuery,
    answers,
    run: (call) => {
      checkShown(call);
      const services = (call.query.services ?? []).map((name) => call.parts.supervisor.service(name).name);
      return linesFor(call, { ...call.query, services });
    },
  }),
  route({
    method: 'GET',
    path: '/api/v1/services/{name}/logs',
    role: 'viewer',
    globs: 'kept',
    stream: 'by-accept',
    tag: 'services',
    summary: 'The output of one service; with format=raw its own bytes',
    params: serviceParams,
    query: oneQuery,
    answers: {
      ...answers,
      200: { ...answers[200], content: { ...answers[200].content, 'application/octet-stream': z.string() } },
    },
    run: (call) => {
      checkShown(call);
      const { format, ...query } = call.query;
      const { name } = call.parts.supervisor.service(call.params.name);
      const isRaw = format === 'raw' || call.header('accept')?.includes('application/octet-stream') === true;
      return isRaw ? raw(call.parts, name, query.limit ?? null) : linesFor(call, { ...query, services: [name] });
    },
  }),
];

// Output may hold anything, so viewers read it only where that was said when they were let in.
function checkShown({ caller }: Pick<Call, 'caller'>): void {
  if (caller.logs === 'read') return;
  throw new Denial('RSE4113', 'cannot show the output of services: it is hidden from this viewer', {
    hint: 'use a token that was made with --logs, or one of an operator',
  });
}

async function raw(parts: ApiParts, service: string, tail: number | null): Promise<Reply> {
  const body = await parts.supervisor.logs.bytes(service, tail);
  return { status: 200, headers: { 'content-type': 'application/octet-stream' }, body };
}

async function linesFor(call: Call, query: Query): Promise<Reply> {
  const format = formatOf(call.header('accept'));
  const wanted = wantedOf(query, call.parts.clock.now());
  if (format === null) return pageOf(call, { ...wanted, tail: pageLimit(query.limit), mode: 'once' });
  const stop = new AbortController();
  const signal = AbortSignal.any([stop.signal, call.parts.control.ending]);
  const mode = query.follow === 'false' ? 'once' : 'follow';
  const places = format === 'sse' ? 'told' : 'untold';
  const stored = call.parts.supervisor.logs.read({ ...wanted, tail: query.limit ?? null, mode, places }, signal);
  return streamed({ format, messages: messagesOf(stored), clock: call.parts.clock, stop });
}

function wantedOf(query: Query, now: number): Omit<LogQuery, 'tail' | 'mode'> {
  const { q, level, after } = query;
  const filter = {
    pattern: q ?? null,
    letters: query.ignore_case === 'true' ? 'any-case' : 'exact',
    wanted: query.invert === 'true' ? 'without' : 'with',
    level: level ?? null,
  } as const;
  return {
    services: query.services ?? [],
    runs: query.runs ?? 'all',
    since: momentOf('since', query.since, now),
    until: momentOf('until', query.until, now),
    filter: q === undefined && level === undefined ? undefined : filter,
    ...(after === undefined ? {} : { after }),
  };
}

function momentOf(name: string, text: string | undefined, now: number): number | undefined {
  if (text === undefined) return undefined;
  const at = parseMoment(text, now);
  if (at !== null) return at;
  throw new RouseError('RSE4102', `cannot use the query: "${name}": "${text}" is neither a time nor a duration`, {
    hint: `e.g. ${name}=10m, or ${name}=2026-11-24T12:00:00Z`,
  });
}

function pageLimit(limit: number | undefined): number {
  if (limit !== undefined && limit > PAGE_LIMIT)
    throw new RouseError('RSE4102', `cannot use the query: "limit": at most ${PAGE_LIMIT} lines fit on a page`, {
      hint: 'ask for more as a stream: accept: application/x-ndjson',
    });
  return limit ?? PAGE;
}

async function pageOf(call: Call, query: LogQuery): Promise<Reply> {
  const found: object[] = [];
  for await (const line of call.parts.supervisor.logs.read(query, call.signal)) found.push(toApiLogLine(line));
  return page(found, { next_cursor: null, total: null }, null);
}

async function* messagesOf(lines: AsyncIterable<LogLine>): AsyncGenerator<Message> {
  for await (const line of lines) {
    const cursor = placeText({ service: line.service, run: line.run, offset: line.next });
    if (line.kind === 'here') yield { id: null, event: 'place', content: { service: line.service, cursor } };
    else yield { id: cursor, event: 'log', content: toApiLogLine(line) };
  }
}
