/** The daemon itself: its state, its end, and the lease that ties services to a terminal. */
import type { ApiLease, ApiStop, ApiSystem, ApiWatch, LeaseOrder, StopOrder } from '../contract/api-system.ts';
import { ConnectionError } from '../model/errors.ts';
import { type Session, pathOf } from './session.ts';
import type { WireReply } from './transport.ts';

/** A lease that is held: when its connection ends in any way but `detach`, the daemon stops what it holds. */
export interface HeldLease {
  readonly id: string;
  /** Resolves when the connection has ended, whoever ended it. */
  readonly ended: Promise<void>;
  /** Gives the lease up and leaves everything running. */
  detach(): Promise<void>;
}

/** The daemon of the project. */
export interface DaemonClient {
  status(): Promise<ApiSystem>;
  /**
   * `down` stops every service, and the daemon too where `up` had started it; `daemon` ends the daemon alone.
   * Errors: ConflictError RSE4008 (its `services` would be lost); RSE4006.
   */
  stop(mode: StopOrder['mode']): Promise<ApiStop>;
  /** Switches on or off that the daemon watches files. */
  watch(mode: ApiWatch['watch']): Promise<ApiWatch>;
  /** Takes a lease; aborting the signal ends its connection, and with it what it holds. */
  lease(order: LeaseOrder, signal: AbortSignal): Promise<HeldLease>;
}

/** The daemon over a session. */
export function daemonClient(session: Session): DaemonClient {
  return {
    status: () => session.call('GET', pathOf('system')),
    watch: (mode) => session.call('POST', pathOf('system', 'watch'), { body: { watch: mode } }),
    stop: (mode) => session.call('POST', pathOf('system', 'stop'), { body: { mode } }),
    lease: async (order, signal) => {
      const reply = await session.open('POST', pathOf('lease'), {
        body: order,
        signal,
        headers: { accept: 'application/x-ndjson' },
      });
      return hold(session, reply);
    },
  };
}

// The first line is the lease; what follows are blank lines that show the connection alive.
async function hold(session: Session, reply: WireReply): Promise<HeldLease> {
  const chunks = reply.body[Symbol.asyncIterator]();
  const decoder = new TextDecoder();
  let text = '';
  while (!text.includes('\n')) {
    const next = await chunks.next();
    if (next.done === true)
      throw new ConnectionError('RSE3002', 'cannot take a lease: the daemon closed the connection');
    text += decoder.decode(next.value, { stream: true });
  }
  const lease: unknown = JSON.parse(text.slice(0, text.indexOf('\n')));
  if (!isLease(lease)) throw new ConnectionError('RSE3004', 'cannot take a lease: the answer is not one');
  return {
    id: lease.id,
    ended: drain(chunks),
    detach: async () => {
      await session.call('POST', pathOf('lease', lease.id, 'detach'));
    },
  };
}

async function drain(chunks: AsyncIterator<Uint8Array>): Promise<void> {
  try {
    while ((await chunks.next()).done !== true);
  } catch {
    // However the connection ended, it has ended: that is all this promise says.
  }
}

function isLease(value: unknown): value is ApiLease {
  return typeof value === 'object' && value !== null && 'id' in value && typeof value.id === 'string';
}
