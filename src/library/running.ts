/** A stack that is up: its services, what happens, its output and its end. */
import type { Aim } from '../contract/aim.ts';
import type { ApiExplanation } from '../contract/api-explain.ts';
import type { ApiLogLine } from '../contract/api-log.ts';
import type { ApiService } from '../contract/api-service.ts';
import { NotFoundError, RouseError, type StartError } from '../model/errors.ts';
import { nearest } from '../model/nearest.ts';
import type { Backend, EventChoice, Order, StackEvent } from './backend.ts';
import { failureOf, oneOf, refuseFailed } from './failure.ts';
import type { ListenOptions, Listening } from './listen.ts';
import { type WaitOptions, waitFor } from './waiting.ts';

/** Which events to tell. `capacity`: records kept while the reader is busy, default 1000; more become one gap. */
export interface EventOptions extends Partial<EventChoice> {
  readonly signal?: AbortSignal;
}

/** Which lines to read. `tail` = the last so many; `follow` goes on with new ones until the signal or the end. */
export interface LogOptions {
  readonly tail?: number;
  readonly follow?: boolean;
  readonly signal?: AbortSignal;
}

/** A line of output. `at` is epoch ms as observed, null where it is not known. */
export interface StackLine {
  readonly service: string;
  readonly run: number;
  readonly at: number | null;
  readonly line: string;
}

/** One service of a stack. Methods reject with NotFoundError when a daemon no longer has it. */
export interface RunningService<N extends string = string> {
  readonly name: N;
  /** The address to show, or null. */
  readonly url: string | null;
  status(): Promise<ApiService>;
  /** Why it is where it is, down to the root cause. */
  explain(): Promise<ApiExplanation>;
  logs(options?: LogOptions): AsyncIterable<StackLine>;
  /** Errors: StartError when it failed; RSE2201 when the time is over; the signal's reason. */
  waitFor(aim: Aim, options?: WaitOptions): Promise<void>;
  /** Resolves when it is ready again. Errors: StartError. */
  restart(): Promise<void>;
  /** Stops it after everything that depends on it. Errors: RSE4014 for an external one. */
  stop(): Promise<void>;
}

/** A stack that is up. Disposing an embedded one stops it; disposing a connection leaves the daemon's services running. */
export interface Running<N extends string = string> extends AsyncDisposable {
  readonly name: string;
  /** In the order of declaration. */
  readonly names: readonly N[];
  /** What did not come up, where `up` was told to keep the rest; else empty. */
  readonly failures: readonly StartError[];
  /** Errors: NotFoundError RSE4001, with the nearest name as hint. */
  service<K extends N>(name: K): RunningService<K>;
  /** What happens from now on. Leaving the loop ends it. */
  events(options?: EventOptions): AsyncIterable<StackEvent>;
  logs(options?: LogOptions): AsyncIterable<StackLine>;
  /** Stops everything in order, then ends as disposal does. May be called twice. Errors: StopTimeoutError. */
  down(): Promise<void>;
  /**
   * Resolves when nothing runs any more and nothing will by itself. Rejects with what failed by then, or with the
   * signal's reason. Nobody needs to look at it.
   */
  readonly finished: Promise<void>;
  /**
   * Serves the API for this stack until it ends.
   * Errors: RSE1105 for an address without a token, and for a stack that a daemon runs; RSE3003 when it cannot be bound;
   * RSE3009 when it would not be safe.
   */
  listen(options: ListenOptions): Promise<Listening>;
}

/** What a running stack is made of. `life` is the signal given to `up`. */
export interface RunningParts<N extends string> {
  readonly backend: Backend;
  readonly names: readonly N[];
  readonly failures: readonly StartError[];
  readonly life: AbortSignal | null;
  /** Whether disposal stops the services. */
  readonly owns: 'services' | 'connection';
  /** Serves the API, calling `stop` when that asks for the end; null where that is somebody else's. */
  readonly listen: ((options: ListenOptions, stop: () => void) => Promise<Listening>) | null;
}

const NEVER = new AbortController().signal;
const RESTING: readonly string[] = ['stopped', 'failed', 'completed'];

/** A running stack over a backend. */
export class RunningStack<N extends string> implements Running<N> {
  readonly name: string;
  readonly names: readonly N[];
  readonly failures: readonly StartError[];
  readonly #parts: RunningParts<N>;
  readonly #listening: Listening[] = [];
  readonly #ended = new AbortController();
  #finished: Promise<void> | null = null;
  #down: Promise<void> | null = null;
  #closed: Promise<void> | null = null;

