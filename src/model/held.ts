/** How the processes of a run are held together, and what holds it to its limits. */
import type { ResourceLimits } from './spec.ts';

/** Whether a limit is in force; `none` = not asked for, else why it is not. */
export type LimitHeld = 'none' | 'enforced' | { readonly unavailable: string };

/**
 * How a run is held: by a control group of the kernel, which nobody leaves unnoticed, or by session, group, parents and
 * environment of its processes. `why` says why it is not by a control group; null when it is.
 */
export interface HeldBy {
  readonly tree: 'cgroup' | 'session';
  readonly why: string | null;
  readonly limits: Readonly<Record<keyof ResourceLimits, LimitHeld>>;
}
