/** Why a service may not start, or not stop, now. */
import type { ServiceName } from './spec.ts';

/** A hold. Shapes: `on` lists the services in declaration order; empty for `capacity`. */
export interface Hold {
  readonly reason: 'dependency' | 'dependent' | 'capacity';
  readonly on: readonly ServiceName[];
}
