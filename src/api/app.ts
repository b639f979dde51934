/**
 * From a request to an answer: who is let in, which route, may they, is it well formed, then the route's own function.
 * Whatever goes wrong on the way becomes a problem document; whatever is our own fault tells nothing but its id.
 */
import { type Context, Hono } from 'hono';
import { z } from 'zod';
import { NotFoundError, RouseError, isRouseError } from '../model/errors.ts';
import { actorOf, admit, mayUse } from './access.ts';
import { type Replies, createReplies } from './idempotency.ts';
import type { ApiParts } from './parts.ts';
import { type Instance, type Reply, bug, refusal } from './reply.ts';
import { type BodySource, BODY_LIMIT_BYTES, checkContentType, checked, queryOf, readBody } from './request.ts';
import type { Call, Role, Route } from './route.ts';
import { ROUTES } from './routes.ts';

const BASE_HEADERS = {
  'cache-control': 'no-store',
  'x-content-type-options': 'nosniff',
  'cross-origin-resource-policy': 'same-origin',
} as const;

const nothing = z.strictObject({});
/** On this socket everybody is an admin: its file is for the daemon's own user and for root alone. */
const OWN_ROLE: Role = 'admin';

/** The app over the parts; `fetch` answers requests of any server, `request` those of tests. */
export function createApp(parts: ApiParts): Hono {
  const app = new Hono();
  const replies = createReplies(parts.clock);
  const methods = new Map<string, string[]>();
  for (const route of ROUTES) {
    const path = route.path.replaceAll(/\{(\w+)\}/g, ':$1');
    methods.set(path, [...(methods.get(path) ?? []), route.method]);
    app.on(route.method, path, (context) => answerTo(parts, context, (visit) => serve(visit, route, replies)));
  }
  for (const [path, allowed] of methods)
    app.all(path, (context) => answerTo(parts, context, (visit) => Promise.resolve(notAllowed(visit, allowed))));
  app.notFound((context) =>
    answerTo(parts, context, (visit) => Promise.reject(new NotFoundError('RSE4003', unknownPath(visit)))),
  );
  return app;
}

/** A request that was let in. */
interface Visit extends Instance {
  readonly parts: ApiParts;
  readonly context: Context;
  readonly header: (name: string) => string | null;
}

async function answerTo(
  parts: ApiParts,
  context: Context,
  answer: (visit: Visit) => Promise<Reply>,
): Promise<Response> {
  const visit = visitOf(parts, context);
  try {
    admit({ hosts: hostsOf(context), target: visit.path, header: visit.header });
    return responseOf(await answer(visit), visit);
  } catch (error) {
    if (isRouseError(error)) return responseOf(refusal(error, visit), visit);
    parts.report(visit.requestId, error);
    return responseOf(bug(visit), visit);
  }
}

async function serve(visit: Visit, route: Route, replies: Replies): Promise<Reply> {
  const { context, parts } = visit;
  const source = bodyOf(visit);
  checkContentType(source);
  if (!mayUse(OWN_ROLE, route.role)) throw new RouseError('RSE4106', 'cannot answer: your role does not allow it');
  const params = route.params === undefined ? undefined : checked(route.params, context.req.param(), 'path');
  const query = checked(route.query ?? nothing, queryOf(visit.path), 'query');
  const raw = route.method === 'GET' ? undefined : await readBody(source, route.body?.limitBytes ?? BODY_LIMIT_BYTES);
  const body = bodyFor(route, raw);
  const call: Call = {
    parts,
    params,
    query,
    body,
    actor: actorOf(parts.listener, visit),
    requestId: visit.requestId,
    path: visit.path,
    header: visit.header,
    get signal() {
      return context.req.raw.signal;
    },
  };
  const run = async (): Promise<Reply> => route.run(call);
  const key = visit.header('idempotency-key');
  if (key === null || route.method !== 'POST' || route.repeat === 'never') return run();
  return replies.once({ key: checkedKey(key), method: route.method, path: visit.path, body: raw }, run);
}

function bodyFor(route: Route, raw: unknown): unknown {
  if (route.method === 'GET') return undefined;
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

function visitOf(parts: ApiParts, context: Context): Visit {
  const { url } = context.req;
  // Everything after the authority; the address was made absolute by the server.
  const path = url.slice(url.indexOf('/', url.indexOf('//') + 2));
  return {
    parts,
    context,
    path,
    requestId: `req_${parts.random.id()}`,
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

function responseOf(reply: Reply, visit: Visit): Response {
  return new Response(reply.body as string | null, {
    status: reply.status,
    headers: { ...BASE_HEADERS, 'x-request-id': visit.requestId, ...reply.headers },
  });
}
