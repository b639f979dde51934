/** The daemon itself: what it is, ending it, and leases. */
import {
  type ApiSystem,
  apiLease,
  apiStop,
  apiSystem,
  apiWatch,
  leaseOrder,
  stopOrder,
} from '../contract/api-system.ts';
import { envelope } from '../contract/envelope.ts';
import { timeOf } from '../contract/time.ts';
import type { Caller } from '../model/caller.ts';
import { NotFoundError } from '../model/errors.ts';
import { mayUse } from '../model/role.ts';
import { reaches } from '../model/token.ts';
import { rootBySilence } from '../model/run-as.ts';
import { z } from 'zod';
import { answer, refusals } from './answers.ts';
import { Denial } from './denial.ts';
import { PAGE_LIMIT, WAIT_LIMIT_MS, idParams } from './parameters.ts';
import type { ApiParts } from './parts.ts';
import { type Reply, ok } from './reply.ts';
import { BODY_LIMIT_BYTES } from './request.ts';
import { type Call, type Route, route } from './route.ts';
import { type Message, streamed } from './stream.ts';
import { systemSeen } from './view-of.ts';

const TAG = 'system';
const DEFINITION_LIMIT_BYTES = 4 * 1024 * 1024;
const SERVICE_LIMIT = 10_000;
const CAPABILITIES = ['changes', 'definition', 'events', 'explain', 'lease', 'logs', 'plan'];

/** The routes of the daemon. */
export const systemRoutes: readonly Route[] = [
  route({
    method: 'GET',
    path: '/api/v1/system',
    role: 'viewer',
    globs: 'kept',
    tag: TAG,
    summary: 'The daemon: its project, process, version and limits',
    answers: { 200: answer('The daemon', envelope(apiSystem)) },
    run: ({ parts, caller }) => ok(systemSeen(systemOf(parts, caller), caller)),
  }),
  route({
    method: 'POST',
    path: '/api/v1/system/stop',
    role: 'admin',
    action: 'system.stop',
    tag: TAG,
    summary: 'End the services (down), or the daemon alone',
    body: { schema: stopOrder, need: 'required' },
    answers: { 200: answer('What was begun', envelope(apiStop)), ...refusals(409, 422, 503) },
    run: ({ parts, body, actor }) => {
      const { change, daemon } = parts.control.stop(body.mode, actor);
      return ok({ mode: body.mode, change: change?.id ?? null, daemon });
    },
  }),
  route({
    method: 'POST',
    path: '/api/v1/system/watch',
    role: 'admin',
    action: 'system.watch',
    tag: TAG,
    summary: 'Watch the files of the definition and of services, or no more',
    body: { schema: apiWatch, need: 'required' },
    answers: { 200: answer('What holds now', envelope(apiWatch)), ...refusals(422) },
    run: ({ parts, body }) => {
      parts.control.watch(body.watch);
      return ok(body);
    },
  }),
  route({
    method: 'POST',
    path: '/api/v1/lease',
    role: 'operator',
    action: 'lease.take',
    stream: 'always',
    tag: TAG,
    summary: 'Hold services to this connection: when it ends without detach, they are stopped',
    body: { schema: leaseOrder, need: 'required' },
    answers: {
      200: { description: 'The lease, then a blank line now and then', content: { 'application/x-ndjson': apiLease } },
      ...refusals(404, 422, 503),
    },
    repeat: 'never',
    run: hold,
  }),
  route({
    method: 'POST',
    path: '/api/v1/lease/{id}/detach',
    role: 'operator',
    action: 'lease.give-up',
    tag: TAG,
    summary: 'Give a lease up and leave everything running',
    params: idParams,
    answers: { 200: answer('It is given up', envelope(z.object({ id: z.string() }))), ...refusals(404) },
    run: ({ parts, params }) => {
      if (parts.control.detach(params.id) === 'unknown')
        throw new NotFoundError('RSE4003', `cannot give up lease "${params.id}": there is none of that id`);
      return ok({ id: params.id });
    },
  }),
];

function hold(call: Call<unknown, unknown, z.output<typeof leaseOrder>>): Reply {
  const { parts, body, caller } = call;
  if (body.scope === 'all' && !mayUse(caller.role, 'admin'))
    throw new Denial(
      'RSE4113',
      `cannot hold the whole project: it is for the role "admin", and yours is "${caller.role}"`,
    );
  const lease = parts.control.lease(body, call.actor);
  const stop = new AbortController();
  // Not in the stream itself: a caller may be gone before the first byte of it was asked for.
  const gone = AbortSignal.any([stop.signal, call.signal]);
  gone.addEventListener('abort', () => {
    lease.lost();
  });
  const ended = AbortSignal.any([gone, lease.given, parts.control.ending]);
  const content = { id: lease.id, scope: body.scope, services: body.services ?? [] };
  return streamed({ format: 'ndjson', messages: held(content, ended), clock: parts.clock, stop });
}

async function* held(content: object, ended: AbortSignal): AsyncGenerator<Message> {
  yield { id: null, event: 'lease', content };
  await aborted(ended);
}

function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve();
    else
      signal.addEventListener('abort', () => {
        resolve();
      });
  });
}

function systemOf(parts: ApiParts, caller: Caller): ApiSystem {
  const { facts, control, clock } = parts;
  const definition = parts.supervisor.definition();
  return {
    project: definition.name,
    directory: definition.directory,
    files: parts.definitions.files(),
    definition_hash: definition.hash,
    orchestration: definition.settings.orchestration,
    pid: facts.pid,
    version: facts.version,
    started_at: timeOf(facts.startedAt),
    uptime_ms: Math.max(0, Math.trunc(clock.now() - facts.startedAt)),
    started_by: facts.started_by,
    state: control.state(),
    socket: facts.socket,
    listeners: parts.listeners(),
    tokens: parts.tokens.count,
    state_directory: facts.state_directory,
    path: facts.path,
    log_retention: parts.supervisor.logs.retention?.() ?? 'whole-files',
    leases: control.leases(),
    audit: auditOf(parts, caller),
    runs_as_root: rootBySilence(definition.services, facts.uid).filter((name) => reaches(caller.services, name)),
    services: definition.services.length,
    api_versions: ['v1'],
    capabilities: CAPABILITIES,
    limits: {
      body_bytes: BODY_LIMIT_BYTES,
      definition_bytes: DEFINITION_LIMIT_BYTES,
      services: SERVICE_LIMIT,
      page: PAGE_LIMIT,
      wait_ms: WAIT_LIMIT_MS,
    },
  };
}

function auditOf({ audit, trail }: ApiParts, { role }: Caller): ApiSystem['audit'] {
  if (trail === undefined) return { state: 'none', why: null, head: null };
  const why = audit.fault ?? audit.contradiction ?? null;
  return { state: why === null ? 'whole' : 'degraded', why, head: role === 'admin' ? audit.head() : null };
}
