/** Changes: orders, what became of them, and waiting for their end. */
import type { ApiChange, ChangeOrder } from '../contract/api-change.ts';
import { type Session, pathOf } from './session.ts';

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
   * Resolves when the change has ended; waits as long as it takes, across a lost connection.
   * Errors: RSE4002; rejects with the signal's reason.
   */
  settled(id: string, signal?: AbortSignal): Promise<ApiChange>;
  /** Ends a running change; what was begun and is not ready is stopped. Errors: RSE4002. */
  abort(id: string): Promise<ApiChange>;
}

const ROUND_MS = 60_000;

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
    settled: async (id, signal) => {
      for (;;) {
        const change = await session.call<ApiChange>('GET', pathOf('changes', id, 'wait'), {
          query: { timeout: `${ROUND_MS}ms` },
          heldMs: ROUND_MS,
          signal,
        });
        if (change.ended_at !== null) return change;
      }
    },
    abort: (id) => session.call('POST', pathOf('changes', id, 'abort')),
  };
}
