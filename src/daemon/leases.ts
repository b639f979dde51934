/**
 * What is tied to a terminal. A lease that is lost stops what it holds; a daemon that `up` had started leaves when
 * nothing is wanted any more and no other terminal holds something. A lease that is given up changes nothing.
 */
import type { DaemonControl, Lease } from '../api/parts.ts';
import type { Actor, Change } from '../model/change.ts';
import { ConnectionError } from '../model/errors.ts';
import type { Supervisor } from '../supervisor/port.ts';

/** What leases need of the daemon. */
export interface LeaseKeeper {
  readonly supervisor: Pick<Supervisor, 'service' | 'services' | 'request' | 'settled'>;
  readonly newId: () => string;
  readonly isStopping: () => boolean;
  /** Ends everything, the daemon too. */
  readonly end: (why: string) => void;
  /** Whether the daemon is there for the sake of one `up`. */
  readonly life: 'of-an-up' | 'its-own';
  readonly say: (line: string) => void;
}

type Order = Parameters<DaemonControl['lease']>[0];

interface Held {
  readonly order: Order;
  readonly by: Actor;
  readonly given: AbortController;
}

/** The leases of one daemon. */
export class Leases {
  readonly #keeper: LeaseKeeper;
  readonly #held = new Map<string, Held>();

  constructor(keeper: LeaseKeeper) {
    this.#keeper = keeper;
  }

  /** How many are held. */
  get count(): number {
    return this.#held.size;
  }

  /** Gives a lease. Errors: RSE4001 for a service that is not there; RSE3007 when the daemon is ending. */
  take(order: Order, by: Actor): Lease {
    if (this.#keeper.isStopping())
      throw new ConnectionError('RSE3007', 'cannot give a lease: the daemon is stopping', {
        hint: 'try again when it is gone: rouse up',
      });
    for (const name of order.services ?? []) this.#keeper.supervisor.service(name);
    const id = this.#keeper.newId();
    const given = new AbortController();
    this.#held.set(id, { order, by, given });
    return { id, given: given.signal, lost: () => this.#lose(id) };
  }

  /** Gives a lease up: nothing is stopped. */
  detach(id: string): 'done' | 'unknown' {
    const held = this.#held.get(id);
    if (held === undefined) return 'unknown';
    this.#held.delete(id);
    held.given.abort();
    return 'done';
  }

  #lose(id: string): void {
    const held = this.#held.get(id);
    if (held === undefined) return;
    this.#held.delete(id);
    if (this.#keeper.isStopping()) return;
    const isLast = this.#keeper.life === 'of-an-up' && this.#held.size === 0;
    if (isLast && held.order.scope === 'all') {
      this.#keeper.end(`the terminal of ${held.by.name} is gone`);
      return;
    }
    void this.#stop(held, { isLast });
  }

  async #stop({ order, by }: Held, { isLast }: { readonly isLast: boolean }): Promise<void> {
    const { supervisor, say } = this.#keeper;
    const services = order.scope === 'all' ? [] : (order.services ?? []);
    try {
      const change: Change = supervisor.request({
        action: order.scope === 'all' ? 'down' : 'stop',
        services,
        dependencies: 'alone',
        dependents: 'include',
        completed: 'keep',
        by,
      });
      await supervisor.settled(change.id, new AbortController().signal);
    } catch (error) {
      say(`cannot stop what a lost terminal held: ${error instanceof Error ? error.message : String(error)}`);
      return;
    }
    const isWanted = supervisor.services().some(({ desired }) => desired === 'up');
    if (isLast && !isWanted && this.#held.size === 0) this.#keeper.end('nothing is wanted any more');
  }
}
