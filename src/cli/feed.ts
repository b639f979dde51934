/** What goes on in the project while a command shows it: events as they happen, and services as they are. */
import type { Lost } from '../client/changes.ts';
import type { Client } from '../client/client.ts';
import type { ApiChange } from '../contract/api-change.ts';
import type { ApiEvent } from '../contract/api-event.ts';
import type { ApiService } from '../contract/api-service.ts';
import type { Clock } from '../ports/clock.ts';
import { phaseWord } from './render/explain.ts';

/** Who looks at a feed. `services` is called with fresh state, at most ten times a second. */
export interface Watcher {
  readonly event: (event: ApiEvent) => void;
  readonly services: (services: readonly ApiService[]) => void;
}

/** How a feed is kept. `refresh`: whether state is fetched after events (a drawing needs it, lines do not). */
export interface FeedOptions {
  readonly client: Client;
  readonly clock: Clock;
  readonly refresh: 'after-events' | 'never';
  readonly watcher: Watcher;
}

/** An open feed. Disposing it ends the stream. */
export interface Feed extends Disposable {
  /** The services as last heard of. */
  latest(): readonly ApiService[];
  /** Fetches the services now and shows them to the watcher. */
  refresh(): Promise<readonly ApiService[]>;
  /** The change when it has ended, all its events shown. Errors: RSE4002; those of the connection. */
  settled(id: string, signal?: AbortSignal, lost?: Lost): Promise<ApiChange>;
  /** Resolves when the daemon ended the stream; rejects when it is lost. */
  readonly ended: Promise<void>;
}

const FRAME_MS = 100;
// How long the last events of a change that has ended may lag behind the answer that it has ended.
const LAG_MS = 500;

/** Opens a feed; resolves once the present state is known, so that nothing that follows is missed. */
export async function openFeed(options: FeedOptions): Promise<Feed> {
  const { client, clock, watcher } = options;
  const stop = new AbortController();
  const done = new Set<string>();
  const waiting = new Map<string, () => void>();
  let services: readonly ApiService[] = [];
  const begun = Promise.withResolvers<void>();
  const show = (fresh: readonly ApiService[]): void => {
    services = fresh;
    watcher.services(fresh);
  };
  const refresher = refreshing({ ...options, show, signal: stop.signal });
  const pump = async (): Promise<void> => {
    for await (const event of client.events.follow({ snapshot: 'first', signal: stop.signal })) {
      if (event.type === 'snapshot') {
        show(event.services);
        begun.resolve();
      } else if (event.type === 'gap' || event.type === 'reset') refresher.soon();
      else {
        watcher.event(event);
        if (event.type === 'service.phase') show(services.map((service) => moved(service, event, services)));
        if (event.type === 'change.done') {
          done.add(event.change.id);
          waiting.get(event.change.id)?.();
        }
        refresher.soon();
      }
    }
  };
  const ended = pump();
  ended.then(begun.resolve, begun.reject);
  await begun.promise;
  const refresh = async (): Promise<readonly ApiService[]> => {
    show(await client.services.list());
    return services;
  };
  return {
    latest: () => services,
    refresh,
    ended,
    settled: async (id, signal, lost) => {
      const seen = new Promise<void>((resolve) => waiting.set(id, resolve));
      const change = await client.changes.settled(id, signal, lost);
      // An order with nothing to do ends without a word.
      if (done.has(id) || change.tasks.length === 0) return change;
      using _ = clock.after(LAG_MS, () => waiting.get(id)?.());
      await Promise.race([seen, ended.catch(() => undefined)]);
      return change;
    },
    [Symbol.dispose]: () => {
      stop.abort();
    },
  };
}

type Phased = Extract<ApiEvent, { type: 'service.phase' }>;

/** The service as an event says it is now; what the event does not say is guessed, and fetched soon after. */
function moved(service: ApiService, event: Phased, all: readonly ApiService[]): ApiService {
  if (service.name !== event.service) return service;
  const { to, at, ready, reason, pid, run } = event;
  const isUp = (name: string): boolean => all.find((other) => other.name === name)?.ready ?? false;
  const health = to === 'starting' ? { ...service.health, healthy: null, message: '' } : service.health;
  const waitingFor = to === 'waiting' ? service.depends_on.filter((name) => !isUp(name)) : [];
  const known = { phase: to, state: phaseWord(to), since: at, ready, reason, pid, run };
  return { ...service, ...known, health, waiting_for: waitingFor };
}

interface RefreshOptions extends FeedOptions {
  readonly show: (services: readonly ApiService[]) => void;
  readonly signal: AbortSignal;
}

/** Fetches the state soon after it was asked to, once for many requests, never two at a time. */
function refreshing({ client, clock, refresh, show, signal }: RefreshOptions): { readonly soon: () => void } {
  let state: 'idle' | 'due' | 'again' = 'idle';
  const fetch = async (): Promise<void> => {
    state = 'due';
    try {
      const fresh = await client.services.list();
      if (!signal.aborted) show(fresh);
    } catch {
      // A daemon that is gone ends the stream, and that is reported; a picture that is a little old harms nobody.
    }
    const isWanted = isAgain();
    state = 'idle';
    if (isWanted) soon();
  };
  const isAgain = (): boolean => state === 'again';
  const soon = (): void => {
    if (refresh === 'never' || signal.aborted) return;
    if (state !== 'idle') state = 'again';
    else {
      state = 'due';
      clock.after(FRAME_MS, () => void fetch());
    }
  };
  return { soon };
}
