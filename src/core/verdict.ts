/**
 * What became of a task: one service's part of a change, judged from the service alone.
 *
 * A start is done when the service is ready (a task: completed). It has failed when the service failed, is blocked, was
 * not ready in time, or ended early so often that whoever waits should know, although it is still being tried. A later
 * request to the contrary cancels it. So every task gets exactly one verdict, and late reports cannot change it.
 */
import type { Task } from '../model/change.ts';
import type { Service } from '../model/service.ts';
import { desiredOf, isLive, isResting } from '../model/service.ts';
import type { ServiceName } from '../model/spec.ts';
import { isReached } from './edge.ts';
import type { System } from './system.ts';
import { at, find } from './system.ts';
import { touchedBy } from './want.ts';

/** Early ends in a row after which a start is called failed while the restart policy goes on trying. */
const TOLD_AFTER_FAILED_STARTS = 5;

/** What is being judged. `sinceRun` is the run that the service had when the task was made. */
export interface Case {
  readonly kind: Task['kind'];
  readonly service: ServiceName;
  readonly sinceRun: number;
}

/** How the request reaches the service: by name, or along with a target. */
export interface Part {
  readonly part: 'target' | 'along';
  readonly completed: 'keep' | 'again';
}

/** A verdict. `root` names the service at the root of a failure. */
export type TaskVerdict =
  | { readonly state: 'waiting' | 'doing' | 'done' }
  | { readonly state: 'failed'; readonly root: ServiceName }
  | { readonly state: 'canceled' };

/** Judges a task by the present state. A service that is gone counts as stopped. */
export function judgeTask(system: System, task: Case): TaskVerdict {
  const service = find(system, task.service);
  if (service === undefined) return { state: task.kind === 'stop' ? 'done' : 'canceled' };
  if (task.kind === 'stop') return judgeStop(service);
  if (desiredOf(service) === 'down') return { state: 'canceled' };
  const sameRun = task.kind === 'restart' && service.run === task.sinceRun;
  switch (service.phase) {
    case 'ready':
      return { state: sameRun || service.due === 'restart' ? 'doing' : 'done' };
    case 'completed':
      return { state: sameRun ? 'doing' : 'done' };
    case 'failed':
      return { state: 'failed', root: service.spec.name };
    case 'waiting':
      if (service.reason.code === 'dependency') return { state: 'failed', root: rootOf(system, service) };
      return judgeWaiting(system, service);
    case 'backoff':
      return hasFailedForNow(service) ? { state: 'failed', root: service.spec.name } : { state: 'doing' };
    case 'stopped':
      return { state: 'waiting' };
    case 'starting':
    case 'stopping':
    case 'unknown':
      return { state: 'doing' };
    default:
      return service.phase satisfies never;
  }
}

/** As `judgeTask`, of a change that is being aborted: what it takes back is over when nothing of it runs. */
export function judgeAborted(system: System, task: Case): TaskVerdict {
  const verdict = judgeTask(system, task);
  const service = find(system, task.service);
  return verdict.state === 'canceled' && service !== undefined && isLive(service.phase) ? { state: 'doing' } : verdict;
}

/**
 * The services to stop so that a change is taken back: those that it asked for and that are not ready yet. What is only
 * needed goes with the last who needs it, and what is ready stays. Shapes: `cases` are the change's without a verdict.
 */
export function toTakeBack(system: System, cases: readonly Case[]): readonly ServiceName[] {
  return cases.flatMap(({ kind, service: name }) => {
    const service = find(system, name);
    if (kind === 'stop' || service === undefined) return [];
    return service.phase === 'ready' || service.demand === 'needed' ? [] : [name];
  });
}

/**
 * The tasks of a request: everyone whom it touches and for whom it has something to do.
 * Shapes: in the order in which the request is applied; each service at most once.
 */
export function casesOf(
  system: System,
  want: Parameters<typeof touchedBy>[1] & { readonly completed: 'keep' | 'again' },
): readonly Case[] {
  const targets = new Set(want.services);
  const cases: Case[] = [];
  for (const index of touchedBy(system, want)) {
    const service = at(system, index);
    const part = targets.has(service.spec.name) ? 'target' : 'along';
    if (system.leaving.has(service.spec.name) && want.action !== 'stop') continue;
    const completed = part === 'target' ? want.completed : 'keep';
    if (!isDue(service, want.action, { part, completed })) continue;
    cases.push({ kind: want.action, service: service.spec.name, sinceRun: service.run });
  }
  return cases;
}

/** Whether a request has something to do for a service that is its target, or that goes along with one. */
export function isDue(service: Service, kind: Task['kind'], { part, completed }: Part): boolean {
  const { phase, spec } = service;
  switch (kind) {
    case 'restart':
      return part === 'target' || (desiredOf(service) === 'up' && (phase === 'starting' || phase === 'ready'));
    case 'stop':
      return part === 'target' ? desiredOf(service) === 'up' || !isResting(phase) : !isResting(phase);
    case 'start':
      if (phase === 'ready') return service.due === 'restart' || desiredOf(service) === 'down';
      if (phase !== 'completed' || spec.kind !== 'task') return true;
      return completed === 'again' || service.runSpec?.hash !== spec.hash;
    default:
      return kind satisfies never;
  }
}

/** The service at the root of a blocked one: the first that is not blocked itself. */
export function rootOf(system: System, service: Service): ServiceName {
  let current = service;
  for (let links = 0; links < system.graph.size; links += 1) {
    if (current.phase !== 'waiting' || current.reason.code !== 'dependency') break;
    const next = find(system, current.reason.service);
    if (next === undefined) break;
    current = next;
  }
  return current.spec.name;
}

/** The numbers of services that run, start or wait and depend, directly or not, on one of the targets. */
export function activeDependents(system: System, marks: Uint8Array, targets: ReadonlySet<number>): number[] {
  const found: number[] = [];
  for (let index = 0; index < marks.length; index += 1) {
    if (marks[index] !== 1 || targets.has(index)) continue;
    const service = at(system, index);
    if (!isResting(service.phase)) found.push(index);
  }
  return found;
}

/** Who waits, whatever the detour, for one that has failed for now has failed with it; both come up if it is mended. */
function judgeWaiting(system: System, service: Service): TaskVerdict {
  const seen = new Set<ServiceName>();
  const queue = [service];
  for (let next = queue.pop(); next !== undefined && next.demand !== 'alone'; next = queue.pop()) {
    for (const edge of next.spec.dependencies) {
      const dependency = find(system, edge.name);
      if (dependency === undefined || edge.need === 'optional' || seen.has(edge.name)) continue;
      seen.add(edge.name);
      if (isReached(edge.when, dependency)) continue;
      if (dependency.phase === 'backoff' && hasFailedForNow(dependency)) return { state: 'failed', root: edge.name };
      if (dependency.phase === 'waiting') queue.push(dependency);
    }
  }
  return { state: 'waiting' };
}

function judgeStop(service: Service): TaskVerdict {
  if (desiredOf(service) === 'up') return { state: 'canceled' };
  if (isResting(service.phase)) return { state: 'done' };
  return { state: service.phase === 'stopping' ? 'doing' : 'waiting' };
}

function hasFailedForNow(service: Service): boolean {
  return service.reason.code === 'startup-timeout' || service.failedStarts >= TOLD_AFTER_FAILED_STARTS;
}
