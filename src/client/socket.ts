/** HTTP over a unix socket or to an address, by `node:http`: the least that is loaded for a short command. */
import { lstatSync } from 'node:fs';
import { Agent, type IncomingMessage, request } from 'node:http';
import { ConnectionError } from '../model/errors.ts';
import type { Transport, WireReply, WireRequest } from './transport.ts';

/** Where the daemon is: the path of its socket, or `http://host:port`. */
export type Address = { readonly socketPath: string } | { readonly baseUrl: string };

/**
 * Carries requests to one daemon; connections are kept and reused.
 *
 * The owner of a socket is checked before the first byte is sent, at every request: it must be root or the user
 * himself, else somebody has put his own socket there to be given orders.
 * Errors: as `Transport` says; an address that is not `http:` is RSE3002 at the first request.
 */
export function transportTo(address: Address): Transport & Disposable {
  const agent = new Agent({ keepAlive: true, maxFreeSockets: 4 });
  const carry = (order: WireRequest): Promise<WireReply> => {
    const place = 'socketPath' in address ? checkedSocket(address.socketPath) : placeOf(address.baseUrl);
    return send(order, { agent, place });
  };
  return Object.assign(carry, { [Symbol.dispose]: (): void => agent.destroy() });
}

type Place =
  | { readonly socketPath: string; readonly headers: { readonly host: 'localhost' } }
  | { readonly hostname: string; readonly port: string };

function checkedSocket(socketPath: string): Place {
  let stat;
  try {
    stat = lstatSync(socketPath);
  } catch (cause) {
    throw unreachable(socketPath, cause);
  }
  const uid = process.getuid?.() ?? 0;
  if (!stat.isSocket()) throw refused(socketPath, 'it is not a socket');
  if (stat.uid !== 0 && stat.uid !== uid) throw refused(socketPath, `it belongs to user ${stat.uid}`);
  return { socketPath, headers: { host: 'localhost' } };
}

function placeOf(baseUrl: string): Place {
  const url = URL.parse(baseUrl);
  if (url === null || url.protocol !== 'http:') throw refused(baseUrl, 'only http:// addresses are spoken to');
  return { hostname: url.hostname, port: url.port === '' ? '80' : url.port };
}

function send(order: WireRequest, to: { readonly agent: Agent; readonly place: Place }): Promise<WireReply> {
  const { agent, place } = to;
  const where = 'socketPath' in place ? place.socketPath : `${place.hostname}:${place.port}`;
  return new Promise((resolve, reject) => {
    const sent = request({
      ...place,
      agent,
      method: order.method,
      path: order.path,
      signal: order.signal,
      headers: {
        ...('headers' in place ? place.headers : {}),
        ...order.headers,
        ...(order.body === null ? {} : { 'content-length': Buffer.byteLength(order.body) }),
      },
    });
    sent.on('error', (cause) => {
      reject(order.signal.aborted ? reasonOf(order.signal) : unreachable(where, cause));
    });
    sent.on('response', (message) => {
      resolve({
        status: message.statusCode ?? 0,
        header: (name) => {
          const value = message.headers[name];
          return typeof value === 'string' ? value : (value?.join(', ') ?? null);
        },
        body: bodyOf(message, { where, signal: order.signal }),
      });
    });
    sent.end(order.body ?? undefined);
  });
}

async function* bodyOf(
  message: IncomingMessage,
  from: { readonly where: string; readonly signal: AbortSignal },
): AsyncGenerator<Uint8Array> {
  try {
    for await (const chunk of message) if (chunk instanceof Uint8Array) yield chunk;
  } catch (cause) {
    throw from.signal.aborted ? reasonOf(from.signal) : unreachable(from.where, cause);
  } finally {
    message.destroy();
  }
}

function unreachable(where: string, cause: unknown): ConnectionError {
  const code = cause instanceof Error && 'code' in cause ? String(cause.code) : '';
  if (code === 'ENOENT' || code === 'ECONNREFUSED')
    return new ConnectionError('RSE3001', `cannot reach the daemon: nobody listens on "${where}"`, {
      hint: 'bring the project up: rouse up',
      cause,
    });
  if (code === 'EACCES' || code === 'EPERM')
    return new ConnectionError('RSE3002', `cannot reach the daemon: no permission for "${where}"`, {
      hint: 'run the command as the user that the daemon runs as',
      cause,
    });
  const words =
    code === 'ECONNRESET' || code === 'EPIPE' ? 'it closed the connection' : `the connection broke (${code})`;
  return new ConnectionError('RSE3002', `cannot reach the daemon on "${where}": ${words}`, { cause });
}

function refused(where: string, why: string): ConnectionError {
  return new ConnectionError('RSE3002', `cannot use "${where}": ${why}`);
}

function reasonOf(signal: AbortSignal): Error {
  return signal.reason instanceof Error ? signal.reason : new Error('aborted', { cause: signal.reason });
}
