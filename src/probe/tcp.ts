/** Whether something accepts a connection. */
import assert from 'node:assert/strict';
import { type Socket, connect } from 'node:net';
import type { Clock } from '../ports/clock.ts';
import { type Resolve, pinnedLookup } from './address.ts';
import { causeOf } from './causes.ts';
import { type Answer, type ProbeKind, fail, pass, polled, tookWords } from './kind.ts';

/** A kind that passes when the connection is made; it is closed at once and nothing is sent. */
export function tcpKind(clock: Clock, resolve: Resolve): ProbeKind {
  return {
    price: 'cheap',
    key: ({ probe }) => JSON.stringify(probe.target),
    open: ({ probe: { target } }) => {
      assert(target.type === 'tcp');
      return polled((signal) => askTcp(target, { clock, resolve, signal }));
    },
  };
}

async function askTcp(
  { host, port }: { readonly host: string; readonly port: number },
  { clock, resolve, signal }: { readonly clock: Clock; readonly resolve: Resolve; readonly signal: AbortSignal },
): Promise<Answer> {
  const from = clock.monotonic();
  const addresses = await resolve(host);
  const socket = connect({ host, port, lookup: pinnedLookup(addresses), signal, autoSelectFamily: true });
  const cause = await connected(socket);
  return cause === null ? pass(`connected in ${tookWords(clock.monotonic() - from)}`) : fail(causeOf(cause));
}

/** Null once connected, or why it was not; the socket is closed either way. */
function connected(socket: Socket): Promise<unknown> {
  return new Promise((resolve) => {
    let outcome: unknown = null;
    socket.once('connect', () => socket.destroy());
    socket.once('error', (error) => {
      outcome = error;
    });
    socket.once('close', () => resolve(outcome));
  });
}
