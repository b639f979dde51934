/** The table of routes. Whatever is not in it does not exist. */
import { z } from 'zod';
import { answer } from './answers.ts';
import { auditRoutes } from './audit.ts';
import { changeRoutes } from './changes.ts';
import { definitionRoutes } from './definition.ts';
import { eventRoutes } from './events.ts';
import { graphRoutes } from './graph.ts';
import { incidentRoutes } from './incidents.ts';
import { logRoutes } from './logs.ts';
import { probeRoutes } from './probes.ts';
import { type Route, route } from './route.ts';
import { reloadRoutes } from './reload.ts';
import { serviceRoutes } from './services.ts';
import { systemRoutes } from './system.ts';
import { tokenRoutes } from './tokens.ts';

const description = route({
  method: 'GET',
  path: '/openapi.json',
  role: 'viewer',
  globs: 'kept',
  tag: 'system',
  summary: 'This description',
  answers: { 200: answer('OpenAPI 3.1', z.record(z.string(), z.unknown())) },
  run: async ({ parts }) => {
    // Loaded when somebody asks: it is not needed for anything else, and costs the start of the daemon.
    const { openApiText } = await import('./openapi.ts');
    const body = openApiText(ROUTES, parts.facts.version);
    return { status: 200, headers: { 'content-type': 'application/json; charset=utf-8' }, body };
  },
});

/** Every route, in the order in which they are tried. */
export const ROUTES: readonly Route[] = [
  ...serviceRoutes,
  ...changeRoutes,
  ...graphRoutes,
  ...incidentRoutes,
  ...eventRoutes,
  ...logRoutes,
  ...definitionRoutes,
  ...reloadRoutes,
  ...systemRoutes,
  ...auditRoutes,
  ...tokenRoutes,
  ...probeRoutes,
  description,
];
