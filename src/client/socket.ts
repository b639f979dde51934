/** HTTP over a unix socket or to an address, by `node:http`: the least that is loaded for a short command. */
import { lstatSync } from 'node:fs';
import { Agent, type IncomingMessage, type RequestOptions, request } from 'node:http';
import { type Address, type Host, type HostAddress, hostOf, refused } from './address.ts';
import type { Transport, WireReply, WireRequest } from './transport.ts';
import { type Tried, unreachable } from './unreachable.ts';

/** How connections are made and kept. */
interface Line extends Disposable {
  readonly agent: Agent;
  readonly request: typeof request;
}

/**
 * Carries requests to one daemon; connections are kept and reused. A redirect is an answer like any other.
 *
 * The owner of a socket is checked before the first byte is sent, at every request: it must be root or the user
 * himself, else somebody has put his own socket there to be given orders. The certificate of a host is checked likewise.
 * Errors: as `Transport` says; an address that may not be spoken to is RSE3002 at the first request.
 */
export function transportTo(address: Address): Transport & Disposable {
  let line: Promise<Line> | null = null;
  const lineOf = (host: Host | null, ca: string | undefined): Promise<Line> =>
    (line ??= host?.tls === 'on' ? secureLine(ca) : Promise.resolve(plainLine()));
  const carry = async (order: WireRequest): Promise<WireReply> => {
    if ('socketPath' in address) {
      const place = checkedSocket(address.socketPath);
      return send(order, await lineOf(null, undefined), place);
    }
    const host = hostOf(address);
    return send(order, await lineOf(host, address.ca), placeAt(address, host));
  };
  return Object.assign(carry, {
    [Symbol.dispose]: (): void => {
      void line?.then((made) => {
        made[Symbol.dispose]();
      });
    },
  });
}

function plainLine(): Line {
  const agent = new Agent({ keepAlive: true, maxFreeSockets: 4 });
  return { agent, request, [Symbol.dispose]: () => agent.destroy() };
}

// Loaded by those who need it: a command on this machine does not.
async function secureLine(ca: string | undefined): Promise<Line> {
  const https = await import('node:https');
  const agent = new https.Agent({
    keepAlive: true,
    maxFreeSockets: 4,
    minVersion: 'TLSv1.2',
    rejectUnauthorized: true,
    ...(ca === undefined ? {} : { ca }),
  });
  return { agent, request: https.request, [Symbol.dispose]: () => agent.destroy() };
}

interface Place {
  readonly options: RequestOptions;
  readonly headers: Readonly<Record<string, string>>;
  readonly tried: Tried;
}

function checkedSocket(socketPath: string): Place {
  const tried = { where: socketPath, by: 'socket' } as const;
  let stat;
  try {
    stat = lstatSync(socketPath);
  } catch (cause) {
    throw unreachable(tried, cause);
  }
  const uid = process.getuid?.() ?? 0;
  if (!stat.isSocket()) throw refused(socketPath, 'it is not a socket');
  if (stat.uid !== 0 && stat.uid !== uid) throw refused(socketPath, `it belongs to user ${stat.uid}`);
  return { options: { socketPath }, headers: { host: 'localhost' }, tried };
}

function placeAt({ token }: HostAddress, { hostname, port }: Host): Place {
  const shown = hostname.includes(':') ? `[${hostname}]` : hostname;
  return {
    options: { hostname, port },
    headers: token === undefined ? {} : { authorization: `Bearer ${token}` },
    tried: { where: `${shown}:${port}`, by: 'host' },
  };
}

function send(order: WireRequest, line: Line, { options, headers, tried }: Place): Promise<WireReply> {
  return new Promise((resolve, reject) => {
    const sent = line.request({
      ...options,
      agent: line.agent,
      method: order.method,
      path: order.path,
      signal: order.signal,
      headers: {
        ...headers,
        ...order.headers,
        ...(order.body === null ? {} : { 'content-length': Buffer.byteLength(order.body) }),
      },
    });
    sent.on('error', (cause) => {
      reject(order.signal.aborted ? reasonOf(order.signal) : unreachable(tried, cause));
    });
    sent.on('response', (message) => {
      resolve({
        status: message.statusCode ?? 0,
        header: (name) => {
          const value = message.headers[name];
          return typeof value === 'string' ? value : (value?.join(', ') ?? null);
        },
        body: bodyOf(message, { tried, signal: order.signal }),
      });
    });
    sent.end(order.body ?? undefined);
  });
}

async function* bodyOf(
  message: IncomingMessage,
  from: { readonly tried: Tried; readonly signal: AbortSignal },
): AsyncGenerator<Uint8Array> {
  try {
    for await (const chunk of message) if (chunk instanceof Uint8Array) yield chunk;
  } catch (cause) {
    throw from.signal.aborted ? reasonOf(from.signal) : unreachable(from.tried, cause);
  } finally {
    message.destroy();
  }
}

function reasonOf(signal: AbortSignal): Error {
  return signal.reason instanceof Error ? signal.reason : new Error('aborted', { cause: signal.reason });
}
