/**
 * The app behind a Node server, with every limit set by hand: a framework's defaults are not to be trusted with any.
 *
 * Headers 16 KiB; 10 s for them, 15 s for the whole request; 5 s of idleness, 1,000 requests a connection, 1,024
 * connections. What the parser refuses never reaches the app and is answered here, in the same words.
 */
import type { Server } from 'node:http';
import type { Socket } from 'node:net';
import { createAdaptorServer } from '@hono/node-server';
import { RouseError } from '../model/errors.ts';
import { createApp } from './app.ts';
import type { Door } from './door.ts';
import type { ApiParts } from './parts.ts';
import { refusal } from './reply.ts';

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

/** The server of the API behind a door. */
export function createApiServer(parts: ApiParts, door: Door): ApiServer {
  const app = createApp(parts, door);
  const server = createAdaptorServer({
    fetch: app.fetch,
    serverOptions: {
      maxHeaderSize: SERVER_LIMITS.headerBytes,
      headersTimeout: SERVER_LIMITS.headersMs,
      requestTimeout: SERVER_LIMITS.requestMs,
      keepAliveTimeout: SERVER_LIMITS.keepAliveMs,
      connectionsCheckingInterval: 1000,
    },
  }) as Server;
  server.maxRequestsPerSocket = SERVER_LIMITS.requestsPerConnection;
  server.maxConnections = SERVER_LIMITS.connections;
  server.on('clientError', (error: NodeJS.ErrnoException, socket: Socket) => {
    refuseRaw(parts, error, socket);
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
  const requestId = `req_${parts.random.id()}`;
  const reply = refusal(parserFault(error.code ?? ''), { path: '/', requestId });
  const body = typeof reply.body === 'string' ? reply.body : '';
  const head = [
    `HTTP/1.1 ${reply.status} Refused`,
    `content-type: ${reply.headers['content-type'] ?? ''}`,
    `content-length: ${Buffer.byteLength(body)}`,
    'cache-control: no-store',
    'x-content-type-options: nosniff',
    'cross-origin-resource-policy: same-origin',
    `x-request-id: ${requestId}`,
    'connection: close',
  ];
  socket.end(`${head.join('\r\n')}\r\n\r\n${body}`);
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
