/** Changes: orders, what became of them, and waiting for their end. */
import type { ApiChange, ChangeOrder } from '../contract/api-change.ts';
import { ConnectionError, RouseError } from '../model/errors.ts';
import { type Session, pathOf } from './session.ts';

/** What to do when the daemon is lost: resolves when it may be asked again, rejects to give up. */
export type Lost = (error: RouseError) => Promise<void>;

/** The operations of the project. */
export interface ChangesClient {
  /**
   * Gives an order; resolves as soon as it is accepted, or, with `waitMs`, when it has ended or that time is over.
   * Errors: RSE4001, RSE4005 (with `services`), RSE4006, RSE4007, RSE4014, RSE3007, RSE3008: nothing was done.
   */
  create(order: Omit<ChangeOrder, 'dry_run'>, options?: { readonly waitMs?: number }): Promise<ApiChange>;
  /** Errors: RSE4002. */
  get(id: string): Promise<ApiChange>;
  /** Newest first. */
  list(state: 'running' | 'done' | 'all'): Promise<readonly ApiChange[]>;
  /**
   * Resolves when the change has ended; waits as long as it takes, across a lost connection and a daemon that is
   * restarted: the change has the same id there. `lost` is asked whenever the daemon is lost; by default it may be away
   * for 10 s. Errors: RSE4002; those of `lost`; rejects with the signal's reason.
   */
  settled(id: string, signal?: AbortSignal, lost?: Lost): Promise<ApiChange>;
  /** Ends a running change; what was begun and is not ready is stopped. Errors: RSE4002. */
  abort(id: string): Promise<ApiChange>;
}

const ROUND_MS = 60_000;
/** A daemon that restarts is back within this time; ms. */
const AWAY_MS = 10_000;
const ASK_AGAIN_MS = 200;
/** Losses in a row after which nobody believes in it any more. */
const LOSSES = 100;

/** The changes over a session. */
export function changesClient(session: Session): ChangesClient {
  return {
    create: (order, { waitMs = 0 } = {}) =>
      session.call('POST', pathOf('changes'), {
        body: order,
        query: { wait: waitMs === 0 ? null : `${waitMs}ms` },
        heldMs: waitMs,
      }),
    get: (id) => session.call('GET', pathOf('changes', id)),
    list: (state) => session.call('GET', pathOf('changes'), { query: { state } }),
    settled: async (id, signal, lost = patiently(session)) => {
      for (let losses = 0; ;) {
        try {
          const change = await waited(session, id, signal);
          losses = 0;
          if (change.ended_at !== null) return change;
        } catch (error) {
          losses += 1;
          if (!isLoss(error) || signal?.aborted === true || losses > LOSSES) throw error;
          await lost(error);
          await pause(session);
        }
      }
    },
    abort: (id) => session.call('POST', pathOf('changes', id, 'abort')),
  };
}

function waited(session: Session, id: string, signal: AbortSignal | undefined): Promise<ApiChange> {
  return session.call<ApiChange>('GET', pathOf('changes', id, 'wait'), {
    query: { timeout: `${ROUND_MS}ms` },
    heldMs: ROUND_MS,
    signal,
  });
}

// A daemon that says that it is stopping is as good as gone.
function isLoss(error: unknown): error is RouseError {
  if (error instanceof ConnectionError) return error.code !== 'RSE3004';
  return error instanceof RouseError && error.code === 'RSE3007';
}

/** Waits for a daemon to come back, for as long as a restart may take. */
function patiently(session: Session): Lost {
  let since: number | null = null;
  return async (lost) => {
    const now = session.clock.monotonic();
    // Found again in between, it has as much time once more.
    since = since === null || now - since > 2 * AWAY_MS ? now : since;
    if (now - since > AWAY_MS) throw lost;
    await pause(session);
  };
}

function pause({ clock }: Session): Promise<void> {
  return new Promise((resolve) => {
    clock.after(ASK_AGAIN_MS, resolve);
  });
}