  constructor(parts: RunningParts<N>) {
    this.#parts = parts;
    this.name = parts.backend.project;
    this.names = parts.names;
    this.failures = parts.failures;
    // What goes wrong in the way down is told by the promise of disposal, which is the same.
    parts.life?.addEventListener('abort', () => void this.#close('services').catch(() => undefined), { once: true });
  }

  get finished(): Promise<void> {
    if (this.#finished === null) {
      this.#finished = this.#untilRest();
      // Who does not look at it is not told; who does gets the same rejection.
      this.#finished.catch(() => undefined);
    }
    return this.#finished;
  }

  service<K extends N>(name: K): RunningService<K> {
    const { backend } = this.#parts;
    if (!backend.urls.has(name)) throw unknownName(name, [...backend.urls.keys()]);
    return {
      name,
      url: backend.urls.get(name) ?? null,
      status: () => backend.service(name),
      explain: () => backend.explain(name),
      logs: (options = {}) => this.#lines([name], options),
      waitFor: (aim, options = {}) => waitFor(backend, name, { ...options, aim }),
      restart: () => this.#perform({ action: 'restart', services: [name] }),
      stop: () => this.#perform({ action: 'stop', services: [name], options: { dependents: 'include' } }),
    };
  }

  events({ types = [], services = [], capacity = 1000, signal }: EventOptions = {}): AsyncIterable<StackEvent> {
    return this.#parts.backend.events({ types, services, capacity }, signal ?? NEVER);
  }

  logs(options: LogOptions = {}): AsyncIterable<StackLine> {
    return this.#lines([], options);
  }

  async listen(options: ListenOptions): Promise<Listening> {
    const { listen, backend } = this.#parts;
    if (listen === null)
      throw new RouseError('RSE1105', `cannot listen for "${backend.project}": its daemon listens already`);
    const listening = await listen(options, () => void this.down().catch(() => undefined));
    this.#listening.push(listening);
    return listening;
  }

  async down(): Promise<void> {
    this.#down ??= this.#parts.backend.down();
    try {
      await this.#down;
    } finally {
      await this.#close('connection');
    }
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.#close(this.#parts.owns);
  }

  #close(how: RunningParts<N>['owns']): Promise<void> {
    this.#closed ??= (async () => {
      const { backend } = this.#parts;
      try {
        if (how === 'services') await (this.#down ??= backend.down());
      } finally {
        for (const listening of this.#listening) await listening[Symbol.asyncDispose]();
        await backend[Symbol.asyncDispose]();
        this.#ended.abort();
      }
    })();
    return this.#closed;
  }

  async #perform(order: Order): Promise<void> {
    const { backend } = this.#parts;
    const { id } = await backend.order(order);
    await refuseFailed(await backend.settled(id, NEVER), backend);
  }

  async *#lines(services: readonly string[], { tail, follow, signal }: LogOptions): AsyncGenerator<StackLine> {
    const until = AbortSignal.any([this.#ended.signal, ...(signal === undefined ? [] : [signal])]);
    const choice = { services, tail: tail ?? null, mode: follow === true ? 'follow' : 'once' } as const;
    for await (const line of this.#parts.backend.logs(choice, until)) yield toLine(line);
  }

  async #untilRest(): Promise<void> {
    const { backend, life } = this.#parts;
    const until = AbortSignal.any([this.#ended.signal, ...(life === null ? [] : [life])]);
    const leave = new AbortController();
    using _ = backend.awake();
    try {
      const signal = AbortSignal.any([until, leave.signal]);
      const events = backend.events({ types: ['service.phase'], services: [], capacity: 1000 }, signal);
      let services = await backend.services();
      if (!isResting(services))
        for await (const _event of events) {
          services = await backend.services();
          if (isResting(services)) break;
        }
      life?.throwIfAborted();
      if (this.#down !== null || this.#closed !== null) return;
      const failed = services.filter(({ phase }) => phase === 'failed');
      if (failed.length > 0) throw oneOf(await Promise.all(failed.map(({ name }) => this.#failure(name))));
    } finally {
      leave.abort();
    }
  }

  #failure(name: string): Promise<StartError> {
    return failureOf(this.#parts.backend, name, { blocked: [], error: null });
  }
}

function isResting(services: readonly ApiService[]): boolean {
  return services.every(({ phase, state }) => RESTING.includes(phase) || state === 'blocked');
}

function toLine({ service, run, at, text }: ApiLogLine): StackLine {
  return { service, run, at: at === null ? null : Date.parse(at), line: text };
}

function unknownName(name: string, known: readonly string[]): NotFoundError {
  const near = nearest(name, known);
  return new NotFoundError('RSE4001', `cannot find service "${name}": there is none of that name`, {
    service: name,
    hint: near === null ? `known are ${known.slice(0, 20).join(', ')}` : `did you mean "${near}"?`,
  });
}
