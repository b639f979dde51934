// The HTTP surface of a daemon of root under requests that nobody would write, next to what the document of the API says.
// The same requests each time; ROUSE_SEED=n makes others.
import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { apiProblem } from '../../src/contract/api-problem.ts';
import type { Route } from '../../src/api/route.ts';
import { ROUTES } from '../../src/api/routes.ts';
import { verifyTrail } from '../../src/audit/verify.ts';
import { ERRORS } from '../../src/model/errors.ts';
import { until } from '../e2e/daemon-world.ts';
import { type AttackWorld, attackWorld } from './attack-world.ts';
import { type Operation, type Request, operationOf, requests } from './requests.ts';
import { type Exchange, type WireAnswer, exchangeBytes } from './wire.ts';

const RUNS = 20;
/** How long an answer may take, whatever was asked. */
const LIMIT_MS = 8000;
/** The server gives a request 15 s to arrive, and looks every second. */
const SILENT_LIMIT_MS = 20_000;
const SETTINGS = {
  endOnFailure: true,
  seed: Number(process.env['ROUSE_SEED'] ?? '11'),
};
/** What is answered before a route is known; every operation documents these too. */
const BEFORE_ROUTES = [400, 401, 403, 404, 405, 408, 413, 414, 415, 421, 422, 429, 431];

const SERVICES = `
[services.db]
command = "sleep 1000"
restart = "no"
[services.web]
command = "sleep 1000"
restart = "no"
depends_on = ["db"]
`;

/** What is sent before the sender falls silent. They wait beside everything else. */
const SILENCES = [
  ['nothing', ''],
  ['half a line', 'GET /heal'],
  ['headers without an end', 'GET /healthz HTTP/1.1\r\nhost: localhost\r\n'],
  [
    'half a body',
    'POST /api/v1/changes HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\ncontent-length: 9\r\n\r\n{',
  ],
  [
    'half a chunk',
    'POST /api/v1/changes HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\ntransfer-encoding: chunked\r\n\r\n5\r\n{',
  ],
] as const;

let ground: AttackWorld;
let silent: readonly Promise<Exchange>[];
let definition: string;
let pid: number;
beforeAll(async () => {
  ground = await attackWorld(SERVICES);
  definition = (await ground.stateOf()).definition;
  ({ pid } = await ground.shop.connect().daemon.status());
  const { socket } = ground.shop.paths;
  silent = SILENCES.map(([, bytes]) => exchangeBytes(socket, { bytes, sender: 'stays', limitMs: SILENT_LIMIT_MS }));
});
afterAll(async () => {
  await ground[Symbol.asyncDispose]();
});

test.for(ROUTES.map((route) => [`${route.method} ${route.path}`, route] as const))(
  '%s answers what it documents, and nothing changes by a refusal',
  async ([, route]) => {
    const operation = operationOf(route.method, route.path);
    const wanted = requests(route.method, route.path, operation).filter((request) => !endsDaemon(route, request));
    await fc.assert(
      fc.asyncProperty(wanted, (request) => judged(request, { route, operation, method: route.method })),
      { ...SETTINGS, numRuns: RUNS },
    );
  },
);

test('methods and paths that are none are refused, and nothing changes by them', async () => {
  const methods = ['PATCH', 'OPTIONS', 'TRACE', 'HEAD', 'DELETE', 'POST', 'QUERY', 'PROPFIND', 'CONNECT', 'get', 'A B'];
  const paths = [...ROUTES.map(({ path }) => path), '/', '/x', '/api/v1/', '/api/v2/services', '/API/V1/system', '/é'];
  const any = fc
    .tuple(fc.constantFrom(...methods), fc.constantFrom(...paths))
    .filter(([method, path]) => !ROUTES.some((route) => route.path === path && route.method === method))
    .chain(([method, path]) => requests(method, path, null).map((request) => ({ request, method })));
  await fc.assert(
    fc.asyncProperty(any, ({ request, method }) => judged(request, { route: null, operation: null, method })),
    { ...SETTINGS, numRuns: 150 },
  );
});

test('bytes that are no request end their connection with a refusal, or with nothing', async () => {
  const pieces = fc.constantFrom(
    'GET',
    ' ',
    '/healthz',
    ' HTTP/1.1',
    ' HTTP/2.0',
    ' HTTP/1.0',
    '\r\n',
    '\n',
    '\r',
    '\u0000',
    'host: localhost',
    'host : x',
    ' folded: x',
    'content-length: -1',
    'content-length: 0x10',
    'content-length: 5, 5',
    'transfer-encoding: chunked',
    'transfer-encoding: xchunked, chunked',
    'ffffffffffffffff\r\n',
    'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n',
    '\u0016\u0003\u0001\u0002\u0000',
    'x: \u0001',
    ':',
  );
  const bytes = fc.oneof(
    fc.array(pieces, { minLength: 1, maxLength: 14 }).map((parts) => Buffer.from(parts.join(''), 'latin1')),
    fc.uint8Array({ minLength: 1, maxLength: 300 }),
  );
  await fc.assert(
    fc.asyncProperty(bytes, async (sent) => {
      const before = await ground.stateOf();
      const exchange = await exchangeBytes(ground.shop.paths.socket, {
        bytes: sent,
        sender: 'ends',
        limitMs: LIMIT_MS,
      });
      expect(exchange.end).not.toBe('hung');
      for (const answer of exchange.answers) checkRefusal(answer, [...BEFORE_ROUTES, 200]);
      expect(await ground.stateOf()).toEqual(before);
    }),
    { ...SETTINGS, numRuns: 150 },
  );
});

