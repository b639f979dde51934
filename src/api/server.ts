/**
 * The app behind a Node server, with every limit set by hand: a framework's defaults are not to be trusted with any.
 *
 * Headers 16 KiB; 10 s for them, 15 s for the whole request; 5 s of idleness, 1,000 requests a connection, 1,024
 * connections. What the parser refuses never reaches the app and is answered here, in the same words.
 */
import { type RequestListener, type Server, type ServerResponse, createServer } from 'node:http';
import type { Socket } from 'node:net';
import { createServer as createSecureServer } from 'node:https';
import { RequestError, getRequestListener } from '@hono/node-server';
import { RouseError } from '../model/errors.ts';
import { createApp } from './app.ts';
import { type Door, socketDoor } from './door.ts';
import type { ApiParts } from './parts.ts';
import { type Reply, bug, refusal } from './reply.ts';

/** The limits of the server; ms, bytes, counts. */
export const SERVER_LIMITS = {
  headerBytes: 16 * 1024,
  headersMs: 10_000,
  requestMs: 15_000,
  keepAliveMs: 5000,
  requestsPerConnection: 1000,
  connections: 1024,
} as const;

const LINGER_MS = 1000;
/** No older protocol, and no handshake that takes as long as it likes. */
const TLS = { minVersion: 'TLSv1.2', handshakeTimeout: 10_000 } as const;

/** A server that does not listen yet. */
export interface ApiServer {
  /** Listens where it is told by its owner: `server.listen(path)`. */
  readonly server: Server;
  /**
   * Takes no more connections, lets answers on their way be finished for at most a second, then cuts the rest. Streams
   * end by `control.ending`, which must be aborted before. May be called twice.
   */
  close(): Promise<void>;
}

/** The chain of certificates and the key of a listener with TLS, in PEM. */
export interface Certificate {
  readonly cert: Buffer;
  readonly key: Buffer;
}

/** One app behind several doors: what it remembers of orders, rates and failures counts for all of them. */
export interface Api {
  /**
   * A server for a door, which is asked for at each request; a promise keeps requests waiting. Without a certificate it
   * speaks plain HTTP.
   */
  serve(doorOf: () => Door | Promise<Door>, certificate: Certificate | null): ApiServer;
}

/** The API. */
export function createApi(parts: ApiParts): Api {
  const app = createApp(parts, NOWHERE);
  return {
    serve: (doorOf, certificate) => {
      const fetch = (request: Request, env: object): Response | Promise<Response> => {
        const at = (door: Door): Response | Promise<Response> => app.fetch(request, Object.assign(env, { door }));
        const door = doorOf();
        return door instanceof Promise ? door.then(at) : at(door);
      };
      return serverOf(parts, fetch, certificate);
    },
  };
}

/** The server of the API behind a door of its own. */
export function createApiServer(parts: ApiParts, door: Door): ApiServer {
  return createApi(parts).serve(() => door, null);
}

/** A request that no server names a door for has none, and is known to nobody. */
const NOWHERE: Door = { ...socketDoor('nowhere', 'viewer'), role: null };

type Fetch = (request: Request, env: object) => Response | Promise<Response>;

function serverOf(parts: ApiParts, fetch: Fetch, certificate: Certificate | null): ApiServer {
  const answered = getRequestListener(fetch, { errorHandler: (error) => unreadable(parts, error) });
  const last = new WeakMap<Socket, ServerResponse>();
  const listener: RequestListener = (incoming, outgoing) => {
    last.set(incoming.socket, outgoing);
    void answered(incoming, outgoing);
  };
  const options = {
    maxHeaderSize: SERVER_LIMITS.headerBytes,
    headersTimeout: SERVER_LIMITS.headersMs,
    requestTimeout: SERVER_LIMITS.requestMs,
    keepAliveTimeout: SERVER_LIMITS.keepAliveMs,
    connectionsCheckingInterval: 1000,
    // Refused by the listener, in the words of all refusals.
    requireHostHeader: false,
  };
  const server =
    certificate === null
      ? createServer(options, listener)
      : createSecureServer({ ...options, ...certificate, ...TLS }, listener);
  // What a request expects besides an answer is passed over; Node would refuse it without a word.
  server.on('checkExpectation', listener);
  server.maxRequestsPerSocket = SERVER_LIMITS.requestsPerConnection;
  server.maxConnections = SERVER_LIMITS.connections;
  server.on('clientError', (error: NodeJS.ErrnoException, socket: Socket) => {
    const outgoing = last.get(socket);
    // An order that was read whole is being carried out: its answer is that, not what is said of the bytes after it.
    if (outgoing?.req.complete === true && !outgoing.writableFinished) outgoing.once('finish', () => socket.end());
    else refuseRaw(parts, error, socket);
  });
  return { server, close: () => closeServer(server, parts) };
}

function closeServer(server: Server, { clock }: ApiParts): Promise<void> {
  return new Promise((resolve) => {
    const timer = clock.after(LINGER_MS, () => {
      server.closeAllConnections();
    });
    server.close(() => {
      timer[Symbol.dispose]();
      resolve();
    });
    server.closeIdleConnections();
  });
}

function refuseRaw(parts: ApiParts, error: NodeJS.ErrnoException, socket: Socket): void {
  if (error.code === 'ECONNRESET' || !socket.writable) {
    socket.destroy();
    return;
  }
  const { status, headers, body } = unrouted(parts, parserFault(error.code ?? ''));
  const text = typeof body === 'string' ? body : '';
  const lines = Object.entries({ ...headers, 'content-length': Buffer.byteLength(text) });
  const head = [`HTTP/1.1 ${status} Refused`, ...lines.map(([name, value]) => `${name}: ${value}`)];
  socket.end(`${head.join('\r\n')}\r\n\r\n${text}`);
}

// An address or a Host of which no URL can be made; the parser let them pass.
function unreadable(parts: ApiParts, error: unknown): Response {
  const fault = error instanceof RequestError ? new RouseError('RSE4101', 'cannot answer: it has no address') : null;
  const { status, headers, body } = unrouted(parts, fault ?? error);
  return new Response(typeof body === 'string' ? body : null, { status, headers });
}

/** The refusal of what never reached the app, with every header; the connection ends with it. */
function unrouted(parts: ApiParts, error: unknown): Reply {
  const instance = { path: '/', requestId: `req_${parts.random.id()}` };
  const known = error instanceof RouseError ? error : null;
  if (known === null) parts.report(instance.requestId, error);
  const reply = known === null ? bug(instance) : refusal(known, instance);
  const headers = {
    ...reply.headers,
    'cache-control': 'no-store',
    'x-content-type-options': 'nosniff',
    'cross-origin-resource-policy': 'same-origin',
    'x-request-id': instance.requestId,
    connection: 'close',
  };
  return { ...reply, headers };
}

function parserFault(code: string): RouseError {
  if (code === 'HPE_HEADER_OVERFLOW')
    return new RouseError('RSE4109', `cannot answer: the headers have more than ${SERVER_LIMITS.headerBytes} bytes`);
  if (code === 'ERR_HTTP_REQUEST_TIMEOUT')
    return new RouseError(
      'RSE2201',
      `cannot answer: the request took longer than ${SERVER_LIMITS.requestMs} ms to arrive`,
    );
  return new RouseError('RSE4101', `cannot answer: this is not HTTP/1.1 (${code})`);
}
