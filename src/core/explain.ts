/**
 * Why a service is in its state, down to the cause.
 *
 * One walk: from the service to what holds it (an unmet need, a blocker, a lost dependency, a dependent that must stop
 * first) and on from there, until somebody is held by nobody. That one is the root; facts, ways out and the next step
 * are told of it, because there the state can be changed.
 */
import type { Explanation, ExplanationLink } from '../model/explanation.ts';
import type { Phase, Service } from '../model/service.ts';
import type { When } from '../model/spec.ts';
import { describeWhy, healthOf } from './describe-reason.ts';
import { blockersOf, lostBy, reasonView } from './describe.ts';
import { isMet } from './edge.ts';
import type { Cause, Evidence } from './explain-cause.ts';
import { findFacts } from './explain-facts.ts';
import { findFixes } from './explain-fixes.ts';
import { nextStep, scheduledStep } from './explain-next.ts';
import { headline } from './explain-text.ts';
import { dependentsOf, needsOf } from './graph.ts';
import { holdOf } from './schedule.ts';
import type { System } from './system.ts';
import { at } from './system.ts';

/**
 * The explanation of the service's state.
 * Shapes: `chain` is finite and names nobody twice; its last link is `root`, which may be the service itself.
 * Errors: none; the number is of the system, which is asserted.
 */
export function explain(system: System, index: number, evidence: Evidence): Explanation {
  const steps = walk(system, index);
  const chain = steps.map(({ index: each, needs }) => linkOf(system, each, needs));
  const [first = linkOf(system, index, null)] = chain;
  const root = chain.at(-1) ?? first;
  const cause: Cause = { system, index, root: steps.at(-1)?.index ?? index, path: steps.map((step) => step.index) };
  return {
    service: first.service,
    phase: first.phase,
    text: headline(cause, evidence.monotonic),
    chain: chain.length === 0 ? [first] : chain,
    root,
    facts: findFacts(cause, evidence),
    fixes: findFixes(cause),
    next: nextStep(cause, evidence.monotonic) ?? scheduledStep(cause, evidence.now ?? null),
  };
}

interface Step {
  readonly index: number;
  readonly needs: When | null;
}

function walk(system: System, index: number): readonly Step[] {
  const steps: Step[] = [];
  const seen = new Set<number>();
  for (let step: Step | null = { index, needs: null }; step !== null; step = holderOf(system, step.index)) {
    if (seen.has(step.index)) break;
    seen.add(step.index);
    steps.push(step);
  }
  return steps;
}

/** Whom the service waits for, with what it needs of it; null when it is held by nobody. */
function holderOf(system: System, index: number): Step | null {
  const service = at(system, index);
  switch (service.phase) {
    case 'waiting':
      return (service.demand === 'alone' ? null : unmetNeed(system, index)) ?? stopBefore(system, index);
    case 'starting':
    case 'ready':
      return holdingDependent(system, index) ?? lostNeed(system, index);
    case 'stopping':
      return service.reason.code === 'dependency-lost' ? namedNeed(system, index, service.reason.service) : null;
    case 'stopped':
    case 'backoff':
    case 'failed':
    case 'completed':
    case 'unknown':
      return null;
    default:
      return service.phase satisfies never;
  }
}

/** How far a dependency is from moving by itself: the most stuck of several is what everything waits for. */
const STUCK: Readonly<Record<Phase, number>> = {
  failed: 0,
  stopped: 1,
  completed: 1,
  backoff: 2,
  waiting: 3,
  unknown: 4,
  stopping: 5,
  starting: 6,
  ready: 7,
};

function unmetNeed(system: System, index: number): Step | null {
  const service = at(system, index);
  const [blocker] = blockersOf(system, index);
  if (blocker !== undefined) return namedNeed(system, index, blocker);
  const needs = needsOf(system.graph, index);
  let worst: Step | null = null;
  for (const [place, edge] of service.spec.dependencies.entries()) {
    const to = needs[place] ?? 0;
    const dependency = at(system, to);
    if (isMet(edge, dependency)) continue;
    if (worst === null || STUCK[dependency.phase] < STUCK[at(system, worst.index).phase]) {
      worst = { index: to, needs: edge.when };
    }
  }
  return worst;
}

/** Whose stop goes first: a service that conflicts with it, or a dependent that is stopping. */
function stopBefore(system: System, index: number): Step | null {
  const to = system.graph.indexOf.get(holdOf(system, index)?.on[0] ?? '');
  return to === undefined ? null : { index: to, needs: null };
}

function holdingDependent(system: System, index: number): Step | null {
  const names = holdOf(system, index)?.on ?? [];
  const holders = [...dependentsOf(system.graph, index)].filter((each) => names.includes(at(system, each).spec.name));
  const [first] = holders.toSorted((left, right) => STUCK[at(system, right).phase] - STUCK[at(system, left).phase]);
  return first === undefined ? null : { index: first, needs: null };
}

function lostNeed(system: System, index: number): Step | null {
  const [lost] = lostBy(system, index);
  return lost === undefined ? null : namedNeed(system, index, lost);
}

function namedNeed(system: System, index: number, name: string): Step | null {
  const edge = at(system, index).spec.dependencies.find((each) => each.name === name);
  const to = system.graph.indexOf.get(name);
  return edge === undefined || to === undefined ? null : { index: to, needs: edge.when };
}

/** A task is never ready, it is completed: the word for what is needed of it. */
function needOf(service: Service, needs: When | null): When | null {
  return needs === 'ready' && service.spec.kind === 'task' ? 'completed' : needs;
}

/** What one that starts waits for, once its check has been asked: that says more than why it starts. */
function failingCheck(service: Service): string | null {
  if (service.phase !== 'starting' || service.spec.kind === 'task') return null;
  const { healthy, message } = healthOf(service);
  return healthy === false ? `its check fails: ${message}` : null;
}

function linkOf(system: System, index: number, needs: When | null): ExplanationLink {
  const service: Service = at(system, index);
  const reason = failingCheck(service) ?? reasonView(system, index)?.text ?? describeWhy(service);
  return { service: service.spec.name, phase: service.phase, needs: needOf(service, needs), reason };
}
