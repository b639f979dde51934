/**
 * What a dependency's state means to a dependent, edge by edge.
 *
 * An edge is *met* when the dependency has reached what the edge waits for. It is *broken* when the dependency cannot
 * reach it by itself any more: it failed, is itself blocked, ended without what was needed, or was put to rest. A
 * dependency that will be tried again is neither, and so is one that is up and unhealthy, or about to go. An optional
 * edge that is broken counts as met. An edge of order alone is met unless the dependency is itself on its way up, or
 * still stopping: between a stop and a start the stop goes first. Only the dependency's present run counts: a new run
 * begins without a verdict.
 */
import type { Service } from '../model/service.ts';
import { desiredOf } from '../model/service.ts';
import type { Dependency, When } from '../model/spec.ts';

/** Whether the dependency has reached what the edge waits for. */
export function isReached(when: When, dependency: Service): boolean {
  const { phase } = dependency;
  const doneTask = phase === 'completed' && dependency.spec.kind === 'task';
  switch (when) {
    case 'ready':
      return (phase === 'ready' && isWell(dependency)) || doneTask;
    case 'started':
      return phase === 'completed' || ((phase === 'starting' || phase === 'ready') && isThere(dependency));
    case 'completed':
      return phase === 'completed';
    case 'ended':
      return phase === 'completed' || phase === 'failed';
    default:
      return when satisfies never;
  }
}

/** Whether the dependency cannot reach it without somebody's doing. */
export function isOutOfReach(when: When, dependency: Service): boolean {
  if (isReached(when, dependency)) return false;
  // Also while it cannot be put to rest yet, because somebody on top of it is pinned up.
  if (dependency.pin === 'down') return true;
  switch (dependency.phase) {
    case 'failed':
    case 'completed':
      return true;
    case 'stopped':
      return desiredOf(dependency) === 'down';
    case 'waiting':
      return isBlocked(dependency);
    case 'starting':
    case 'ready':
    case 'stopping':
    case 'backoff':
    case 'unknown':
      return false;
    default:
      return dependency.phase satisfies never;
  }
}

/** Whether the edge lets its dependent start. */
export function isMet(edge: Dependency, dependency: Service): boolean {
  if (edge.need === 'order') return !isUnderWay(dependency);
  return isReached(edge.when, dependency) || (edge.need === 'optional' && isOutOfReach(edge.when, dependency));
}

/** Whether the edge blocks its dependent until somebody mends the dependency. */
export function isBroken(edge: Dependency, dependency: Service): boolean {
  return edge.need === 'required' && isOutOfReach(edge.when, dependency);
}

/**
 * Whether it waits for something that does not come by itself: what it requires has failed, or what it conflicts with is
 * pinned up.
 */
export function isBlocked({ phase, reason }: Service): boolean {
  return phase === 'waiting' && (reason.code === 'dependency' || reason.code === 'conflict');
}

/** Whether a run of it exists that is not to be put to rest by a pin, or replaced. */
function isThere({ spawned, pin, due }: Service): boolean {
  return spawned === 'yes' && pin !== 'down' && due === 'nothing';
}

/** Whether nothing is known that will take it away, and its check does not fail. */
function isWell({ due, pin, health }: Service): boolean {
  return due === 'nothing' && pin !== 'down' && health.verdict !== 'unhealthy';
}

/** Whether who comes after it has something to wait for: its start is under way and has not failed, or its stop is. */
function isUnderWay(dependency: Service): boolean {
  const { phase } = dependency;
  return phase === 'starting' || phase === 'stopping' || (phase === 'waiting' && !isBlocked(dependency));
}
