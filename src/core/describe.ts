/**
 * A service as people see it. The words for reasons are in `describe-reason.ts`; here they meet the neighbours: what is
 * waited for, what is blocked by whom, what was lost.
 */
import type { HealthReport } from '../model/check.ts';
import { usesShell } from '../model/commands.ts';
import { formatDuration } from '../model/duration.ts';
import type { HeldBy } from '../model/held.ts';
import type { Service } from '../model/service.ts';
import { desiredOf, isLive } from '../model/service.ts';
import type { ServiceName } from '../model/spec.ts';
import type { ReasonView, ServiceView, StateWord, Status } from '../model/view.ts';
import { describeReason, describeWhy, healthOf, listNames } from './describe-reason.ts';
import { describeNow, describeSaying, describeStep } from './describe-step.ts';
import { nextRun } from './describe-schedule.ts';
import { isBlocked, isReached } from './edge.ts';
import { needsOf, pullersOf } from './graph.ts';
import { holdOf } from './schedule.ts';
import { placeOf } from './place.ts';
import type { System } from './system.ts';
import { at } from './system.ts';

export { describeReason, healthOf } from './describe-reason.ts';

/** What the core cannot know. `epochOf` turns monotonic ms into epoch ms; `health` is the last report, if any. */
export interface ViewContext {
  readonly epochOf: (monotonicMs: number) => number;
  /** Now, monotonic ms. */
  readonly monotonic: number;
  readonly health: HealthReport | null;
  readonly held: HeldBy | null;
}

/** The guide's word. Source: the table of phases in the API's description. */
export function statusOf(service: Service): Status {
  return STATUS[service.phase];
}

/** The word for the state: the phase, or what it comes down to for people. */
export function wordOf(system: System, index: number): StateWord {
  const service = at(system, index);
  switch (service.phase) {
    case 'waiting':
      return isBlocked(service) ? 'blocked' : 'waiting';
    case 'ready':
      return service.health.verdict === 'unhealthy' ? 'unhealthy' : 'ready';
    case 'completed':
      return 'done';
    case 'backoff':
      return 'retry';
    case 'stopped':
      return isOff(service) ? 'off' : 'stopped';
    case 'starting':
    case 'stopping':
    case 'failed':
    case 'unknown':
      return service.phase;
    default:
      return service.phase satisfies never;
  }
}

// Its profiles are switched off, and nobody has asked for it.
const isOff = ({ spec, reason }: Service): boolean =>
  spec.profiles.length > 0 && spec.autostart === 'no' && reason.code === 'declared';

/** Why it is where it is, with the service that it is about; null when ready without anything to say, or never asked for. */
export function reasonView(system: System, index: number): ReasonView | null {
  const service = at(system, index);
  const { code } = service.reason;
  switch (service.phase) {
    case 'waiting':
      return waitingReason(system, index);
    case 'ready':
      return readyReason(system, index);
    case 'stopped':
      return code === 'declared' ? null : { code, text: describeNow(service), service: subjectOf(service) };
    case 'starting':
    case 'stopping':
    case 'backoff':
    case 'failed':
    case 'completed':
    case 'unknown':
      return { code, text: describeNow(service), service: subjectOf(service) };
    default:
      return service.phase satisfies never;
  }
}

/** Required dependencies that it needs while it runs and that are not there, in the order of its list; empty unless ready. */
export function lostBy(system: System, index: number): readonly ServiceName[] {
  const service = at(system, index);
  if (service.phase !== 'ready') return [];
  const needs = needsOf(system.graph, index);
  return service.spec.dependencies
    .filter(({ when, need }, place) => {
      const lasting = need === 'required' && (when === 'ready' || when === 'started');
      return lasting && !isReached(when, at(system, needs[place] ?? 0));
    })
    .map((edge) => edge.name);
}

/** The blocked service's way to the cause: what it needs, what that needs, … the root last. Empty unless it is blocked. */
export function blockersOf(system: System, index: number): readonly ServiceName[] {
  const chain: ServiceName[] = [];
  let service = at(system, index);
  while (isBlocked(service) && 'service' in service.reason) {
    const next = system.graph.indexOf.get(service.reason.service);
    if (next === undefined || chain.includes(service.reason.service)) break;
    chain.push(service.reason.service);
    service = at(system, next);
  }
  return chain;
}

/** Everything shown of a service. Units: times epoch ms by the context, durations ms. */
export function viewOf(system: System, index: number, context: ViewContext): ServiceView {
  const service = at(system, index);
  const { spec } = service;
  const { epochOf, monotonic } = context;
  const epochOrNull = (time: number | null): number | null => (time === null ? null : epochOf(time));
  return {
    name: spec.name,
    description: spec.description,
    kind: spec.kind,
    execution: spec.execution.type,
    shell: usesShell(spec),
    status: statusOf(service),
    phase: service.phase,
    word: wordOf(system, index),
    step: service.step,
    desired: desiredOf(service),
    demand: service.demand,
    ready: isReached('ready', service),
    health: {
      service: spec.name,
      ...healthOf(service),
      lastCheck: context.health?.lastCheck ?? null,
      latencyMs: context.health?.latencyMs ?? null,
    },
    waitingFor: holdOf(system, index)?.on ?? [],
    reason: reasonView(system, index),
    saying: service.saying,
    since: epochOf(service.since),
    startedAt: epochOrNull(service.startedAt),
    readyAt: epochOrNull(service.readyAt),
    uptimeMs: service.startedAt === null ? null : Math.round(Math.max(0, monotonic - service.startedAt)),
    lastStartMs: service.lastStartMs === null ? null : Math.round(service.lastStartMs),
    retryInMs: service.retryAt === null ? null : Math.round(Math.max(0, service.retryAt - monotonic)),
    run: service.run,
    restarts: service.restarts,
    exitCode: service.exitCode,
    exitSignal: service.exitSignal,
    pid: service.pid,
    held: context.held,
    urls: spec.url === null ? [] : [spec.url],
    dependsOn: spec.dependencies.filter(({ need }) => need !== 'order').map((edge) => edge.name),
    dependents: namesOf(system, pullersOf(system.graph, index)),
    degradedBy: lostBy(system, index),
    pin: service.pin,
    outdated: isLive(service.phase) && service.runSpec !== null && service.runSpec.hash !== spec.hash,
    nextRunAt: nextRun(spec, epochOf(monotonic)),
    labels: spec.labels,
    origin: placeOf(service),
  };
}

