/** What a project has left on disk, in the words of the client. */
import type { EventFilter, EventsClient } from '../client/events.ts';
import type { LogFilter, LogsClient } from '../client/logs.ts';
import { type ApiEvent, EVENT_NAMES, toApiEvent } from '../contract/api-event.ts';
import { type ApiLogLine, toApiLogLine } from '../contract/api-log.ts';
import { parsePlace } from '../model/log-line.ts';
import { nearest } from '../model/nearest.ts';
import { LOG_LEVELS } from '../ports/log-store.ts';
import { type Stored, openStored } from '../supervisor/stored.ts';
import { usage } from './options.ts';
import type { Project } from './project.ts';

const PAGE = 100;

/** What can be read without following: of a daemon, or of what it left. */
export interface Source extends Disposable {
  readonly services: readonly { readonly name: string }[];
  readonly logs: Pick<LogsClient, 'read' | 'bytes'>;
  readonly events: Pick<EventsClient, 'page'>;
}

/** A source over the files of the project; null when it has never run. Errors: RSE3008. */
export function storedSource({ folders, name }: Project): Source | null {
  const stored = openStored(folders, name);
  if (stored === null) return null;
  return {
    services: stored.services().map((service) => ({ name: service })),
    logs: { read: (filter) => linesOf(stored, filter), bytes: (service, tail) => stored.logs.bytes(service, tail) },
    events: { page: (query) => Promise.resolve(pageOf(stored, query ?? {})) },
    [Symbol.dispose]: () => undefined,
  };
}

async function* linesOf(
  { logs }: Stored,
  { services = [], tail = null, runs = 'all', ...wish }: LogFilter & { readonly signal: AbortSignal },
): AsyncGenerator<ApiLogLine> {
  const { since, until, grep, level, after = [], signal } = wish;
  const filter = {
    pattern: grep ?? null,
    letters: wish.ignoreCase === true ? 'any-case' : 'exact',
    wanted: wish.invert === true ? 'without' : 'with',
    level: LOG_LEVELS.find((word) => word === level) ?? null,
  } as const;
  const query = {
    services,
    tail,
    runs,
    mode: 'once',
    since: since ?? undefined,
    until: until ?? undefined,
    filter,
    after: after.flatMap((text) => parsePlace(text) ?? []),
  } as const;
  for await (const line of logs.read(query, signal)) yield toApiLogLine(line);
}

// As a page of the daemon: the newest, or with a place to begin at the first after it.
function pageOf(
  stored: Stored,
  query: EventFilter & { readonly sinceSeq?: number; readonly limit?: number },
): readonly ApiEvent[] {
  const { sinceSeq, limit = PAGE, services = [] } = query;
  const filter = { types: (query.types ?? []).flatMap(typesOf), services, sinceSeq: sinceSeq ?? 0 };
  const found = stored.records({ ...filter, limit: sinceSeq === undefined ? limit : Infinity });
  return (sinceSeq === undefined ? found : found.slice(0, limit)).map(toApiEvent);
}

function typesOf(word: string): readonly string[] {
  const found = EVENT_NAMES.filter((name) =>
    word.endsWith('.*') ? name.startsWith(word.slice(0, -1)) : name === word,
  );
  if (found.length > 0) return found;
  const near = nearest(word, EVENT_NAMES);
  throw usage(
    `cannot show events "${word}": there are none of that type`,
    near === null ? `types: ${EVENT_NAMES.join(', ')}` : `did you mean "${near}"?`,
  );
}
