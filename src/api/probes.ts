/** What others ask of the daemon without knowing it: is it alive, is it ready, what do its codes mean. */
import { z } from 'zod';
import { ERRORS, type ErrorCode, NotFoundError } from '../model/errors.ts';
import { nearest } from '../model/nearest.ts';
import { answer, refusals } from './answers.ts';
import { namesQuery } from './parameters.ts';
import { json, text } from './reply.ts';
import { type Route, route } from './route.ts';

const alive = z.object({ status: z.literal('ok') });
const readiness = z.object({ status: z.enum(['ready', 'not-ready']), not_ready: z.array(z.string()) });
const meaning = z.object({ code: z.string(), title: z.string(), status: z.number().int(), exit: z.number().int() });

/** The routes outside `/api/v1`, without the envelope. */
export const probeRoutes: readonly Route[] = [
  route({
    method: 'GET',
    path: '/healthz',
    role: 'anyone',
    tag: 'system',
    summary: 'Whether the daemon lives',
    answers: { 200: answer('It lives', alive) },
    run: () => json({ status: 'ok' }, { status: 200, headers: {} }),
  }),
  route({
    method: 'GET',
    path: '/readyz',
    role: 'viewer',
    globs: 'kept',
    tag: 'system',
    summary: 'Whether services are ready: those named, or everything that is wanted',
    query: z.strictObject({ services: namesQuery.optional() }),
    answers: { 200: answer('They are', readiness), 503: answer('Some are not', readiness), ...refusals(404) },
    run: ({ parts, query }) => {
      const { supervisor } = parts;
      const asked = query.services ?? [];
      const watched =
        asked.length === 0
          ? supervisor.services().filter(({ desired }) => desired === 'up')
          : asked.map((name) => supervisor.service(name));
      const notReady = watched.filter(({ ready, phase }) => !ready && phase !== 'completed').map(({ name }) => name);
      const status = notReady.length === 0 ? 'ready' : 'not-ready';
      return json({ status, not_ready: notReady }, { status: status === 'ready' ? 200 : 503, headers: {} });
    },
  }),
  route({
    method: 'GET',
    path: '/docs/errors/{code}',
    role: 'viewer',
    globs: 'kept',
    tag: 'system',
    summary: 'What a code of a problem document means',
    params: z.strictObject({ code: z.string().max(64) }),
    answers: {
      200: { description: 'Its meaning', content: { 'text/plain': z.string(), 'application/json': meaning } },
      ...refusals(404),
    },
    run: ({ params, header }) => {
      const { code } = params;
      if (!isCode(code)) throw unknownCode(code);
      const { title, status, exit } = ERRORS[code];
      const wantsJson = header('accept')?.includes('application/json') === true;
      if (wantsJson) return json({ code, title, status, exit }, { status: 200, headers: {} });
      return text(`${code}: ${title}\n\nstatus ${status} of the API, exit code ${exit} of the command line\n`);
    },
  }),
];

function isCode(code: string): code is ErrorCode {
  return Object.hasOwn(ERRORS, code);
}

function unknownCode(code: string): NotFoundError {
  const near = nearest(code, Object.keys(ERRORS));
  const fields = near === null ? {} : { hint: `did you mean "${near}"` };
  return new NotFoundError('RSE4003', `cannot explain "${code}": there is no such code`, fields);
}
