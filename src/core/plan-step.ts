/** One step of a plan: what becomes of a service, and why. */
import type { PlanStep } from '../model/plan.ts';
import type { Service } from '../model/service.ts';
import { desiredOf, isLive } from '../model/service.ts';
import type { ServiceName } from '../model/spec.ts';
import { describeReason, listNames } from './describe-reason.ts';
import { pulledBy, pullersOf } from './graph.ts';
import type { Order, WantOrder } from './request.ts';
import type { System } from './system.ts';
import { at } from './system.ts';
import { isDue } from './verdict.ts';

/** A plan in the making. `order` is the request as it came, for its words. */
export interface PlanDraft {
  readonly system: System;
  readonly want: WantOrder;
  readonly order: Order;
  readonly targets: ReadonlySet<number>;
  /** 1 for each service that has a step. */
  readonly marks: Uint8Array;
}

/** The step of a service that is to be up: none when it is already where it should be. */
export function explainStart(draft: PlanDraft, index: number): PlanStep {
  const service = at(draft.system, index);
  // A restart runs a task that is done again, whatever the order says of such tasks.
  const runsAgain = draft.want.completed === 'again' || draft.want.action === 'restart';
  const again = draft.targets.has(index) && runsAgain;
  const state = startState(service, again ? 'again' : 'keep');
  if (state.action === 'none') return { service: service.spec.name, ...state };
  return { service: service.spec.name, action: state.action, why: join(whyStarted(draft, index), state.why) };
}

/** The step of a service that is to be down. */
export function explainStop(draft: PlanDraft, index: number): PlanStep {
  const service = at(draft.system, index);
  const state = stopState(service);
  if (state.action === 'none') return { service: service.spec.name, ...state };
  return { service: service.spec.name, action: state.action, why: join(whyStopped(draft, index), state.why) };
}

/** The step of a service that was only needed by those who stop. */
export function explainRelease({ system }: PlanDraft, index: number): PlanStep {
  const service = at(system, index);
  const state = stopState(service);
  const why = state.action === 'none' ? state.why : join('nothing needs it any more', state.why);
  return { service: service.spec.name, action: state.action, why };
}

/** The step of a service that is to be replaced: a start when nothing of it runs. */
export function explainRestart(draft: PlanDraft, index: number): PlanStep {
  const service = at(draft.system, index);
  if (!isLive(service.phase)) return explainStart(draft, index);
  const state = service.phase === 'stopping' ? 'is stopping already' : '';
  return { service: service.spec.name, action: 'restart', why: join(whyReplaced(draft, index), state) };
}

interface State {
  readonly action: PlanStep['action'];
  readonly why: string;
}

function startState(service: Service, completed: 'keep' | 'again'): State {
  switch (service.phase) {
    case 'stopped':
      return { action: 'start', why: '' };
    case 'waiting':
      return {
        action: 'start',
        why: service.reason.code === 'dependency' ? describeReason(service.reason) : 'is waiting already',
      };
    case 'starting':
      return { action: 'start', why: 'is starting already' };
    case 'stopping':
      return { action: 'start', why: 'starts again when it has stopped' };
    case 'unknown':
      return { action: 'start', why: 'its run is not verified yet' };
    case 'backoff':
      return { action: 'start', why: `is tried at once: ${describeReason(service.reason)}` };
    case 'failed':
      return { action: 'start', why: `is tried again: ${describeReason(service.reason)}` };
    case 'completed':
      return completedState(service, completed);
    case 'ready':
      return readyState(service);
    default:
      return service.phase satisfies never;
  }
}

function readyState(service: Service): State {
  if (service.due === 'restart') return { action: 'start', why: 'a restart is due' };
  if (desiredOf(service) === 'down') return { action: 'start', why: 'is ready, and no longer to be stopped' };
  const unhealthy = service.health.verdict === 'unhealthy';
  return { action: 'none', why: unhealthy ? 'already running, but unhealthy' : 'already ready' };
}

function completedState(service: Service, completed: 'keep' | 'again'): State {
  if (service.spec.kind !== 'task') return { action: 'start', why: `ended before: ${describeReason(service.reason)}` };
  if (service.runSpec?.hash !== service.spec.hash) {
    return { action: 'start', why: 'its definition changed since it was done' };
  }
  if (completed === 'again') return { action: 'start', why: 'task is done and runs again' };
  return { action: 'none', why: 'task is done and unchanged' };
}

function stopState(service: Service): State {
  const action = isDue(service, 'stop', { part: 'target', completed: 'keep' }) ? 'stop' : 'none';
  switch (service.phase) {
    case 'stopped':
      return { action, why: service.run === 0 ? 'was never started' : 'already stopped' };
    case 'failed':
      return { action, why: `nothing runs: ${describeReason(service.reason)}` };
    case 'completed':
      return { action, why: service.spec.kind === 'task' ? 'task is done' : 'ended by itself' };
    case 'waiting':
      return { action, why: 'has not started yet' };
    case 'backoff':
      return { action, why: 'is not tried again' };
    case 'stopping':
      return { action, why: 'is stopping already' };
    case 'starting':
    case 'ready':
    case 'unknown':
      return { action, why: '' };
    default:
      return service.phase satisfies never;
  }
}

function whyStarted({ system, order, targets, marks }: PlanDraft, index: number): string {
  if (targets.has(index)) return order.services.length === 0 ? 'starts by default' : 'asked for';
  return `needed by ${listNames(namesOf(system, pullersOf(system.graph, index), marks))}`;
}

function whyStopped({ system, order, targets, marks }: PlanDraft, index: number): string {
  if (targets.has(index)) return order.services.length === 0 ? 'everything stops' : 'asked for';
  return `depends on ${listNames(namesOf(system, pulledBy(system.graph, index), marks))}`;
}

function whyReplaced({ system, order, want, targets, marks }: PlanDraft, index: number): string {
  if (targets.has(index)) return order.services.length === 0 ? 'everything restarts' : 'asked for';
  const on = listNames(namesOf(system, pulledBy(system.graph, index), marks));
  return want.scope === 'alone' ? `follows ${on}` : `depends on ${on}`;
}

function namesOf(system: System, indices: Iterable<number>, marks: Uint8Array): ServiceName[] {
  return Array.from(indices)
    .filter((index) => marks[index] === 1)
    .map((index) => at(system, index).spec.name);
}

function join(role: string, state: string): string {
  return state === '' ? role : `${role}; ${state}`;
}
