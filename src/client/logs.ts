/** The output of services. */
import type { ApiLogLine } from '../contract/api-log.ts';
import { type QueryValue, type Session, bytesOf, pathOf } from './session.ts';
import { type LostStream, follow } from './stream.ts';

/**
 * Which lines. `services` empty = all; `tail` = the last so many of those wanted over all services, null = everything that
 * is kept. `since`, `until`: epoch ms. `grep` is an expression of RE2; `invert` = lines that do not match it.
 */
export interface LogFilter {
  readonly services?: readonly string[];
  readonly tail?: number | null;
  readonly runs?: 'all' | 'last' | 'previous';
  readonly since?: number | null;
  readonly until?: number | null;
  readonly grep?: string | null;
  readonly ignoreCase?: boolean;
  readonly invert?: boolean;
  /** The least severe level: trace, debug, info, warn, error or fatal. */
  readonly level?: string | null;
  /** Cursors, one a service: nothing before them is given. */
  readonly after?: readonly string[];
}

/** The output of the project's services. Errors: RSE4001 for a service that is not there. */
export interface LogsClient {
  /** The last lines, at most 1000, oldest first. */
  page(filter?: LogFilter): Promise<readonly ApiLogLine[]>;
  /**
   * Lines oldest first, then new ones as they are written, across restarts of services and of the daemon: each once.
   * `lost` is asked whenever the daemon is lost; by default it may be away for 10 s.
   */
  follow(
    filter: LogFilter & { readonly signal: AbortSignal; readonly lost?: LostStream | undefined },
  ): AsyncIterable<ApiLogLine>;
  /** Everything that the filter allows, oldest first, without a limit on the number of lines. */
  read(filter: LogFilter & { readonly signal: AbortSignal }): AsyncIterable<ApiLogLine>;
  /** The service's own bytes, nothing added: its last `tail` lines, null = all that is kept. */
  bytes(service: string, tail: number | null): Promise<Uint8Array>;
}

/** The output over a session. */
export function logsClient(session: Session): LogsClient {
  return {
    page: (filter = {}) => session.call('GET', pathOf('logs'), { query: { ...queryOf(filter), limit: filter.tail } }),
    follow: ({ signal, lost, ...filter }) => lines(session, { filter, signal, lost, mode: 'follow' }),
    read: ({ signal, ...filter }) => lines(session, { filter, signal, lost: undefined, mode: 'once' }),
    bytes: async (service, tail) => {
      const reply = await session.open('GET', pathOf('services', service, 'logs'), {
        query: { format: 'raw', limit: tail },
        headers: { accept: 'application/octet-stream' },
      });
      return bytesOf(reply.body);
    },
  };
}

interface LineOptions {
  readonly filter: LogFilter;
  readonly signal: AbortSignal;
  readonly lost: LostStream | undefined;
  readonly mode: 'follow' | 'once';
}

/** The place behind the last line of a service. Units: bytes. */
interface Place {
  readonly run: number;
  readonly offset: number;
}

/** The longest list of cursors that a request carries; a longer one makes the head of a request too long. */
const CURSORS_LIMIT = 10_000;

/**
 * Each service's place is remembered. Once the daemon has told everything that was stored it says the place of every
 * service, and a stream that begins again goes on from there; before, or with too many services for a request, it begins
 * with kept lines again, and what is known is passed over.
 */
async function* lines(session: Session, options: LineOptions): AsyncGenerator<ApiLogLine> {
  const { filter, signal, lost, mode } = options;
  const places = new Map<string, Place>((filter.after ?? []).flatMap(placeEntry));
  let isCaughtUp = false;
  const messages = follow(session, {
    path: pathOf('logs'),
    signal,
    lost,
    query: (lastId) => ({
      ...queryOf(filter),
      limit: lastId === null && !isCaughtUp ? filter.tail : null,
      follow: mode === 'follow' ? 'true' : 'false',
      after: isCaughtUp || lastId === null ? cursorsOf(places) : undefined,
    }),
  });
  for await (const { data: text, event } of messages) {
    const told: unknown = JSON.parse(text);
    if (event === 'place') {
      isCaughtUp = true;
      if (hasCursor(told)) for (const [service, place] of placeEntry(told.cursor)) places.set(service, place);
    } else if (isLine(told) && !isPassed(told, places.get(told.service))) {
      for (const [service, place] of placeEntry(told.cursor)) places.set(service, place);
      yield told;
    }
  }
}

function queryOf(filter: LogFilter): Readonly<Record<string, QueryValue>> {
  const { services, runs, since, until, grep, ignoreCase, invert, level, after } = filter;
  return {
    services,
    runs,
    since: textOf(since),
    until: textOf(until),
    q: grep,
    ignore_case: ignoreCase === true ? 'true' : null,
    invert: invert === true ? 'true' : null,
    level,
    after,
  };
}

const textOf = (at: number | null | undefined): string | null =>
  at === null || at === undefined ? null : new Date(at).toISOString();

function cursorsOf(places: ReadonlyMap<string, Place>): string | undefined {
  const text = [...places].map(([service, { run, offset }]) => `${service}:${run}:${offset}`).join(',');
  return text === '' || text.length > CURSORS_LIMIT ? undefined : text;
}

function placeEntry(cursor: string): readonly (readonly [string, Place])[] {
  const [service, run, offset] = cursor.split(':');
  return service === undefined || offset === undefined ? [] : [[service, { run: Number(run), offset: Number(offset) }]];
}

/** Whether a line lies before the place. What Rouse says of output that is missing is never passed over. */
function isPassed({ type, run, offset }: ApiLogLine, place: Place | undefined): boolean {
  if (place === undefined || type === 'gap') return false;
  return run < place.run || (run === place.run && offset < place.offset);
}

function hasCursor(value: unknown): value is { readonly cursor: string } {
  return typeof value === 'object' && value !== null && 'cursor' in value && typeof value.cursor === 'string';
}

function isLine(value: unknown): value is ApiLogLine {
  return hasCursor(value) && 'text' in value && 'offset' in value;
}
