/** The description of the API, from the same schemas that requests are checked with. */
import { OpenAPIHono } from '@hono/zod-openapi';
import { apiProblem } from '../contract/api-problem.ts';
import type { Answer, Route } from './route.ts';

type Registry = OpenAPIHono['openAPIRegistry'];
type Path = Parameters<Registry['registerPath']>[0];

const EVERYWHERE: Readonly<Record<number, string>> = {
  400: 'The request is malformed',
  401: 'There is no credential, or it is unknown or over; see WWW-Authenticate',
  403: 'The role or the globs of the caller do not reach so far, or the request comes from a web page of another origin',
  405: 'The path has no such method; see Allow',
  408: 'The request took too long to arrive',
  413: 'The body is too large',
  414: 'The address is too long',
  415: 'The body is not application/json',
  421: 'The Host header is not one of this listener',
  422: 'The request does not fit the schema',
  429: 'Too many requests, streams or wrong credentials; see Retry-After',
  431: 'The headers are too large',
  500: 'A bug in Rouse',
};

/** OpenAPI 3.1 of the routes as JSON text, ending in a newline; equal routes give equal text. */
export function openApiText(routes: readonly Route[], version: string): string {
  const app = new OpenAPIHono();
  app.openAPIRegistry.registerComponent('securitySchemes', 'token', {
    type: 'http',
    scheme: 'bearer',
    description: 'A token of `rouse token new`, for listeners on addresses. A unix socket is its own credential.',
  });
  for (const route of routes) app.openAPIRegistry.registerPath(pathOf(route));
  const document = app.getOpenAPI31Document({
    openapi: '3.1.0',
    info: {
      title: 'Rouse',
      version,
      description: 'Services in the right order, kept up, and explained. Errors are RFC 9457 problem documents.',
      license: { name: 'Apache-2.0', url: 'https://www.apache.org/licenses/LICENSE-2.0' },
    },
    servers: [{ url: 'http://localhost', description: 'curl --unix-socket <runtime>/<project>/admin.sock' }],
  });
  return `${JSON.stringify(document, null, 2)}\n`;
}

function pathOf(route: Route): Path {
  const { params, query, body } = route;
  return {
    method: route.method.toLowerCase() as 'get' | 'post' | 'put' | 'delete',
    path: route.path,
    operationId: operationId(route),
    summary: route.summary,
    tags: [route.tag],
    'x-rouse-role': route.role,
    security: route.role === 'anyone' ? [] : [{ token: [] }],
    request: {
      ...(params === undefined ? {} : { params }),
      ...(query === undefined ? {} : { query }),
      ...(body === undefined
        ? {}
        : {
            body: { required: body.need === 'required', content: { 'application/json': { schema: body.schema } } },
          }),
    },
    // What a route says of its own refusals is closer than what is said of all.
    responses: { ...everywhere(), ...responses(route.answers) },
  } as unknown as Path;
}

// `GET /api/v1/services/{name}/health` is `get_services_name_health`: stable as long as the path is.
function operationId({ method, path }: Route): string {
  const words = path.replace('/api/v1', '').split(/[^a-z0-9]+/i);
  return [method.toLowerCase(), ...words].filter((word) => word !== '').join('_');
}

function responses(answers: Route['answers']): Record<string, object> {
  return Object.fromEntries(Object.entries(answers).map(([status, answer]) => [status, response(answer)]));
}

function response({ description, content }: Answer): object {
  if (content === undefined) return { description };
  return {
    description,
    content: Object.fromEntries(Object.entries(content).map(([type, schema]) => [type, { schema }])),
  };
}

function everywhere(): Record<string, object> {
  return Object.fromEntries(
    Object.entries(EVERYWHERE).map(([status, description]) => [
      status,
      { description, content: { 'application/problem+json': { schema: apiProblem } } },
    ]),
  );
}
