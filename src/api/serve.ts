/**
 * A route's turn, for somebody who is known: may they, is the request well formed, then its function. An order is put on
 * record before it is carried out; what cannot be put on record is not done.
 */
import { z } from 'zod';
import type { Caller } from '../model/caller.ts';
import { RouseError } from '../model/errors.ts';
import { mayUse } from '../model/role.ts';
import { actorOf } from './access.ts';
import { type Asked, requestEntry, toldOf } from './audit-entries.ts';
import { Denial, tooMany } from './denial.ts';
import type { Desk } from './desk.ts';
import { callerAt } from './door.ts';
import { STREAMS_A_TOKEN } from './rates.ts';
import { reaching } from './reach.ts';
import type { Reply } from './reply.ts';
import { BODY_LIMIT_BYTES, checked, queryOf, readBody } from './request.ts';
import type { Call, Route } from './route.ts';
import { formatOf } from './stream.ts';
import { viewOf } from './view-of.ts';
import { type Visit, bodyOf } from './visit.ts';

const nothing = z.strictObject({});

/** Whether a route changes something, and so has to be put on record. */
export function isMutation({ method, action }: Pick<Route, 'method' | 'action'>): boolean {
  return method !== 'GET' && action !== 'none';
}

/** The answer of a route. Errors: RSE4113, RSE4114, RSE4117, RSE4118 before anything is read; then those of the route. */
export function serve(visit: Visit, route: Route, desk: Desk): Reply | Promise<Reply> {
  const caller = permitted(visit, route);
  const params = route.params === undefined ? undefined : checked(route.params, visit.context.req.param(), 'path');
  const query = checked(route.query ?? nothing, queryOf(visit.path), 'query');
  const call = { visit, caller, route, desk, params, query };
  const slot = slotFor(call);
  if (slot === null) return turn(call);
  return withSlot(call, slot);
}

/** What is put on record of a visit, at a route or before one was found. */
export function askedOf(visit: Visit, route: Route | null, params: Asked['params'] = {}): Asked {
  const { caller, door, peer, requestId: request, path, context } = visit;
  const target = context.req.param('name') ?? context.req.param('id') ?? null;
  const short = path.replace(/\?.*$/s, '').slice(0, 256);
  const action = route === null ? (caller === null ? 'access.refuse' : 'authz.fail') : actionOf(route);
  if (route === null) {
    const told = { method: context.req.method, path: short };
    return { caller, door, peer, request, action, target: null, params: told };
  }
  const { services } = params;
  const sole = Array.isArray(services) && services.length === 1 ? services[0] : undefined;
  return { caller, door, peer, request, action: wordOf(action, params), target: target ?? sole ?? null, params };
}

interface Turn {
  readonly visit: Visit;
  readonly caller: Caller;
  readonly route: Route;
  readonly desk: Desk;
  readonly params: unknown;
  readonly query: unknown;
}

// An order of `POST /changes` says in its body which one it is.
function wordOf(action: string, { action: asked }: Asked['params']): string {
  return action === 'change.order' && typeof asked === 'string' ? `service.${asked}` : action;
}

function permitted(visit: Visit, route: Route): Caller {
  const { caller, door, peer, parts } = visit;
  if (route.role === 'anyone') return caller ?? callerAt(door, peer, null) ?? nobodyAt(visit);
  if (caller === null) throw new Denial('RSE4112', 'cannot answer: there is no credential');
  const { role, services } = caller;
  if (!mayUse(role, route.role))
    throw new Denial('RSE4113', `cannot answer: it is for the role "${route.role}", and yours is "${role}"`);
  if (services.length > 0 && route.globs !== 'kept')
    throw new Denial('RSE4114', 'cannot answer: it is about the whole project, and your token reaches some services');
  const isBeyond = door.reach === 'beyond' || peer.from === 'a-proxy';
  const isTaken = !isBeyond || parts.supervisor.definition().policy.remoteDefinitions === 'allowed';
  if (route.takes === 'definitions' && !isTaken)
    throw new Denial('RSE4118', 'cannot take a definition: it comes from beyond this machine', {
      hint: 'send it over the socket, or allow it in the rules: security.remote_definitions',
    });
  return caller;
}

// Sees and reaches nothing: its only glob matches no name.
function nobodyAt({ door, peer }: Visit): Caller {
  const { via, name: listener } = door;
  const { uid, pid, remote } = peer;
  return { via, listener, role: 'viewer', services: [''], logs: 'hidden', uid, pid, token: null, remote };
}

