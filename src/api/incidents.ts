/** What has gone wrong and is not over. */
import { z } from 'zod';
import { apiIncident, toApiIncident } from '../contract/api-incident.ts';
import { envelope } from '../contract/envelope.ts';
import { answer } from './answers.ts';
import { ok } from './reply.ts';
import { type Route, route } from './route.ts';

/** The route of open incidents. */
export const incidentRoutes: readonly Route[] = [
  route({
    method: 'GET',
    path: '/api/v1/incidents',
    role: 'viewer',
    globs: 'kept',
    tag: 'services',
    summary: 'Open incidents, oldest first: the service at the root of each, and whom it affects',
    answers: { 200: answer('The incidents', envelope(z.array(apiIncident).readonly())) },
    run: ({ parts }) => ok(parts.supervisor.incidents().map(toApiIncident)),
  }),
];
