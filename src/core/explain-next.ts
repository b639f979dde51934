/** What happens next by itself, and when. */
import type { NextStep } from '../model/explanation.ts';
import type { Service } from '../model/service.ts';
import { isLive } from '../model/service.ts';
import type { ServiceName } from '../model/spec.ts';
import { nextRun } from './describe-schedule.ts';
import { listNames } from './describe-reason.ts';
import type { Cause } from './explain-cause.ts';
import { rootOf, subjectOf } from './explain-cause.ts';
import { probeOf, questionsOf } from './health.ts';
import { at } from './system.ts';

/** The next step at the root; null when nothing happens by itself. Units: `now` monotonic ms. */
export function nextStep(cause: Cause, now: number): NextStep | null {
  const root = rootOf(cause);
  const { name } = root.spec;
  switch (root.phase) {
    case 'waiting':
      return { text: `${name} starts when one of the starts under way is done`, inMs: null };
    case 'starting':
      return nextOfStarting(cause, now);
    case 'ready':
      return nextOfReady(root);
    case 'stopping':
      return nextOfStopping(root, now);
    case 'backoff':
      return { text: `${name} is tried again`, inMs: left(root.retryAt ?? now, now) };
    case 'unknown':
      return { text: `${name} is asked about again`, inMs: null };
    case 'stopped':
    case 'failed':
    case 'completed':
      return nextOfResting(cause);
    default:
      return root.phase satisfies never;
  }
}

/** When a task that rests runs again by its schedule; null without one. Units: `now` epoch ms, null when not known. */
export function scheduledStep(cause: Cause, now: number | null): NextStep | null {
  const { spec } = rootOf(cause);
  const due = now === null ? null : nextRun(spec, now);
  if (now === null || due === null) return null;
  return { text: `${spec.name} runs by its schedule (${spec.schedule?.cron ?? ''})`, inMs: due - now };
}

function nextOfStarting(cause: Cause, now: number): NextStep {
  const root = rootOf(cause);
  const spec = root.runSpec ?? root.spec;
  const followers = whoFollows(cause);
  const then = followers.length === 0 ? '' : `, then ${listNames(followers)} may start`;
  if (root.startedAt !== null && spec.readiness.type === 'settle') {
    return { text: `${spec.name} is ready${then}`, inMs: left(root.startedAt + spec.readiness.settleMs, now) };
  }
  const goal = spec.kind === 'task' ? 'done' : 'ready';
  if (!Number.isFinite(spec.startTimeoutMs))
    return { text: `${spec.name} has no limit to be ${goal}${then}`, inMs: null };
  const text = `${spec.name} must be ${goal} by then, or its start is ended`;
  return { text, inMs: left(root.limitAt ?? root.since + spec.startTimeoutMs, now) };
}

function nextOfStopping(root: Service, now: number): NextStep {
  const { name, stop } = root.runSpec ?? root.spec;
  switch (root.step) {
    case 'none':
    case 'ending':
      return {
        text: `${name} is killed if it has not ended by then`,
        inMs: left(root.limitAt ?? root.since + stop.timeoutMs, now),
      };
    case 'draining':
      return { text: `${name} is asked to end`, inMs: left(root.since + stop.drainMs, now) };
    case 'before-stop':
      return { text: `${name} is asked to end when its hook has ended`, inMs: null };
    case 'before-start':
    case 'after-stop':
      return { text: `what follows for ${name} is settled when its hook has ended`, inMs: null };
    case 'killing':
    case 'stuck':
    case 'reloading':
    case 'damped':
      return { text: `${name} is killed again every 5s, and goes on by itself when it has ended`, inMs: null };
    default:
      return root.step satisfies never;
  }
}

function nextOfReady(root: Service): NextStep | null {
  const spec = root.runSpec ?? root.spec;
  const { failures, verdict } = root.health;
  const question = questionsOf(spec).running;
  const probe = question === null ? null : probeOf(spec, question);
  if (probe === null) return null;
  if (verdict === 'unhealthy') {
    return { text: `${spec.name} counts as healthy again after ${passes(probe.successThreshold)}`, inMs: null };
  }
  if (failures === 0) return null;
  const more = probe.failureThreshold - failures;
  return {
    text: `${more} more failed ${more === 1 ? 'check makes' : 'checks make'} ${spec.name} unhealthy`,
    inMs: null,
  };
}

/** Whoever waits for a service that rests comes up by itself when the service does. */
function nextOfResting(cause: Cause): NextStep | null {
  const service = subjectOf(cause);
  if (service.phase !== 'waiting') return null;
  const { name } = rootOf(cause).spec;
  return { text: `nothing by itself; when ${name} is up again, ${service.spec.name} starts`, inMs: null };
}

/** Those on the way from the root back to the service who do not run yet, in the order in which they may start. */
function whoFollows({ system, path }: Cause): ServiceName[] {
  return path
    .slice(0, -1)
    .map((index) => at(system, index))
    .filter((service) => !isLive(service.phase))
    .map((service) => service.spec.name)
    .toReversed();
}

function passes(number: number): string {
  return number === 1 ? 'one answer that passes' : `${number} answers in a row that pass`;
}

function left(then: number, now: number): number {
  return Math.max(0, then - now);
}