/** What a transition was, in words, for records: how the phase came about, or what changed inside it. */
export function describeTransition(before: Service, after: Service): string {
  if (before.phase !== after.phase) return describeEntry(after);
  if (before.reason !== after.reason) return describeWhy(after);
  if (before.step !== after.step || before.stuck !== after.stuck)
    return describeStep(after) ?? describePast(before, after);
  const { verdict, message } = after.health;
  if (before.health.verdict !== verdict) return message === null ? verdict : `${verdict}: ${message}`;
  if (before.pid !== after.pid && after.pid !== null) return `pid ${after.pid}`;
  if (before.spec !== after.spec) return 'its definition changed';
  if (before.demand !== after.demand) return describeDemand(after);
  return describeWhy(after);
}

const STATUS = {
  stopped: 'Stopped',
  waiting: 'Stopped',
  starting: 'Unknown',
  ready: 'Running',
  stopping: 'Unknown',
  backoff: 'Failed',
  failed: 'Failed',
  completed: 'Stopped',
  unknown: 'Unknown',
} as const satisfies Record<Service['phase'], Status>;

function waitingReason(system: System, index: number): ReasonView {
  const { reason } = at(system, index);
  if (reason.code === 'conflict') {
    return {
      code: reason.code,
      text: `${reason.service} is pinned up, and conflicts with it`,
      service: reason.service,
    };
  }
  if (reason.code === 'dependency') {
    return { code: reason.code, text: `blocked by ${blockersOf(system, index).join(' › ')}`, service: reason.service };
  }
  const on = holdOf(system, index)?.on ?? [];
  const text = on.length === 0 ? 'waiting for a free start' : `waiting for ${listNames(on)}`;
  return { code: reason.code, text, service: on[0] ?? null };
}

function readyReason(system: System, index: number): ReasonView | null {
  const service = at(system, index);
  const hold = holdOf(system, index);
  if (hold !== null) {
    const verb = service.due === 'restart' ? 'restarts' : 'stops';
    const code = service.due === 'restart' ? 'restart' : service.demand === 'released' ? 'unneeded' : 'asked';
    return {
      code,
      text: `${verb} when ${listNames(hold.on)} ${hold.on.length === 1 ? 'has' : 'have'} stopped`,
      service: hold.on[0] ?? null,
    };
  }
  const { verdict, failures, message } = service.health;
  if (verdict === 'unhealthy') {
    return { code: 'unhealthy', text: describeReason({ code: 'unhealthy', failures, message }), service: null };
  }
  const lost = lostBy(system, index);
  const [first] = lost;
  if (first !== undefined) return { code: 'dependency-lost', text: `lost ${listNames(lost)}`, service: first };
  const said = [describeStep(service), describeSaying(service)].filter((part) => part !== null).join('; ');
  return said === '' ? null : { code: 'ready', text: said, service: null };
}

function subjectOf(service: Service): ServiceName | null {
  return 'service' in service.reason ? service.reason.service : null;
}

function namesOf(system: System, indices: Iterable<number>): ServiceName[] {
  return Array.from(indices, (index) => at(system, index).spec.name);
}

function describeEntry(service: Service): string {
  const step = describeStep(service);
  // That it was asked for goes without saying where something is said of how it starts.
  const asked = service.phase === 'starting' ? null : describeWhy(service);
  const why = step === null ? describeWhy(service) : [asked, step].filter((part) => part !== null).join('; ');
  if (service.phase === 'ready') {
    return service.lastStartMs === null ? why : `ready after ${formatDuration(service.lastStartMs)}`;
  }
  if (service.phase !== 'backoff' || service.retryAt === null) return why;
  return `${why}; next try in ${formatDuration(service.retryAt - service.since)}`;
}

/** A step that needs no words of its own is told by the one that it ended. */
function describePast(before: Service, after: Service): string {
  if (after.phase === 'stopping') return 'asked to end';
  if (before.step === 'before-start') return 'its before_start hook is done';
  return before.step === 'reloading' ? 'it has reloaded' : describeWhy(after);
}

function describeDemand(service: Service): string {
  switch (service.demand) {
    case 'asked':
      return 'asked for';
    case 'alone':
      return 'asked for, without its dependencies';
    case 'needed':
      return 'needed by a dependent';
    case 'none':
      return 'no longer wanted';
    case 'released':
      return 'nothing needs it any more';
    default:
      return service.demand satisfies never;
  }
}
