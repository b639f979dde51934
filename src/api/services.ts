/** Services: reading one and all, signals, pins, and running something as they would be run. */
import { z } from 'zod';
import { apiCheck, toApiCheck } from '../contract/api-check.ts';
import { apiExplanation, toApiExplanation } from '../contract/api-explain.ts';
import { frozenService, frozenStatus, toFrozenService } from '../contract/api-frozen.ts';
import { apiHealthReport, toApiHealthReport } from '../contract/api-health.ts';
import { apiLaunch, launchOrder, toApiLaunch, toLaunchOrder } from '../contract/api-launch.ts';
import { pinOrder } from '../contract/api-pin.ts';
import { apiPhase, apiService, apiStatus, toApiService } from '../contract/api-service.ts';
import { signalOrder } from '../contract/api-signal.ts';
import { envelope, names, pageEnvelope } from '../contract/envelope.ts';
import { mayUse } from '../model/role.ts';
import type { ServiceView } from '../model/view.ts';
import { Denial } from './denial.ts';
import { countQuery, flagQuery, limitQuery, serviceParams } from './parameters.ts';
import { answer, refusals } from './answers.ts';
import { ok, page } from './reply.ts';
import { type Route, route } from './route.ts';

const TAG = 'services';
/** What operators may send: asking to end, to read something anew, to speak. The others end a service without a word. */
const MILD_SIGNALS: ReadonlySet<string> = new Set(['SIGTERM', 'SIGHUP', 'SIGUSR1', 'SIGUSR2', 'SIGINT']);

const listQuery = z.strictObject({
  phase: apiPhase.optional(),
  status: apiStatus.optional(),
  ready: flagQuery.optional(),
  q: z.string().max(128).optional(),
  limit: limitQuery.optional(),
  cursor: countQuery.optional(),
});

const frozen: readonly Route[] = [
  route({
    method: 'GET',
    path: '/api/v1/services/list',
    role: 'viewer',
    globs: 'kept',
    tag: TAG,
    summary: 'Every service as it was registered',
    answers: { 200: answer('The services, in the order of declaration', envelope(z.array(frozenService))) },
    run: ({ parts }) => ok(parts.supervisor.definition().services.map(toFrozenService)),
  }),
  route({
    method: 'GET',
    path: '/api/v1/services/status',
    role: 'viewer',
    globs: 'kept',
    tag: TAG,
    summary: 'The status of every service',
    answers: { 200: answer('The statuses, in the order of declaration', envelope(z.array(frozenStatus))) },
    run: ({ parts }) => ok(parts.supervisor.statuses()),
  }),
];

const reads: readonly Route[] = [
  route({
    method: 'GET',
    path: '/api/v1/services',
    role: 'viewer',
    globs: 'kept',
    tag: TAG,
    summary: 'Services with their state',
    query: listQuery,
    answers: { 200: answer('A page of services', pageEnvelope(apiService)), ...refusals(422) },
    run: ({ parts, query, path }) => {
      const found = parts.supervisor.services().filter((view) => matches(view, query));
      const from = query.cursor ?? 0;
      const to = query.limit === undefined ? found.length : from + query.limit;
      const cursor = to < found.length ? String(to) : null;
      const meta = { next_cursor: cursor, total: found.length };
      return page(found.slice(from, to).map(toApiService), meta, nextAddress(path, cursor));
    },
  }),
  route({
    method: 'GET',
    path: '/api/v1/services/{name}',
    role: 'viewer',
    globs: 'kept',
    tag: TAG,
    summary: 'One service with its state',
    params: serviceParams,
    answers: { 200: answer('The service', envelope(apiService)), ...refusals(404) },
    run: ({ parts, params }) => ok(toApiService(parts.supervisor.service(params.name))),
  }),
  route({
    method: 'GET',
    path: '/api/v1/services/{name}/health',
    role: 'viewer',
    globs: 'kept',
    tag: TAG,
    summary: 'The health of a service: the last answer, or a fresh one',
    params: serviceParams,
    query: z.strictObject({ ask: flagQuery.optional() }),
    answers: { 200: answer('Its health', envelope(apiHealthReport)), ...refusals(404) },
    run: async ({ parts, params, query }) =>
      ok(toApiHealthReport(await parts.supervisor.health(params.name, query.ask === 'true' ? 'ask' : 'last'))),
  }),
  route({
    method: 'GET',
    path: '/api/v1/services/{name}/explain',
    role: 'viewer',
    globs: 'kept',
    tag: TAG,
    summary: 'Why a service is in its state, down to the root cause',
    params: serviceParams,
    answers: { 200: answer('The explanation', envelope(apiExplanation)), ...refusals(404) },
    run: ({ parts, params }) => ok(toApiExplanation(parts.supervisor.explain(params.name))),
  }),
  route({
    method: 'GET',
    path: '/api/v1/services/{name}/checks',
    role: 'viewer',
    globs: 'kept',
    tag: TAG,
    summary: 'The checks of a service with their last answers',
    params: serviceParams,
    answers: { 200: answer('The checks', envelope(z.array(apiCheck))), ...refusals(404) },
    run: ({ parts, params }) => ok(parts.supervisor.checks(params.name).map(toApiCheck)),
  }),
  route({
    method: 'GET',
    path: '/api/v1/services/{name}/impact',
    role: 'viewer',
    globs: 'kept',
    tag: TAG,
    summary: 'Who is affected if the service stops',
    params: serviceParams,
    answers: { 200: answer('Names, nearest first', envelope(names)), ...refusals(404) },
    run: ({ parts, params }) => ok(parts.supervisor.impact(params.name)),
  }),
];

