/** The graph of services. */
import { apiGraph, toApiGraph } from '../contract/api-graph.ts';
import { envelope } from '../contract/envelope.ts';
import { answer } from './answers.ts';
import { ok } from './reply.ts';
import { type Route, route } from './route.ts';

/** The route of the graph. */
export const graphRoutes: readonly Route[] = [
  route({
    method: 'GET',
    path: '/api/v1/graph',
    role: 'viewer',
    globs: 'kept',
    tag: 'services',
    summary: 'Who needs whom, the waves of a start and its critical path',
    answers: { 200: answer('The graph', envelope(apiGraph)) },
    run: ({ parts }) => ok(toApiGraph(parts.supervisor.graph())),
  }),
];
