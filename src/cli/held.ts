/** A project held by a terminal: what the stages of an attached `up` share. */
import type { Connection } from './connection.ts';
import type { Display } from './display.ts';
import type { Feed } from './feed.ts';
import type { Order } from './operation.ts';
import type { Session } from './session.ts';
import type { Wishes } from './wishes.ts';

/** How it is held. `logs`: names whose output follows, all when empty, or none. */
export interface AttachedOptions {
  readonly order: Order;
  readonly timeoutMs: number | null;
  readonly onFailure: 'keep' | 'stop';
  readonly logs: readonly string[] | 'none';
  readonly times: 'shown' | 'hidden';
}

/** Everything that the stages share. `names`: in starting order. Units: epoch ms. */
export interface Held {
  readonly session: Session;
  readonly connection: Connection;
  readonly options: AttachedOptions;
  readonly wishes: Wishes;
  readonly display: Display;
  readonly feed: Feed;
  /** Resolves when the daemon is gone. */
  readonly lost: Promise<'gone'>;
  readonly names: readonly string[];
  readonly startedAt: number;
  readonly title: string;
  /** The run of each service when it was begun: later runs are its own. */
  readonly runsBefore: ReadonlyMap<string, number>;
}
