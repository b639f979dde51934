/** Something went wrong at one service, and others suffer from it. */
import type { Reason } from './reason.ts';
import type { ServiceName } from './spec.ts';

/** An incident that is open. Units: `openedAt` epoch ms. */
export interface Incident {
  /** The service at the root. */
  readonly service: ServiceName;
  readonly reason: Reason;
  /** The reason in words. */
  readonly text: string;
  readonly openedAt: number;
  /** Who has suffered from it, nearest first: degraded, stopped, or kept from starting. May be empty. */
  readonly services: readonly ServiceName[];
}
