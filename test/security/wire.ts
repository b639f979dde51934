// Bytes to a socket and what comes back, without a client that would mend either.
import { connect } from 'node:net';

/** One answer on a connection. Names of headers in lower case. */
export interface WireAnswer {
  readonly status: number;
  readonly headers: ReadonlyMap<string, string>;
  readonly body: string;
}

/** All that came back. `hung`: nothing ended within the limit. */
export interface Exchange {
  readonly answers: readonly WireAnswer[];
  /** Bytes that are no answer. */
  readonly rest: string;
  readonly end: 'closed' | 'left' | 'hung';
}

/** What is sent, and how the sender goes on. */
export interface Sent {
  readonly bytes: string | Uint8Array;
  /** `ends`: it says that nothing follows. `stays`: it keeps silent. */
  readonly sender: 'ends' | 'stays';
  readonly limitMs: number;
}

/** Sends and reads until the other end closes. A stream, which has no end, is left after its first bytes. */
export function exchangeBytes(path: string, { bytes, sender, limitMs }: Sent): Promise<Exchange> {
  const { promise, resolve } = Promise.withResolvers<Exchange>();
  const chunks: Buffer[] = [];
  let end: Exchange['end'] = 'closed';
  const socket = connect({ path, allowHalfOpen: true });
  const leave = (why: Exchange['end']): void => {
    end = why;
    socket.destroy();
  };
  const limit = setTimeout(() => {
    leave('hung');
  }, limitMs);
  socket.on('data', (chunk: Buffer) => {
    chunks.push(chunk);
    if (/^content-type: (?:text\/event-stream|application\/x-ndjson)/im.test(chunk.toString('latin1'))) leave('left');
  });
  // Whoever is refused while it still writes is cut off; what came before is the answer.
  socket.on('error', () => undefined);
  socket.on('end', () => socket.end());
  socket.on('close', () => {
    clearTimeout(limit);
    resolve({ ...answersOf(Buffer.concat(chunks)), end });
  });
  socket.on('connect', () => {
    if (sender === 'ends') socket.end(bytes);
    else socket.write(bytes);
  });
  return promise;
}

function answersOf(bytes: Buffer): Omit<Exchange, 'end'> {
  const answers: WireAnswer[] = [];
  let left = bytes;
  for (;;) {
    const at = left.indexOf('\r\n\r\n');
    if (at < 0) break;
    const [first = '', ...lines] = left.subarray(0, at).toString('latin1').split('\r\n');
    const status = Number(/^HTTP\/1\.1 (\d{3}) /.exec(first)?.[1] ?? 0);
    if (status === 0) break;
    const headers = new Map(
      lines.map((line) => {
        const colon = line.indexOf(':');
        return [line.slice(0, colon).toLowerCase(), line.slice(colon + 1).trim()];
      }),
    );
    const length = headers.get('content-length');
    const end = length === undefined && status >= 200 && status !== 304 ? left.length : at + 4 + Number(length ?? 0);
    if (status >= 200) answers.push({ status, headers, body: left.subarray(at + 4, end).toString('utf8') });
    left = left.subarray(end);
  }
  return { answers, rest: left.toString('latin1') };
}
