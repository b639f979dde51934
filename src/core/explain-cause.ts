/** What an explanation is drawn from. */
import type { Check } from '../model/check.ts';
import type { Service } from '../model/service.ts';
import type { ServiceName } from '../model/spec.ts';
import type { System } from './system.ts';
import { at } from './system.ts';

/** What the core cannot know itself. Units: `monotonic` is now, in monotonic ms. */
export interface Evidence {
  readonly monotonic: number;
  /** Now, epoch ms: what a schedule goes by. Left out: nothing is said of schedules. */
  readonly now?: number;
  /** The last lines of the service's present or last run, oldest first, at most `count`; empty when there are none. */
  readonly lastLogs: (service: ServiceName, count: number) => readonly string[];
  readonly checks: (service: ServiceName) => readonly Check[];
  /** Who pinned the service last; null when nobody knows. */
  readonly pinnedBy?: (service: ServiceName) => string | null;
}

/** A service, and the one at the root of its state. Shapes: `path` begins with `index` and ends with `root`; they may be equal. */
export interface Cause {
  readonly system: System;
  readonly index: number;
  readonly root: number;
  readonly path: readonly number[];
}

/** The service asked about. */
export function subjectOf(cause: Cause): Service {
  return at(cause.system, cause.index);
}

/** The service at the root. */
export function rootOf(cause: Cause): Service {
  return at(cause.system, cause.root);
}

/** The names after the service itself, the root last; empty when it is its own root. */
export function pathNames(cause: Cause): readonly ServiceName[] {
  return cause.path.slice(1).map((index) => at(cause.system, index).spec.name);
}
