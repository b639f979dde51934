/** Changes: giving orders, and what became of them. */
import { z } from 'zod';
import {
  type ChangeOrder,
  apiChange,
  changeOrder,
  planOrder,
  serviceOrder,
  toApiChange,
  toChangeRequest,
} from '../contract/api-change.ts';
import { apiPlan, toApiPlan } from '../contract/api-plan.ts';
import { envelope } from '../contract/envelope.ts';
import type { Change } from '../model/change.ts';
import { mayUse } from '../model/role.ts';
import { answer, refusals } from './answers.ts';
import { Denial } from './denial.ts';
import { idParams, serviceParams, waitOf, waitQuery } from './parameters.ts';
import { type Reply, accepted, ok } from './reply.ts';
import { type Call, type Route, route } from './route.ts';

const TAG = 'changes';
const LOG_LINES = 10;
const WAIT_MS = 30_000;

const orderQuery = z.strictObject({ wait: waitQuery.optional() });
const answers = {
  200: answer('It has ended, or there was nothing to do', envelope(apiChange)),
  202: answer('It goes on; look at Location', envelope(apiChange)),
};
const given = {
  ...answers,
  200: answer(
    'It has ended, or there was nothing to do; with dry_run: the plan',
    envelope(z.union([apiChange, apiPlan])),
  ),
  ...refusals(404, 409, 422, 503),
};

const orders: readonly Route[] = [
  route({
    method: 'POST',
    path: '/api/v1/changes',
    role: 'operator',
    globs: 'kept',
    action: 'change.order',
    tag: TAG,
    summary: 'Give an order; with dry_run: what it would do',
    query: orderQuery,
    body: { schema: changeOrder, need: 'required' },
    answers: given,
    run: (call) => carryOut(call, call.body),
  }),
  ...(['start', 'stop', 'restart'] as const).map((action) =>
    route({
      method: 'POST',
      path: `/api/v1/services/{name}/${action}`,
      role: 'operator',
      globs: 'kept',
      action: `service.${action}`,
      tag: 'services',
      summary: `${action.charAt(0).toUpperCase()}${action.slice(1)} one service`,
      params: serviceParams,
      query: orderQuery,
      body: { schema: serviceOrder, need: 'optional' },
      answers: given,
      run: (call) => {
        const { dry_run, ...options } = call.body;
        return carryOut(call, { action, services: [call.params.name], options, dry_run });
      },
    }),
  ),
  route({
    method: 'POST',
    path: '/api/v1/plan',
    role: 'viewer',
    globs: 'kept',
    action: 'none',
    tag: TAG,
    summary: 'What an order would do; nothing is changed',
    body: { schema: planOrder, need: 'required' },
    answers: { 200: answer('The plan', envelope(apiPlan)), ...refusals(404, 409, 422) },
    repeat: 'never',
    run: ({ parts, body, actor }) => ok(toApiPlan(parts.supervisor.plan(toChangeRequest(body, actor)))),
  }),
];

