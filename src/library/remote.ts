/** A stack that a daemon runs, over its socket. */
import { createClient } from '../client/client.ts';
import type { Client } from '../client/client.ts';
import { systemClock } from '../clock/system.ts';
import type { ApiChange } from '../contract/api-change.ts';
import type { ApiLogLine } from '../contract/api-log.ts';
import type { Backend, EventChoice, LogChoice, Order, StackEvent } from './backend.ts';

const LONG_MS = 2 ** 31 - 1;

/** A backend in a daemon. Disposing it closes the connection; services run on. */
export class Remote implements Backend {
  readonly clock = systemClock();
  readonly project: string;
  readonly urls: ReadonlyMap<string, string | null>;
  readonly #client: Client;

  private constructor(client: Client, known: Pick<Backend, 'project' | 'urls'>) {
    this.#client = client;
    this.project = known.project;
    this.urls = known.urls;
  }

  /** Asks the daemon for its services. Errors: ConnectionError RSE3001, RSE3002. */
  static async at(socketPath: string): Promise<Remote> {
    const client = createClient({ socketPath, clock: systemClock({ keepAlive: 'yes' }), via: 'library' });
    try {
      const { project } = await client.daemon.status();
      const services = await client.services.list();
      return new Remote(client, { project, urls: new Map(services.map(({ name, urls }) => [name, urls[0] ?? null])) });
    } catch (error) {
      client[Symbol.dispose]();
      throw error;
    }
  }

  services(): ReturnType<Backend['services']> {
    return this.#client.services.list();
  }

  service(name: string): ReturnType<Backend['service']> {
    return this.#client.services.get(name);
  }

  explain(name: string): ReturnType<Backend['explain']> {
    return this.#client.services.explain(name);
  }

  checks(name: string): ReturnType<Backend['checks']> {
    return this.#client.services.checks(name);
  }

  startFault(): null {
    return null;
  }

  async lastLines(name: string, count: number): Promise<readonly string[]> {
    return (await this.#client.logs.page({ services: [name], tail: count, runs: 'last' })).map(({ text }) => text);
  }

  order(order: Order): Promise<ApiChange> {
    return this.#client.changes.create(order);
  }

  settled(id: string, signal: AbortSignal): Promise<ApiChange> {
    return this.#client.changes.settled(id, signal);
  }

  events({ types, services }: EventChoice, signal: AbortSignal): AsyncIterable<StackEvent> {
    return followed(this.#client, { types, services, signal });
  }

  logs({ services, tail, mode }: LogChoice, signal: AbortSignal): AsyncIterable<ApiLogLine> {
    const filter = { services, tail, runs: 'all', signal } as const;
    return mode === 'follow' ? this.#client.logs.follow(filter) : this.#client.logs.read(filter);
  }

  async down(): Promise<void> {
    const { id } = await this.order({ action: 'down' });
    await this.settled(id, new AbortController().signal);
  }

  awake(): Disposable {
    return systemClock({ keepAlive: 'yes' }).after(LONG_MS, () => undefined);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#client[Symbol.dispose]();
  }
}

async function* followed(
  client: Client,
  options: Parameters<Client['events']['follow']>[0],
): AsyncGenerator<StackEvent> {
  // The snapshot comes at once, so that whoever waits looks at the state after the stream has begun.
  for await (const event of client.events.follow({ ...options, snapshot: 'first' })) {
    if (event.type === 'reset' || event.type === 'snapshot') yield { type: 'gap', dropped: 0 };
    else yield event;
  }
}
