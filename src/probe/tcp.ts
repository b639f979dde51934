/** Whether something accepts a connection. */
import assert from 'node:assert/strict';
import { type Socket, connect } from 'node:net';
import type { Clock } from '../ports/clock.ts';
import { type Reaching, type Resolve, pinnedLookup } from './address.ts';
import { causeOf } from './causes.ts';
import { type Answer, type ProbeKind, fail, pass, polled, tookWords } from './kind.ts';

/**
 * How long a connection that was ended may take to close. What the other side has sent by then is read: to close over it
 * would reset the connection, which breaks plain servers and is counted as an attack by some (MySQL); ms.
 */
const FAREWELL_MS = 500;

/** A kind that passes when the connection is made; it is ended at once and nothing is sent. */
export function tcpKind(clock: Clock, { resolve, reachOf }: Reaching): ProbeKind {
  return {
    price: 'cheap',
    // Two that may go to different places get different answers.
    key: ({ probe, spec }) => JSON.stringify([probe.target, reachOf(spec)]),
    open: ({ probe: { target }, spec }) => {
      assert(target.type === 'tcp');
      return polled((signal) => askTcp(target, { clock, resolve: (host) => resolve(host, reachOf(spec)), signal }));
    },
  };
}

async function askTcp(
  { host, port }: { readonly host: string; readonly port: number },
  { clock, resolve, signal }: { readonly clock: Clock; readonly resolve: Resolve; readonly signal: AbortSignal },
): Promise<Answer> {
  const from = clock.monotonic();
  const addresses = await resolve(host);
  const socket = connect({ host, port, lookup: pinnedLookup(addresses), autoSelectFamily: true });
  const cause = await connected(socket, { clock, signal });
  return cause === null ? pass(`connected in ${tookWords(clock.monotonic() - from)}`) : fail(causeOf(cause));
}

/**
 * Null once connected, or why it was not; after an error nothing is left of the socket. One that has connected parts by
 * itself within `FAREWELL_MS`: who answers is not to be called slow because he is slow to hang up.
 */
function connected(
  socket: Socket,
  { clock, signal }: { readonly clock: Clock; readonly signal: AbortSignal },
): Promise<unknown> {
  return new Promise((resolve) => {
    let outcome: unknown = null;
    let limit: Disposable | null = null;
    const giveUp = (): void => {
      socket.destroy(new Error('nobody waits for the answer any more'));
    };
    if (signal.aborted) giveUp();
    signal.addEventListener('abort', giveUp, { once: true });
    socket.once('connect', () => {
      // From here on it parts, whoever still waits.
      signal.removeEventListener('abort', giveUp);
      limit = clock.after(FAREWELL_MS, () => socket.destroy());
      socket.unref().resume().end();
      resolve(null);
    });
    // What goes wrong while parting says nothing about the answer, which has been given by then.
    socket.on('error', (error) => {
      outcome = error;
    });
    socket.once('close', () => {
      signal.removeEventListener('abort', giveUp);
      limit?.[Symbol.dispose]();
      resolve(outcome);
    });
  });
}