function slotFor({ visit, caller, route, desk }: Turn): Disposable | null {
  const isStream =
    route.stream === 'always' || (route.stream === 'by-accept' && formatOf(visit.header('accept')) !== null);
  if (!isStream || caller.token === null) return null;
  const slot = desk.streams.take(caller.token.id);
  if (slot !== null) return slot;
  throw tooMany('RSE4117', `cannot open another stream: ${STREAMS_A_TOKEN} are open by "${caller.token.name}"`, 1000);
}

async function withSlot(call: Turn, slot: Disposable): Promise<Reply> {
  try {
    const reply = await turn(call);
    if (reply.body instanceof ReadableStream) return { ...reply, body: until(reply.body, slot) };
    slot[Symbol.dispose]();
    return reply;
  } catch (error) {
    slot[Symbol.dispose]();
    throw error;
  }
}

/** The same stream, which gives the slot back when it ends, breaks, or its reader has gone. */
function until(stream: ReadableStream<Uint8Array>, slot: Disposable): ReadableStream<Uint8Array> {
  const reader = stream.getReader();
  return new ReadableStream<Uint8Array>(
    {
      pull: async (sink) => {
        try {
          const { done, value } = await reader.read();
          if (!done) return sink.enqueue(value);
          slot[Symbol.dispose]();
          sink.close();
        } catch (error) {
          slot[Symbol.dispose]();
          throw error;
        }
      },
      cancel: async (reason) => {
        slot[Symbol.dispose]();
        await reader.cancel(reason);
      },
    },
    { highWaterMark: 0 },
  );
}

function turn(call: Turn): Reply | Promise<Reply> {
  const { visit, route } = call;
  if (route.method !== 'GET') return order(call);
  // What only admins may read is on record as well, once it was read.
  if (route.role === 'admin') note(visit, askedOf(visit, route));
  return route.run(callOf(call, undefined));
}

async function order(turned: Turn): Promise<Reply> {
  const { visit, caller, route, desk, query } = turned;
  const raw = await readBody(bodyOf(visit), route.body?.limitBytes ?? BODY_LIMIT_BYTES);
  const body = bodyFor(route, raw);
  const call = callOf(turned, body);
  const run = async (): Promise<Reply> => {
    if (isMutation(route) && !isDry(query) && !isDry(body)) {
      const asked = askedOf(visit, route, toldOf(body));
      await visit.parts.audit.before(requestEntry(asked));
      note(visit, asked);
    }
    return route.run(call);
  };
  const key = visit.header('idempotency-key');
  if (key === null || route.method !== 'POST' || route.repeat === 'never') return run();
  // A key is that of its caller: nobody is given the answer of somebody else.
  const own = `${caller.listener} ${caller.token?.id ?? ''} ${checkedKey(key)}`;
  return desk.replies.once({ key: own, method: route.method, path: visit.path, body: raw }, run);
}

function note(visit: Visit, asked: Asked): void {
  visit.asked = { asked, at: visit.parts.clock.monotonic() };
}

function isDry(value: unknown): boolean {
  if (typeof value !== 'object' || value === null || !('dry_run' in value)) return false;
  return value.dry_run === true || value.dry_run === 'true';
}

function callOf({ visit, caller, params, query }: Turn, body: unknown): Call {
  const { parts, context, requestId, path, header } = visit;
  const { services } = caller;
  const reached = services.length === 0 ? parts.supervisor : reaching(parts.supervisor, services);
  return {
    parts: { ...parts, supervisor: viewOf(reached, caller) },
    params,
    query,
    body,
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

function checkedKey(key: string): string {
  if (/^[\x21-\x7e]{1,128}$/.test(key)) return key;
  throw new RouseError('RSE4101', 'cannot use the Idempotency-Key: 1 to 128 printable characters are needed');
}

// `POST /api/v1/services/{name}/stop` is `services.stop` where the route does not say a word of its own.
function actionOf({ method, path, action }: Route): string {
  if (action !== undefined && action !== 'none') return action;
  const words = path
    .replace(/^\/api\/v1/, '')
    .split('/')
    .filter((word) => word !== '' && !word.startsWith('{'));
  const last = words.length > 1 ? words.at(-1) : method.toLowerCase();
  return `${words[0] ?? 'api'}.${last ?? ''}`;
}
