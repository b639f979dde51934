/** One request over the platform's own HTTP client: for `https`, where TLS and its certificates have to be right. */
import { request as requestHttp } from 'node:http';
import { request as requestHttps } from 'node:https';
import type { Clock } from '../ports/clock.ts';
import { type Address, pinnedLookup } from './address.ts';

/** A request as it goes out, again and again. No redirect is followed. */
export interface HttpRequest {
  readonly url: URL;
  readonly method: 'GET' | 'HEAD';
  readonly headers: Readonly<Record<string, string>>;
}

/** What the answer begins with; the body is nobody's business. `location` is as the server wrote it, or null. */
export interface HttpHead {
  readonly status: number;
  readonly location: string | null;
}

/**
 * Sends the request to one of the addresses and reads the head of the answer.
 * Shapes: `addresses` is not empty and allowed. Errors: rejects with the platform's error; `causeOf` has the words.
 */
export type SendHttp = (addresses: readonly Address[], signal: AbortSignal) => Promise<HttpHead>;

/** Prepares a request once. Errors: none; a request that cannot be sent is rejected when it is sent. */
export type HttpClient = (request: HttpRequest) => SendHttp;

/** The longest head that is read, node:http's own default. Units: bytes. */
export const HEAD_BYTES = 16 * 1024;
/** How much of a body is taken before the connection is cut: a server that still writes would complain. Units: bytes. */
export const BODY_BYTES = 16 * 1024;
/** How long a body is waited for. Units: ms. */
export const LINGER_MS = 100;

/** Asks over `node:http` or `node:https`, on a connection of its own. */
export function nodeClient(clock: Clock): HttpClient {
  return ({ url, method, headers }) =>
    (addresses, signal) =>
      new Promise((resolve, reject) => {
        const send = url.protocol === 'https:' ? requestHttps : requestHttp;
        const options = { method, headers, signal, agent: false as const, maxHeaderSize: HEAD_BYTES };
        const request = send(url, { ...options, lookup: pinnedLookup(addresses) }, (response) => {
          resolve({ status: response.statusCode ?? 0, location: response.headers.location ?? null });
          let left = BODY_BYTES;
          response.on('data', (chunk: Buffer) => {
            left -= chunk.length;
            if (left < 0) request.destroy();
          });
          const cut = clock.after(LINGER_MS, () => request.destroy());
          request.once('close', () => cut[Symbol.dispose]());
        });
        request.on('error', reject);
        // A server may take the connection and close it, or switch to another protocol, without an answer.
        request.once('close', () => reject(Object.assign(new Error('closed'), { code: 'ECONNRESET' })));
        request.end();
      });
}
