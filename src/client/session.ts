/** Calls with JSON both ways: envelopes are opened, problem documents become the errors they were, time is bounded. */
import { contentOf } from '../contract/content.ts';
import { ConnectionError, RouseError } from '../model/errors.ts';
import { errorOf } from '../model/problem.ts';
import type { Clock } from '../ports/clock.ts';
import type { Transport, WireReply, WireRequest } from './transport.ts';

/** What a session needs. `via` is the face that speaks; `newKey` makes a fresh Idempotency-Key. */
export interface SessionOptions {
  readonly transport: Transport;
  readonly clock: Clock;
  readonly via: 'cli' | 'api' | 'library';
  readonly newKey: () => string;
  /** The longest that an answer may keep one waiting, beside what the call itself asks the daemon to wait; ms. */
  readonly timeoutMs: number;
  /** The address of a daemon that is not spoken to over its socket, for messages; null by default. */
  readonly where?: string | null;
}

/** One call. `query`: null and undefined are left out, lists are joined by commas. */
export interface CallOptions {
  readonly query?: Readonly<Record<string, QueryValue>>;
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
  readonly signal?: AbortSignal | undefined;
  /** How long the daemon was asked to hold the answer; ms, 0 by default. */
  readonly heldMs?: number;
}

/** A value of a query. */
export type QueryValue = string | number | readonly string[] | null | undefined;

/** An answer that was good: its content, and its head. */
export interface Answer<T> {
  readonly content: T;
  readonly status: number;
  header(name: string): string | null;
}

/** The conversation with one daemon. */
export interface Session {
  readonly clock: Clock;
  /** The content of a good answer. Errors: as in a problem document; RSE3002; RSE2201 when time ran out. */
  call<T>(method: WireRequest['method'], path: string, options?: CallOptions): Promise<T>;
  /** As `call`, with status and headers. */
  ask<T>(method: WireRequest['method'], path: string, options?: CallOptions): Promise<Answer<T>>;
  /** The answer as it arrives, once its head says that it is good. The time bound ends with the head. */
  open(method: WireRequest['method'], path: string, options?: CallOptions): Promise<WireReply>;
}

const SAFE_TO_REPEAT = 1;
const BODY_LIMIT_BYTES = 256 * 1024 * 1024;

/** A session over a transport. A POST carries an Idempotency-Key, so a broken connection is tried once again. */
export function createSession(options: SessionOptions): Session {
  const open = async (method: WireRequest['method'], path: string, call: CallOptions = {}): Promise<WireReply> => {
    using limit = deadline(options, call);
    const request: WireRequest = {
      method,
      path: `${path}${queryText(call.query ?? {})}`,
      headers: {
        accept: 'application/json',
        'rouse-via': options.via,
        ...(method === 'POST' ? { 'idempotency-key': options.newKey() } : {}),
        ...(call.body === undefined ? {} : { 'content-type': 'application/json' }),
        ...call.headers,
      },
      body: call.body === undefined ? null : JSON.stringify(call.body),
      signal: limit.signal,
    };
    const reply = await carry(options.transport, request);
    if (reply.status < 300) return reply;
    throw refusalOf(reply, await textOf(reply.body), options.where ?? null);
  };
  const ask = async <T>(method: WireRequest['method'], path: string, call: CallOptions = {}): Promise<Answer<T>> => {
    const reply = await open(method, path, call);
    const content = contentOf<T>(parse(await textOf(reply.body)));
    if (content === undefined) throw foreign(reply.status);
    return { content, status: reply.status, header: (name) => reply.header(name) };
  };
  return {
    clock: options.clock,
    open,
    ask,
    call: async <T>(method: WireRequest['method'], path: string, call: CallOptions = {}): Promise<T> =>
      (await ask<T>(method, path, call)).content,
  };
}

/** The bytes of a body, joined. Errors: RSE3002 above 256 MiB. */
export async function bytesOf(body: AsyncIterable<Uint8Array>): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of body) {
    size += chunk.length;
    if (size > BODY_LIMIT_BYTES) throw new ConnectionError('RSE3002', 'cannot read the answer: it is over 256 MiB');
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

/** A path with each part encoded. */
export function pathOf(...parts: readonly string[]): string {
  return `/api/v1/${parts.map(encodeURIComponent).join('/')}`;
}

async function textOf(body: AsyncIterable<Uint8Array>): Promise<string> {
  return new TextDecoder().decode(await bytesOf(body));
}

// A request that was cut off is safe to send again: reads change nothing, and a key makes a POST count once.
async function carry(transport: Transport, request: WireRequest): Promise<WireReply> {
  for (let left = request.method === 'PUT' ? 0 : SAFE_TO_REPEAT; ; left -= 1) {
    try {
      return await transport(request);
    } catch (error) {
      const wasCut = error instanceof ConnectionError && error.code === 'RSE3002' && isCut(error.cause);
      if (left <= 0 || !wasCut || request.signal.aborted) throw error;
    }
  }
}

function isCut(cause: unknown): boolean {
  return cause instanceof Error && 'code' in cause && (cause.code === 'ECONNRESET' || cause.code === 'EPIPE');
}

function deadline(options: SessionOptions, call: CallOptions): Disposable & { readonly signal: AbortSignal } {
  const limitMs = options.timeoutMs + (call.heldMs ?? 0);
  const late = new AbortController();
  const timer = options.clock.after(limitMs, () => {
    late.abort(new RouseError('RSE2201', `cannot get an answer of the daemon: none came within ${limitMs} ms`));
  });
  const signal = call.signal === undefined ? late.signal : AbortSignal.any([late.signal, call.signal]);
  return { signal, [Symbol.dispose]: () => timer[Symbol.dispose]() };
}

function queryText(query: Readonly<Record<string, QueryValue>>): string {
  const search = new URLSearchParams();
  for (const [key, value] of Object.entries(query)) {
    if (value === null || value === undefined) continue;
    const text = typeof value === 'object' ? value.join(',') : String(value);
    if (text !== '') search.set(key, text);
  }
  return search.size === 0 ? '' : `?${search.toString()}`;
}

function refusalOf(reply: WireReply, text: string, where: string | null): RouseError {
  if (reply.status < 400) return elsewhere(reply.status, where);
  const error = errorOf(parse(text));
  if (error?.code === 'RSE4112' && where !== null) return notLetIn(error, where);
  return error ?? foreign(reply.status);
}

// Followed, it would carry the order, and the credential, to wherever somebody wants them.
function elsewhere(status: number, where: string | null): ConnectionError {
  return new ConnectionError(
    'RSE3002',
    `cannot use the answer${where === null ? '' : ` of "${where}"`}: it sends us elsewhere (${status}), where we do not go`,
    { hint: 'give the address of the daemon itself' },
  );
}

function notLetIn(error: RouseError, where: string): RouseError {
  const why = error.message.replace(/^cannot answer: /, '');
  return new RouseError('RSE4112', `cannot use the daemon on "${where}": ${why}`, {
    hint: 'make one on its machine (rouse token new NAME --role viewer), and hand it over by ROUSE_TOKEN or --token-file',
    cause: error,
  });
}

function foreign(status: number): ConnectionError {
  return new ConnectionError(
    'RSE3004',
    `cannot understand the daemon: it answered ${status} with a body not of Rouse`,
    {
      hint: 'compare "rouse version" with "rouse daemon status"',
    },
  );
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    // Not JSON means not a daemon of ours; the caller says so with the status.
    return null;
  }
}
