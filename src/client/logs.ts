/** The output of services. */
import type { ApiLogLine } from '../contract/api-log.ts';
import { type Session, bytesOf, pathOf } from './session.ts';
import { follow } from './stream.ts';

/** Which lines. `services` empty = all; `tail` = the last so many over all of them, null = everything that is kept. */
export interface LogFilter {
  readonly services?: readonly string[];
  readonly tail?: number | null;
  readonly runs?: 'all' | 'last' | 'previous';
}

/** The output of the project's services. Errors: RSE4001 for a service that is not there. */
export interface LogsClient {
  /** The last lines, at most 1000, oldest first. */
  page(filter?: LogFilter): Promise<readonly ApiLogLine[]>;
  /** Lines oldest first, then new ones as they are written, across restarts and lost connections. */
  follow(filter: LogFilter & { readonly signal: AbortSignal }): AsyncIterable<ApiLogLine>;
  /** Everything that the filter allows, oldest first, without a limit on the number of lines. */
  read(filter: LogFilter & { readonly signal: AbortSignal }): AsyncIterable<ApiLogLine>;
  /** The service's own bytes, nothing added: its last `tail` lines, null = all that is kept. */
  bytes(service: string, tail: number | null): Promise<Uint8Array>;
}

/** The output over a session. */
export function logsClient(session: Session): LogsClient {
  return {
    page: ({ services, tail, runs } = {}) =>
      session.call('GET', pathOf('logs'), { query: { services, limit: tail, runs } }),
    follow: ({ signal, ...filter }) => lines(session, { filter, signal, mode: 'follow' }),
    read: ({ signal, ...filter }) => lines(session, { filter, signal, mode: 'once' }),
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
  readonly mode: 'follow' | 'once';
}

// After a lost connection the stream begins again with kept lines; each service remembers how far it was read.
async function* lines(session: Session, { filter, signal, mode }: LineOptions): AsyncGenerator<ApiLogLine> {
  const read = new Map<string, ApiLogLine>();
  const messages = follow(session, {
    path: pathOf('logs'),
    signal,
    query: (lastId) => ({
      services: filter.services,
      runs: filter.runs,
      limit: lastId === null ? filter.tail : null,
      follow: mode === 'follow' ? 'true' : 'false',
    }),
  });
  for await (const { data: text } of messages) {
    const line: unknown = JSON.parse(text);
    if (!isLine(line) || isRead(line, read.get(line.service))) continue;
    read.set(line.service, line);
    yield line;
  }
}

function isRead(line: ApiLogLine, last: ApiLogLine | undefined): boolean {
  return last !== undefined && (line.run < last.run || (line.run === last.run && line.offset <= last.offset));
}

function isLine(value: unknown): value is ApiLogLine {
  return typeof value === 'object' && value !== null && 'text' in value && 'offset' in value;
}
