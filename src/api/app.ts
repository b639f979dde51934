/**
 * From a request to an answer: who is let in, which route, may they, is it well formed, then the route's own function.
 * Whatever goes wrong on the way becomes a problem document; whatever is our own fault tells nothing but its id.
 */
import { type Context, Hono } from 'hono';
import { z } from 'zod';
import { NotFoundError, RouseError, isRouseError } from '../model/errors.ts';
import type { Caller } from '../model/caller.ts';
import { mayUse } from '../model/role.ts';
import { actorOf, admit } from './access.ts';
import { type Door, type Peer, callerAt } from './door.ts';
import { type Replies, createReplies } from './idempotency.ts';
import type { ApiParts } from './parts.ts';
import { type Instance, type Reply, bug, refusal } from './reply.ts';
import { type BodySource, BODY_LIMIT_BYTES, checkContentType, checked, queryOf, readBody } from './request.ts';
import type { Call, Route } from './route.ts';
import { ROUTES } from './routes.ts';

const BASE_HEADERS = {
  'cache-control': 'no-store',
  'x-content-type-options': 'nosniff',
  'cross-origin-resource-policy': 'same-origin',
} as const;

const nothing = z.strictObject({});

/** The app over the parts behind a door; `fetch` answers requests of any server, `request` those of tests. */
export function createApp(parts: ApiParts, door: Door): Hono {
  const app = new Hono();
  const replies = createReplies(parts.clock);
  const newId = requestIds(parts);
  const methods = new Map<string, string[]>();
  const answer = (context: Context, how: (visit: Visit) => Reply | Promise<Reply>): Response | Promise<Response> =>
    answerTo(visitOf(parts, context, { door, requestId: newId() }), how);
  for (const route of ROUTES) {
    const path = route.path.replaceAll(/\{(\w+)\}/g, ':$1');
    methods.set(path, [...(methods.get(path) ?? []), route.method]);
    app.on(route.method, path, (context) => answer(context, (visit) => serve(visit, route, replies)));
  }
  for (const [path, allowed] of methods)
    app.all(path, (context) => answer(context, (visit) => notAllowed(visit, allowed)));
  app.notFound((context) =>
    answer(context, (visit) => refusal(new NotFoundError('RSE4003', unknownPath(visit)), visit)),
  );
  return app;
}

/** A request that was let in. */
interface Visit extends Instance {
  readonly parts: ApiParts;
  readonly caller: Caller | null;
  readonly context: Context;
  readonly header: (name: string) => string | null;
}

interface Entry {
  readonly door: Door;
  readonly requestId: string;
}

const NO_PEER: Peer = { uid: null, pid: null, remote: null };

// One identifier for the daemon's life and a count: unique as well, and a tenth of the cost of a fresh one.
function requestIds({ random }: ApiParts): () => string {
  const base = random.id();
  let count = 0;
  return () => {
    count += 1;
    return `req_${base}-${count.toString(36)}`;
  };
}

// No promise where the route needs none: the server answers such a response without leaving its turn.
function answerTo(visit: Visit, answer: (visit: Visit) => Reply | Promise<Reply>): Response | Promise<Response> {
  try {
    admit({ hosts: hostsOf(visit.context), target: visit.path, header: visit.header });
    const reply = answer(visit);
    if (!(reply instanceof Promise)) return responseOf(reply, visit);
    return reply.then(
      (later) => responseOf(later, visit),
      (error: unknown) => responseOf(refusalOf(error, visit), visit),
    );
  } catch (error) {
    return responseOf(refusalOf(error, visit), visit);
  }
}

function refusalOf(error: unknown, visit: Visit): Reply {
  if (isRouseError(error)) return refusal(error, visit);
  visit.parts.report(visit.requestId, error);
  return bug(visit);
}

function serve(visit: Visit, route: Route, replies: Replies): Reply | Promise<Reply> {
  const source = bodyOf(visit);
  checkContentType(source);
  const { caller } = visit;
  if (caller === null) throw new RouseError('RSE4112', 'cannot answer: there is no credential');
  if (!mayUse(caller.role, route.role))
    throw new RouseError('RSE4113', `cannot answer: it is for the role "${route.role}", and yours is "${caller.role}"`);
  const params = route.params === undefined ? undefined : checked(route.params, visit.context.req.param(), 'path');
  const query = checked(route.query ?? nothing, queryOf(visit.path), 'query');
  if (route.method === 'GET') return route.run(callOf(visit, caller, { params, query, body: undefined }));
  return serveBody({ visit, caller, route, replies, params, query, source });
}

