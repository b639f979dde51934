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
import { isBlocked, isReached } from './edge.ts';
import { firmAbove } from './rival.ts';
import { isHopeless } from './restart.ts';
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

/** By whom those who wait are kept from starting for now, as far as was asked; null = by nobody. Good for one state. */
export type Blame = Map<ServiceName, ServiceName | null>;

/**
 * Judges a task by the present state. A service that is gone counts as stopped.
 * Shapes: `blame` is remembered between tasks that are judged by the same state, so that a long chain is walked once.
 */
export function judgeTask(system: System, task: Case, blame: Blame = new Map()): TaskVerdict {
  const service = find(system, task.service);
  if (service === undefined) return { state: task.kind === 'stop' ? 'done' : 'canceled' };
  if (task.kind === 'stop') return judgeStop(system, service);
  if (desiredOf(service) === 'down') return { state: 'canceled' };
  const sameRun = task.kind === 'restart' && service.run === task.sinceRun;
  switch (service.phase) {
    case 'ready':
      if (service.due !== 'nothing') return judgeReplacement(system, service);
      // It was let go and asked for again before it could be replaced.
      return { state: sameRun ? 'canceled' : 'done' };
    case 'completed':
      return { state: sameRun ? 'canceled' : 'done' };
    case 'failed':
      return { state: 'failed', root: service.spec.name };
    case 'waiting':
      if (isBlocked(service)) return { state: 'failed', root: rootOf(system, service) };
      return judgeWaiting(system, service.spec.name, blame);
    case 'backoff':
    case 'stopping':
      return hasFailedForNow(service) ? { state: 'failed', root: service.spec.name } : { state: 'doing' };
    case 'stopped':
      return { state: 'waiting' };
    case 'starting':
    case 'unknown':
      return { state: 'doing' };
    default:
      return service.phase satisfies never;
  }
}

/** As `judgeTask`, of a change that is being aborted: what it takes back is over when nothing of it runs. */
export function judgeAborted(system: System, task: Case, blame: Blame = new Map()): TaskVerdict {
  const verdict = judgeTask(system, task, blame);
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
      if (phase === 'ready') return service.due !== 'nothing' || desiredOf(service) === 'down';
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
    if (!isBlocked(current) || !('service' in current.reason)) break;
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
    // One that is going already is in nobody's way: the stop waits for it.
    if (!isResting(service.phase) && desiredOf(service) === 'up') found.push(index);
  }
  return found;
}

/** Who waits, whatever the detour, for one that has failed for now has failed with it; both come up if it is mended. */
function judgeWaiting(system: System, name: ServiceName, blame: Blame): TaskVerdict {
  const stack = [name];
  for (let top = stack.at(-1); top !== undefined; top = stack.at(-1)) {
    const { root, unasked } = blameOf(system, top, blame);
    if (root === null && unasked.length > 0 && !blame.has(top)) {
      stack.push(...unasked);
      continue;
    }
    if (!blame.has(top)) blame.set(top, root);
    stack.pop();
  }
  const root = blame.get(name) ?? null;
  return root === null ? { state: 'waiting' } : { state: 'failed', root };
}

/** Who keeps it from starting, by its own needs and what is known of theirs; and those whose needs are to be asked first. */
function blameOf(
  system: System,
  name: ServiceName,
  blame: Blame,
): { readonly root: ServiceName | null; readonly unasked: readonly ServiceName[] } {
  const service = find(system, name);
  const unasked: ServiceName[] = [];
  if (service === undefined || service.demand === 'alone') return { root: null, unasked };
  for (const edge of service.spec.dependencies) {
    const dependency = find(system, edge.name);
    if (dependency === undefined || edge.need !== 'required' || isReached(edge.when, dependency)) continue;
    if (hasFailedForNow(dependency)) return { root: edge.name, unasked };
    if (dependency.phase !== 'waiting') continue;
    const root = blame.get(edge.name);
    if (root === undefined) unasked.push(edge.name);
    else if (root !== null) return { root, unasked };
  }
  return { root: null, unasked };
}

/** A run that is to be replaced waits for those that depend on it and go as well; one that is pinned up does not go. */
function judgeReplacement(system: System, service: Service): TaskVerdict {
  const firm = firmAbove(system, indexOf(system, service));
  return firm === null ? { state: 'doing' } : { state: 'failed', root: firm };
}

function indexOf(system: System, service: Service): number {
  return system.graph.indexOf.get(service.spec.name) ?? -1;
}

function judgeStop(system: System, service: Service): TaskVerdict {
  if (desiredOf(service) === 'up') return { state: 'canceled' };
  if (isResting(service.phase)) return { state: 'done' };
  if (service.step === 'stuck') return { state: 'failed', root: service.spec.name };
  const firm = service.phase === 'stopping' ? null : firmAbove(system, indexOf(system, service));
  if (firm !== null) return { state: 'failed', root: firm };
  return { state: service.phase === 'stopping' ? 'doing' : 'waiting' };
}

/** Whether it will be tried, or asked, again and again: who waits for it should know by now. */
function hasFailedForNow(service: Service): boolean {
  if (service.phase === 'ready') return service.health.verdict === 'unhealthy' && desiredOf(service) === 'up';
  if (service.step === 'stuck') return true;
  if (service.phase !== 'backoff') return false;
  // A program that is not there is told at once, although the service is tried for as long as its policy says.
  if (service.reason.code === 'startup-timeout' || isHopeless(service.reason)) return true;
  return service.failedStarts >= TOLD_AFTER_FAILED_STARTS;
}
