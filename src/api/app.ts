/**
 * From a request to an answer: who is let in, who they are, how often they ask, which route, may they, is it well formed,
 * then the route's own function. Whatever goes wrong on the way becomes a problem document; whatever is our own fault
 * tells nothing but its id. Who is turned away is put on record, and so is how an order ended.
 */
import { type Context, Hono } from 'hono';
import { NotFoundError, type RouseError, isRouseError } from '../model/errors.ts';
import { admit } from './access.ts';
import { deniedEntry, doneEntry } from './audit-entries.ts';
import { missing, tokenOf } from './credentials.ts';
import { DENIED, Denial, tooMany } from './denial.ts';
import { type Desk, createDesk } from './desk.ts';
import { type Door, callerAt } from './door.ts';
import { maskOf } from './masks.ts';
import type { ApiParts } from './parts.ts';
import { type Reply, bug, refusal } from './reply.ts';
import { BODY_LIMIT_BYTES } from './request.ts';
import type { Route } from './route.ts';
import { ROUTES } from './routes.ts';
import { askedOf, isMutation, serve } from './serve.ts';
import { type Visit, bodyOf, hostsOf, visitOf } from './visit.ts';

const BASE_HEADERS = {
  'cache-control': 'no-store',
  'x-content-type-options': 'nosniff',
  'cross-origin-resource-policy': 'same-origin',
} as const;

/** What an address and a method lead to: a route, other methods of that address, or nothing. */
type Found = { readonly route: Route } | { readonly allowed: readonly string[] } | 'nothing';

/**
 * The app over the parts; `fetch` answers requests of any server, `request` those of tests. A server says by which door
 * a request came (`env.door`); without a word it is `home`.
 */
export function createApp(parts: ApiParts, home: Door): Hono {
  const app = new Hono();
  const desk = createDesk(parts);
  const newId = requestIds(parts);
  const methods = new Map<string, string[]>();
  const answer = (context: Context, found: Found): Response | Promise<Response> =>
    answerTo(visitOf(parts, context, { home, requestId: newId() }), found, desk);
  for (const route of ROUTES) {
    const path = route.path.replaceAll(/\{(\w+)\}/g, ':$1');
    methods.set(path, [...(methods.get(path) ?? []), route.method]);
    app.on(route.method, path, (context) => answer(context, { route }));
  }
  for (const [path, allowed] of methods) app.all(path, (context) => answer(context, { allowed }));
  app.notFound((context) => answer(context, 'nothing'));
  return app;
}

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
function answerTo(visit: Visit, found: Found, desk: Desk): Response | Promise<Response> {
  try {
    const reply = pass(visit, found, desk);
    if (!(reply instanceof Promise)) return responseOf(reply, visit);
    return reply.then(
      (later) => responseOf(later, visit),
      (error: unknown) => responseOf(refusalOf(error, visit), visit),
    );
  } catch (error) {
    return responseOf(refusalOf(error, visit), visit);
  }
}

function pass(visit: Visit, found: Found, desk: Desk): Reply | Promise<Reply> {
  admit({ hosts: hostsOf(visit), target: visit.path, header: visit.header, body: bodyOf(visit) }, visit.door);
  const route = typeof found === 'object' && 'route' in found ? found.route : null;
  if (route?.role !== 'anyone') identify(visit, desk);
  limit(visit, route, desk);
  if (found === 'nothing') throw new NotFoundError('RSE4003', unknownPath(visit));
  if (route === null) throw notAllowed(visit, 'allowed' in found ? found.allowed : []);
  return serve(visit, route, desk);
}

function identify(visit: Visit, { parts, failures }: Desk): void {
  const { door, peer, header, path: target } = visit;
  const presented = { authorization: header('authorization'), target, source: peer.source };
  const token = door.role === null ? tokenOf(presented, parts.tokens, failures) : null;
  const caller = callerAt(door, peer, token);
  if (caller === null) throw missing();
  visit.caller = caller;
}

// Whoever comes by a socket is held to nothing here: the owner of the machine is not kept from it by others.
function limit({ caller }: Visit, route: Route | null, { requests, mutations }: Desk): void {
  if (caller === null || caller.token === null) return;
  const { id, name } = caller.token;
  const waitMs = requests.take(id);
  if (waitMs > 0) throw tooMany('RSE4115', `cannot answer: token "${name}" asks too often`, waitMs);
  if (route === null || !isMutation(route)) return;
  const laterMs = mutations.take(id);
  if (laterMs > 0) throw tooMany('RSE4115', `cannot answer: token "${name}" gives too many orders`, laterMs);
}

function refusalOf(error: unknown, visit: Visit): Reply {
  if (!isRouseError(error)) {
    visit.parts.report(visit.requestId, error);
    closeRecord(visit, 500, 'RSE9001');
    return bug(visit);
  }
  const places = visit.caller?.role === 'admin' ? 'told' : 'kept-back';
  // Who is not let in is told nothing that a definition could stand in.
  const mask = visit.caller === null ? {} : { mask: maskOf(visit.parts.supervisor.definition()) };
  // What stood in the address of somebody unknown may be a secret.
  const path = visit.caller === null ? visit.path.replace(/\?.*$/s, '') : visit.path;
  const instance = { path, requestId: visit.requestId };
  const reply = refusal(error, instance, { places, ...mask, headers: error instanceof Denial ? error.headers : {} });
  closeRecord(visit, reply.status, error.code);
  return reply;
}

/** Puts on record how an order ended, and whoever was turned away, whatever they asked for. */
function closeRecord(visit: Visit, status: number, reason: RouseError['code'] | null): void {
  const { asked, parts } = visit;
  const ms = asked === null ? null : Math.round(parts.clock.monotonic() - asked.at);
  const answered = { status, reason, ms };
  if (DENIED.has(status)) parts.audit.after(deniedEntry(asked?.asked ?? askedOf(visit, null), answered));
  else if (asked !== null) parts.audit.after(doneEntry(asked.asked, answered));
  visit.asked = null;
}

function notAllowed({ context, path }: Visit, allowed: readonly string[]): RouseError {
  const methods = (allowed.includes('GET') ? [...allowed, 'HEAD'] : allowed).join(', ');
  return new Denial('RSE4004', `cannot ${context.req.method} "${path.slice(0, 200)}"`, {
    hint: `allowed: ${methods}`,
    headers: { allow: methods },
  });
}

function unknownPath({ context }: Visit): string {
  return `cannot answer "${context.req.path.slice(0, 200)}": there is no such path`;
}

// A stream's connection is not used again, nor is any once the daemon ends: the server need not wait for it to go idle.
// Nor is that of a body which was refused unread: what follows on it would be taken for requests.
function responseOf(reply: Reply, visit: Visit): Response {
  const { parts, requestId, header } = visit;
  if (visit.asked !== null) closeRecord(visit, reply.status, null);
  const isUnread = reply.status >= 400 && Number(header('content-length') ?? '0') > BODY_LIMIT_BYTES;
  const isLast = reply.body instanceof ReadableStream || parts.control.ending.aborted || isUnread;
  const headers = { ...BASE_HEADERS, 'x-request-id': requestId, ...reply.headers };
  return new Response(reply.body as string | null, {
    status: reply.status,
    headers: isLast ? { ...headers, connection: 'close' } : headers,
  });
}
