/** What a route is: a line of the table, with its role, its schemas and its function. There is no route without a role. */
import type { z } from 'zod';
import type { Caller } from '../model/caller.ts';
import type { Actor } from '../model/change.ts';
import type { Role } from '../model/role.ts';
import type { ApiParts } from './parts.ts';
import type { Reply } from './reply.ts';

/** A request that passed every check. */
export interface Call<P = unknown, Q = unknown, B = unknown> {
  readonly parts: ApiParts;
  readonly params: P;
  readonly query: Q;
  readonly body: B;
  /** Who asks, as listener and token say. */
  readonly caller: Caller;
  /** The same for the history of services. */
  readonly actor: Actor;
  readonly requestId: string;
  /** The path with its query, as asked. */
  readonly path: string;
  /** A header by its lower-case name, null when it is not there. */
  readonly header: (name: string) => string | null;
  /** Aborts when the caller has gone. */
  readonly signal: AbortSignal;
}

/** One kind of answer in the description of the API. */
export interface Answer {
  readonly description: string;
  readonly content?: Readonly<Record<string, z.ZodType>>;
}

/** The body a route takes. Without a body, `optional` reads `{}`. */
export interface BodyRule<B extends z.ZodType = z.ZodType> {
  readonly schema: B;
  readonly need: 'required' | 'optional';
  /** The most that is read; bytes. Default 256 KiB. */
  readonly limitBytes?: number;
}

/** A line of the table. `path` in the notation of OpenAPI: `/api/v1/services/{name}`. */
export interface Route<
  P extends z.ZodType = z.ZodType,
  Q extends z.ZodType = z.ZodType,
  B extends z.ZodType = z.ZodType,
> {
  readonly method: 'GET' | 'POST' | 'PUT' | 'DELETE';
  readonly path: string;
  /** Who may use it; `anyone` needs no credential, and learns nothing of the project. */
  readonly role: Role | 'anyone';
  /**
   * `kept`: it shows and touches only what the globs of its caller reach, since it goes through `call.parts.supervisor`.
   * Left out: callers with globs are refused.
   */
  readonly globs?: 'kept';
  /** What is put on record that it was asked, a word such as `service.stop`; `none` = it changes nothing. */
  readonly action?: string;
  /** Whether its answer holds the connection: always, or when Accept asks for a stream. */
  readonly stream?: 'always' | 'by-accept';
  /** Whether it takes definitions, which listeners beyond this machine do not. */
  readonly takes?: 'definitions';
  readonly tag: string;
  readonly summary: string;
  readonly params?: P;
  readonly query?: Q;
  readonly body?: BodyRule<B>;
  readonly answers: Readonly<Record<number, Answer>>;
  /** Whether an Idempotency-Key is honoured; a stream cannot be given twice. */
  readonly repeat?: 'by-key' | 'never';
  readonly run: (call: Call<z.output<P>, z.output<Q>, z.output<B>>) => Reply | Promise<Reply>;
}

/** A route whose function is typed by its schemas, as a line of the table. */
export function route<
  P extends z.ZodType = z.ZodUndefined,
  Q extends z.ZodType = z.ZodUndefined,
  B extends z.ZodType = z.ZodUndefined,
>(declared: Route<P, Q, B>): Route {
  return declared;
}