test.for(SILENCES.map(([what], place) => [what, place] as const))(
  'a sender of %s that then keeps silent is let go',
  async ([, place]) => {
    const exchange = await silent[place];
    expect(exchange?.end).toBe('closed');
    for (const answer of exchange?.answers ?? []) checkRefusal(answer, BEFORE_ROUTES);
  },
);

test('after all that the daemon lives, has found no bug in itself, and its trail is whole', async () => {
  expect((await ground.shop.connect().daemon.status()).pid).toBe(pid);
  expect(ground.shop.log()).not.toMatch(/bug in/i);
  const trail = { path: ground.shop.paths.audit, from: null, expected: null, anchorFiles: [] };
  expect(await verifyTrail(trail)).toMatchObject({ verdict: 'whole', faults: [] });
});

/** For what a request is judged by. */
interface Asked {
  readonly method: string;
  readonly route: Route | null;
  readonly operation: Operation | null;
}

async function judged({ head, body }: Request, asked: Asked): Promise<void> {
  const before = await ground.stateOf();
  const bytes = Buffer.concat([Buffer.from(head, 'latin1'), body]);
  const exchange = await exchangeBytes(ground.shop.paths.socket, { bytes, sender: 'ends', limitMs: LIMIT_MS });
  expect(exchange.end).not.toBe('hung');
  // An address with an authority before it may lead to another path.
  const elsewhere = /^\S+ \/[a-z]/i.test(head.split('\r\n')[0] ?? '') ? [] : [404];
  for (const answer of exchange.answers) check(answer, asked, elsewhere);
  if (exchange.answers.some(({ status }) => status < 400) && asked.method !== 'GET') await settle();
  else if (isRefused(exchange)) expect(await ground.stateOf()).toEqual(before);
  else await settle();
}

function isRefused({ answers }: Exchange): boolean {
  return answers.length > 0 && answers.every(({ status }) => status >= 400);
}

function check(answer: WireAnswer, { method, route, operation }: Asked, elsewhere: readonly number[]): void {
  const documented =
    operation === null ? BEFORE_ROUTES : [...Object.keys(operation.responses).map(Number), ...elsewhere];
  const type = answer.headers.get('content-type')?.split(';')[0] ?? '';
  if (method === 'HEAD') {
    expect(answer.status).toBeLessThan(500);
    return;
  }
  const schema = route?.answers[answer.status]?.content?.[type];
  if (schema === undefined || type === 'application/problem+json') {
    if (answer.status !== 304) checkRefusal(answer, documented);
    return;
  }
  expect(documented).toContain(answer.status);
  if (type === 'application/json') expect(schema.safeParse(JSON.parse(answer.body)).error).toBeUndefined();
}

function checkRefusal({ status, headers, body }: WireAnswer, documented: readonly number[]): void {
  expect(documented).toContain(status);
  expect(status).not.toBe(500);
  if (status < 400) return;
  expect(headers.get('content-type')).toMatch(/^application\/problem\+json/);
  const problem = apiProblem.parse(JSON.parse(body));
  expect(new Map<string, { status: number }>(Object.entries(ERRORS)).get(problem.code)?.status).toBe(status);
  expect(problem.request_id).toBe(headers.get('x-request-id'));
}

/** An order to end, or a lease that would end what it holds, is sent only with bodies that are none. */
function endsDaemon({ path, body }: Route, request: Request): boolean {
  if (path !== '/api/v1/system/stop' && path !== '/api/v1/lease') return false;
  const text = Buffer.from(request.body).toString('utf8');
  return [...text.matchAll(/\{[^{}]*\}/g)].some(([part]) => {
    try {
      return body?.schema.safeParse(JSON.parse(part)).success === true;
    } catch {
      return false;
    }
  });
}

/** Waits until what was taken has been done, and puts back what was replaced. */
async function settle(): Promise<void> {
  let seen = '';
  // A change may have ended while what it began still goes on.
  const isQuiet = async (): Promise<boolean> => {
    const { body } = await ground.ask('GET', '/api/v1/changes?state=running');
    const now = (await ground.stateOf()).services.join();
    const isSame = now === seen;
    seen = now;
    return isSame && body.includes('"data":[]') && !/ (?:starting|stopping|waiting|backoff) /.test(now);
  };
  await until(isQuiet, 'no change is running');
  const { definition: now } = await ground.stateOf();
  if (now === definition) return;
  const body = JSON.stringify({ files: ground.shop.order.files, variables: {} });
  expect((await ground.ask('POST', '/api/v1/definition/load', { body })).status).toBe(200);
  await until(isQuiet, 'no change is running');
}