const orders: readonly Route[] = [
  route({
    method: 'POST',
    path: '/api/v1/services/{name}/signal',
    role: 'operator',
    globs: 'kept',
    action: 'service.signal',
    tag: TAG,
    summary: 'Send a signal to a running service',
    params: serviceParams,
    body: { schema: signalOrder, need: 'required' },
    answers: { 200: answer('The service', envelope(apiService)), ...refusals(404, 409, 422) },
    run: ({ parts, params, body, actor, caller }) => {
      const { signal, scope = 'main' } = body;
      if (!MILD_SIGNALS.has(signal) && !mayUse(caller.role, 'admin'))
        throw new Denial(
          'RSE4113',
          `cannot send ${signal}: it is for the role "admin", and yours is "${caller.role}"`,
          {
            hint: `an operator may send ${[...MILD_SIGNALS].join(', ')}`,
          },
        );
      parts.supervisor.signal([params.name], { signal, scope }, actor);
      return ok(toApiService(parts.supervisor.service(params.name)));
    },
  }),
  route({
    method: 'POST',
    path: '/api/v1/services/{name}/launch',
    role: 'admin',
    globs: 'kept',
    action: 'service.launch',
    tag: TAG,
    summary: 'How a command is run as the service would be; nothing is started',
    params: serviceParams,
    body: { schema: launchOrder, need: 'optional' },
    answers: { 200: answer('What to execute', envelope(apiLaunch)), ...refusals(404, 409, 422) },
    repeat: 'never',
    run: ({ parts, params, body }) => ok(toApiLaunch(parts.supervisor.launching(params.name, toLaunchOrder(body)))),
  }),
  route({
    method: 'POST',
    path: '/api/v1/pins',
    role: 'operator',
    globs: 'kept',
    action: 'service.pin',
    tag: TAG,
    summary: 'Pin services up or down, or let them go again',
    body: { schema: pinOrder, need: 'required' },
    answers: { 200: answer('The services', envelope(z.array(apiService))), ...refusals(404, 409, 422, 503) },
    run: ({ parts, body, actor }) => ok(parts.supervisor.pin(body.services, body.pin, actor).map(toApiService)),
  }),
];

/** The routes of services. `list` and `status` come first: they sit where a name would. */
export const serviceRoutes: readonly Route[] = [...frozen, ...reads, ...orders];

/** The address of the next page; null at the end. */
export function nextAddress(path: string, cursor: string | null): string | null {
  if (cursor === null) return null;
  const url = new URL(path, 'http://localhost');
  url.searchParams.set('cursor', cursor);
  return url.pathname + url.search;
}

function matches(view: ServiceView, query: z.output<typeof listQuery>): boolean {
  return (
    (query.phase === undefined || view.phase === query.phase) &&
    (query.status === undefined || view.status === query.status) &&
    (query.ready === undefined || view.ready === (query.ready === 'true')) &&
    (query.q === undefined || view.name.includes(query.q) || view.description.includes(query.q))
  );
}
