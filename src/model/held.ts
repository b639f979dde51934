/** How the processes of a run are held together, as whom they run, and what holds them to their limits. */
import type { Confinement, ProcessLimits } from './confinement.ts';
import type { ResourceLimits } from './spec.ts';

/** Whether a limit is in force; `none` = not asked for, else why it is not. */
export type LimitHeld = 'none' | 'enforced' | { readonly unavailable: string };

/** As whom a run was begun, and what it is kept from. What was asked for and is no limit was had, or it had not begun. */
export interface ConfinedBy {
  /** `name` null where the password file has none. */
  readonly user: { readonly name: string | null; readonly uid: number; readonly gid: number };
  readonly sandbox: Confinement['sandbox'];
  /** Whether no program, setuid or not, can give it a right that it has not. */
  readonly gains: LimitHeld;
  readonly network: Confinement['network'];
  readonly limits: Readonly<Record<keyof ProcessLimits, LimitHeld>>;
}

/**
 * How a run is held: by a control group of the kernel, which nobody leaves unnoticed, or by session, group, parents and
 * environment of its processes. `why` says why it is not by a control group; null when it is. `confined` is left out where
 * nobody noted it: for runs of an older version, and those that were found without their folder.
 */
export interface HeldBy {
  readonly tree: 'cgroup' | 'session';
  readonly why: string | null;
  readonly limits: Readonly<Record<keyof ResourceLimits, LimitHeld>>;
  readonly confined?: ConfinedBy;
}
