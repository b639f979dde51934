/**
 * One request to a plain `http:` address, over a bare connection.
 *
 * The platform's client is made for bodies, keep-alive and pools; a check wants a status. This one writes the request,
 * reads until the head of the answer is whole, and takes the rest of a short body so that the server's writing does not
 * fail. `npm run bench` compares the two.
 */
import { validateHeaderName, validateHeaderValue } from 'node:http';
import { type Socket, connect } from 'node:net';
import type { Clock } from '../ports/clock.ts';
import { type Address, pinnedLookup } from './address.ts';
import { readHead } from './http-head.ts';
import { BODY_BYTES, HEAD_BYTES, type HttpClient, type HttpHead, type HttpRequest, LINGER_MS } from './http-node.ts';

/** The pieces are read one at a time, and each is used up before the next: one buffer serves all connections. */
const PIECE = Buffer.allocUnsafe(HEAD_BYTES);
/** Statuses whose answers have no body, RFC 9110 section 6.4.1. */
const WITHOUT_BODY = [101, 204, 304];

/** Asks over a connection of its own. Errors: codes of `causes.ts` tell what is wrong with an answer. */
export function rawClient(clock: Clock): HttpClient {
  return (request) => {
    let text: string | null = null;
    return (addresses, signal) =>
      new Promise((resolve, reject) => {
        text ??= requestText(request);
        const reading: Reading = {
          clock,
          method: request.method,
          resolve,
          reject,
          text: '',
          bodyLeft: null,
          linger: null,
        };
        const socket = open(request.url, addresses, (piece) => read(reading, socket, piece));
        signal.addEventListener('abort', () => socket.destroy(), { once: true });
        socket.once('error', reject);
        socket.once('close', () => {
          reading.linger?.[Symbol.dispose]();
          if (reading.bodyLeft === null) reject(coded('ECONNRESET'));
        });
        socket.write(text, 'latin1');
      });
  };
}

interface Reading {
  readonly clock: Clock;
  readonly method: 'GET' | 'HEAD';
  readonly resolve: (head: HttpHead) => void;
  readonly reject: (error: Error) => void;
  /** The head so far, as Latin-1. */
  text: string;
  /** What is still taken of the body, in bytes; null while the head is read. */
  bodyLeft: number | null;
  linger: Disposable | null;
}

function open(url: URL, addresses: readonly Address[], take: (piece: Buffer) => void): Socket {
  const [first] = addresses;
  const onread = {
    buffer: PIECE,
    callback: (length: number): boolean => {
      take(PIECE.subarray(0, length));
      return true;
    },
  };
  const port = Number(url.port) || 80;
  // With one address there is nothing to choose.
  if (addresses.length === 1 && first !== undefined) return connect({ host: first.address, port, onread });
  return connect({ host: url.hostname, port, onread, lookup: pinnedLookup(addresses), autoSelectFamily: true });
}

function read(reading: Reading, socket: Socket, piece: Buffer): void {
  if (reading.bodyLeft !== null) {
    takeBody(reading, socket, piece.length);
    return;
  }
  reading.text += piece.toString('latin1');
  const found = readHead(reading.text);
  if (found.type === 'more' && reading.text.length < HEAD_BYTES) return;
  if (found.type !== 'head') {
    reading.reject(coded(found.type === 'more' ? 'HPE_HEADER_OVERFLOW' : 'HPE_INVALID_CONSTANT'));
    socket.destroy();
    return;
  }
  const { status, location, bodyBytes, headBytes } = found;
  const hasBody = reading.method !== 'HEAD' && !WITHOUT_BODY.includes(status);
  reading.bodyLeft = hasBody ? Math.min(bodyBytes ?? BODY_BYTES, BODY_BYTES) : 0;
  takeBody(reading, socket, reading.text.length - headBytes);
  reading.resolve({ status, location });
}

/** Ends the connection when the body is here, or long, or slow; the server ends it sooner as a rule. */
function takeBody(reading: Reading, socket: Socket, bytes: number): void {
  reading.bodyLeft = (reading.bodyLeft ?? 0) - bytes;
  if (reading.bodyLeft <= 0) socket.destroy();
  else reading.linger ??= reading.clock.after(LINGER_MS, () => socket.destroy());
}

/** The request line and headers. Errors: throws what node:http throws for a header that may not be sent. */
function requestText({ url, method, headers }: HttpRequest): string {
  const lines = Object.entries(headers).map(([name, value]) => {
    validateHeaderName(name);
    validateHeaderValue(name, value);
    return `${name}: ${value}\r\n`;
  });
  const given = new Set(Object.keys(headers).map((name) => name.toLowerCase()));
  if (!given.has('host')) lines.push(`Host: ${url.host}\r\n`);
  if (url.username !== '' && !given.has('authorization')) lines.push(`Authorization: ${basicOf(url)}\r\n`);
  if (!given.has('connection')) lines.push('Connection: close\r\n');
  return `${method} ${url.pathname}${url.search} HTTP/1.1\r\n${lines.join('')}\r\n`;
}

function basicOf({ username, password }: URL): string {
  const credentials = `${decodeURIComponent(username)}:${decodeURIComponent(password)}`;
  return `Basic ${Buffer.from(credentials).toString('base64')}`;
}

function coded(code: string): Error {
  return Object.assign(new Error(code), { code });
}
