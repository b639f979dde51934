/** Why a service may not start, or not stop, now. */
import type { ServiceName } from './spec.ts';

/** A hold. Shapes: `on` lists the services in declaration order; empty for `capacity` and `damper`. */
export interface Hold {
  readonly reason: 'dependency' | 'dependent' | 'capacity' | 'conflict' | 'damper';
  readonly on: readonly ServiceName[];
}