const reads: readonly Route[] = [
  route({
    method: 'GET',
    path: '/api/v1/changes',
    role: 'viewer',
    globs: 'kept',
    tag: TAG,
    summary: 'Changes, newest first',
    query: z.strictObject({ state: z.enum(['running', 'done', 'all']).optional() }),
    answers: { 200: answer('At most 1,000 changes', envelope(z.array(apiChange))), ...refusals(422) },
    run: ({ parts, query }) => {
      const { state = 'all' } = query;
      const found = parts.supervisor
        .changes()
        .filter((change) => state === 'all' || hasEnded(change) === (state === 'done'));
      return ok(found.map((change) => toApiChange(change)));
    },
  }),
  route({
    method: 'GET',
    path: '/api/v1/changes/{id}',
    role: 'viewer',
    globs: 'kept',
    tag: TAG,
    summary: 'One change with its tasks',
    params: idParams,
    answers: { 200: answer('The change', envelope(apiChange)), ...refusals(404) },
    run: (call) => ok(detailed(call, call.parts.supervisor.change(call.params.id))),
  }),
  route({
    method: 'GET',
    path: '/api/v1/changes/{id}/wait',
    role: 'viewer',
    globs: 'kept',
    tag: TAG,
    summary: 'Wait until a change has ended',
    params: idParams,
    query: z.strictObject({ timeout: waitQuery.optional() }),
    answers: { ...answers, ...refusals(404, 422) },
    run: async (call) => {
      const change = await settle(call, call.parts.supervisor.change(call.params.id), call.query.timeout ?? WAIT_MS);
      return answered(call, change);
    },
  }),
  route({
    method: 'POST',
    path: '/api/v1/changes/{id}/abort',
    role: 'operator',
    globs: 'kept',
    action: 'change.abort',
    tag: TAG,
    summary: 'End a running change: what it began and is not ready yet is stopped',
    params: idParams,
    answers: { 200: answer('The change', envelope(apiChange)), ...refusals(404, 503) },
    run: (call) => ok(detailed(call, call.parts.supervisor.abort(call.params.id))),
  }),
];

/** The routes of changes and plans. */
export const changeRoutes: readonly Route[] = [...orders, ...reads];

type OrderCall = Call<unknown, z.output<typeof orderQuery>>;

async function carryOut(call: OrderCall, order: ChangeOrder): Promise<Reply> {
  const { parts } = call;
  checkRole(call, order);
  const request = toChangeRequest(order, call.actor);
  if (order.dry_run === true) return ok(toApiPlan(parts.supervisor.plan(request)));
  const waitMs = waitOf(call.query.wait, call.header('prefer'));
  return answered(call, await settle(call, parts.supervisor.request(request), waitMs));
}

// Killing without a word, and running a task out of its turn, are not among what an operator does day by day.
function checkRole({ caller }: OrderCall, { action, options }: ChangeOrder): void {
  const what = action === 'run' ? 'run' : options?.grace === 'none' ? 'kill' : null;
  if (what === null || mayUse(caller.role, 'admin')) return;
  throw new Denial('RSE4113', `cannot ${what} services: it is for the role "admin", and yours is "${caller.role}"`);
}

/** The change when it has ended, or as it is when the time is over or the caller has gone. */
async function settle(call: Pick<Call, 'parts' | 'signal'>, change: Change, waitMs: number): Promise<Change> {
  const { supervisor, clock, control } = call.parts;
  if (hasEnded(change) || waitMs === 0) return change;
  const late = new AbortController();
  using _timer = clock.after(waitMs, () => {
    late.abort();
  });
  try {
    return await supervisor.settled(change.id, AbortSignal.any([late.signal, call.signal, control.ending]));
  } catch (error) {
    if (late.signal.aborted || call.signal.aborted || control.ending.aborted) return supervisor.change(change.id);
    throw error;
  }
}

function answered(call: Pick<Call, 'parts' | 'caller'>, change: Change): Reply {
  const content = detailed(call, change);
  return hasEnded(change) ? ok(content) : accepted(content, `/api/v1/changes/${change.id}`);
}

function hasEnded(change: Change): boolean {
  return change.endedAt !== null;
}

// The last words of a service that did not start are what its reader looks for next.
function detailed({ parts, caller }: Pick<Call, 'parts' | 'caller'>, change: Change): ReturnType<typeof toApiChange> {
  if (caller.logs === 'hidden') return toApiChange(change);
  const { supervisor } = parts;
  const runs = new Map(supervisor.services().map(({ name, run }) => [name, run]));
  return toApiChange(change, ({ state, kind, service, root }) => {
    const run = runs.get(service) ?? 0;
    const isOwnFault = state === 'failed' && kind !== 'stop' && (root === null || root === service);
    return isOwnFault && run > 0 ? supervisor.logs.last(service, run, LOG_LINES) : [];
  });
}