interface Ordered {
  readonly visit: Visit;
  readonly caller: Caller;
  readonly route: Route;
  readonly replies: Replies;
  readonly params: unknown;
  readonly query: unknown;
  readonly source: BodySource;
}

async function serveBody({ visit, caller, route, replies, params, query, source }: Ordered): Promise<Reply> {
  const raw = await readBody(source, route.body?.limitBytes ?? BODY_LIMIT_BYTES);
  const call = callOf(visit, caller, { params, query, body: bodyFor(route, raw) });
  const run = async (): Promise<Reply> => route.run(call);
  const key = visit.header('idempotency-key');
  if (key === null || route.method !== 'POST' || route.repeat === 'never') return run();
  return replies.once({ key: checkedKey(key), method: route.method, path: visit.path, body: raw }, run);
}

function callOf(visit: Visit, caller: Caller, read: Pick<Call, 'params' | 'query' | 'body'>): Call {
  const { parts, context, requestId, path, header } = visit;
  return {
    parts,
    params: read.params,
    query: read.query,
    body: read.body,
    caller,
    actor: actorOf(caller, visit),
    requestId,
    path,
    header,
    // Asked for by few, and dear to make.
    get signal() {
      return context.req.raw.signal;
    },
  };
}

function bodyFor(route: Route, raw: unknown): unknown {
  if (route.body === undefined) return checked(nothing, raw ?? {}, 'body');
  if (raw === undefined && route.body.need === 'required')
    throw new RouseError('RSE4101', 'cannot read the body: there is none', { hint: 'send JSON' });
  return checked(route.body.schema, raw ?? {}, 'body');
}

function notAllowed(visit: Visit, allowed: readonly string[]): Reply {
  const methods = allowed.includes('GET') ? [...allowed, 'HEAD'] : allowed;
  const error = new RouseError('RSE4004', `cannot ${visit.context.req.method} "${visit.context.req.path}"`, {
    hint: `allowed: ${methods.join(', ')}`,
  });
  return refusal(error, visit, { headers: { allow: methods.join(', ') } });
}

function unknownPath(visit: Visit): string {
  return `cannot answer "${visit.context.req.path.slice(0, 200)}": there is no such path`;
}

function checkedKey(key: string): string {
  if (/^[\x21-\x7e]{1,128}$/.test(key)) return key;
  throw new RouseError('RSE4101', 'cannot use the Idempotency-Key: 1 to 128 printable characters are needed');
}

function visitOf(parts: ApiParts, context: Context, { door, requestId }: Entry): Visit {
  const { url } = context.req;
  // Everything after the authority; the address was made absolute by the server.
  const path = url.slice(url.indexOf('/', url.indexOf('//') + 2));
  return {
    parts,
    caller: callerAt(door, NO_PEER, null),
    context,
    path,
    requestId,
    header: (name) => context.req.header(name) ?? null,
  };
}

function bodyOf({ context, header }: Visit): BodySource {
  return {
    contentType: header('content-type'),
    contentLength: header('content-length'),
    transferEncoding: header('transfer-encoding'),
    stream: () => context.req.raw.body,
  };
}

// The server hands the parsed headers on, in which a second Host is lost; the raw ones still have it.
function hostsOf(context: Context): readonly string[] {
  const env = context.env as { readonly incoming?: { readonly rawHeaders?: readonly string[] } } | undefined;
  const raw = env?.incoming?.rawHeaders ?? [];
  return raw.filter((_, index) => index % 2 === 1 && raw[index - 1]?.toLowerCase() === 'host');
}

// A stream's connection is not used again, nor is any once the daemon ends: the server need not wait for it to go idle.
function responseOf(reply: Reply, { parts, requestId }: Visit): Response {
  const isLast = reply.body instanceof ReadableStream || parts.control.ending.aborted;
  const headers = { ...BASE_HEADERS, 'x-request-id': requestId, ...reply.headers };
  return new Response(reply.body as string | null, {
    status: reply.status,
    headers: isLast ? { ...headers, connection: 'close' } : headers,
  });
}
