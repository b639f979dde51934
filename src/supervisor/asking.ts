/** Requests get their numbers: each change its id, each want the intent by which a later one supersedes an earlier. */
import type { System } from '../core/system.ts';
import type { Opening } from '../engine/changes.ts';
import type { Ask } from '../engine/engine.ts';
import type { ChangeRequest } from '../model/request.ts';
import type { EventStore } from '../ports/event-store.ts';
import type { Order } from './order.ts';

/** A request that opens a change. */
export type ChangeAsk = Ask & { readonly opening: Opening };

/** The numbers of one supervisor; they go on from those of an earlier one. */
export class Asking {
  readonly #now: () => number;
  #intent: number;
  #lastChange: number;

  /** Units: `now` epoch ms. */
  constructor(system: System, store: EventStore, now: () => number) {
    this.#now = now;
    this.#lastChange = Number(store.changes(1)[0]?.id ?? 0);
    this.#intent = system.services.reduce((last, { intent }) => Math.max(last, intent), 0);
  }

  /** The next intent. */
  intent(): number {
    this.#intent += 1;
    return this.#intent;
  }

  /** The request as the engine takes it. `summary` is what its change is called. */
  ask({ action, by }: ChangeRequest, { want, cases, services }: Order, summary: string): ChangeAsk {
    this.#lastChange += 1;
    const id = String(this.#lastChange);
    const opening = { id, action, services, summary, by, createdAt: this.#now(), cases };
    return { happening: { ...want, intent: this.intent() }, opening };
  }
}
