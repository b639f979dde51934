/** The first sentence of an explanation: what state the service is in, since when, and because of what. */
import { formatDuration } from '../model/duration.ts';
import type { Service } from '../model/service.ts';
import { describeEnding, describeReason, describeWhy, healthOf, listNames } from './describe-reason.ts';
import { describeNow, describeSaying, describeStep, describeStuck } from './describe-step.ts';
import { lostBy } from './describe.ts';
import type { Cause } from './explain-cause.ts';
import { pathNames, rootOf, subjectOf } from './explain-cause.ts';
import { holdOf } from './schedule.ts';

/** One sentence, lower case, without a full stop. Units: `now` monotonic ms. */
export function headline(cause: Cause, now: number): string {
  const service = subjectOf(cause);
  const { name } = service.spec;
  const age = formatDuration(now - service.since);
  switch (service.phase) {
    case 'stopped':
      return ofStopped(service, age);
    case 'waiting':
      return ofWaiting(cause, age);
    case 'starting':
      return holdOf(cause.system, cause.index) === null ? ofStarting(service, age) : ofHeld(cause, age);
    case 'ready':
      return holdOf(cause.system, cause.index) === null ? ofReady(cause, age) : ofHeld(cause, age);
    case 'stopping':
      return service.step === 'stuck'
        ? `${name} is ${describeStuck(service)}; it was to stop ${age} ago: ${describeWhy(service)}`
        : `${name} is stopping (${age}): ${describeNow(service)}`;
    case 'backoff':
      if (service.step === 'damped') return ofDamped(service, age, now);
      return `${name} is not running (${age}): ${describeReason(service.reason)}; it is tried again in ${untilRetry(service, now)}`;
    case 'failed':
      return `${name} failed ${age} ago: ${describeReason(service.reason)}`;
    case 'completed':
      return ofCompleted(service, age);
    case 'unknown':
      return `${name} is in an unknown state (${age}): ${describeWhy(service)}`;
    default:
      return service.phase satisfies never;
  }
}

function ofStopped(service: Service, age: string): string {
  const { name } = service.spec;
  if (service.pin === 'down') return `${name} is pinned down (${age}), so nothing starts it`;
  if (service.reason.code === 'declared') return `${name} was never asked for, so it was not started`;
  if (service.reason.code === 'asked') return `${name} was stopped by hand ${age} ago`;
  if (service.reason.code === 'unneeded') return `${name} was stopped ${age} ago, because nothing needs it any more`;
  return `${name} is stopped (${age}): ${describeWhy(service)}`;
}

function ofWaiting(cause: Cause, age: string): string {
  const service = subjectOf(cause);
  const { name } = service.spec;
  const never = service.run === 0 ? 'it has not been started' : 'it is not running';
  const path = pathNames(cause).join(' › ');
  if (service.reason.code === 'dependency') {
    const root = rootOf(cause);
    const why = cause.root === cause.index ? '' : `: ${root.spec.name} ${stateOf(root)}`;
    return `${name} is blocked (${age}) by ${path === '' ? service.reason.service : path}${why}; ${never}`;
  }
  if (path !== '') return `${name} is waiting (${age}) for ${path}; ${never}`;
  return `${name} is waiting (${age}) for a free start: ${cause.system.spawning} are being started; ${never}`;
}

function ofStarting(service: Service, age: string): string {
  const { name, kind } = service.spec;
  if (service.step === 'before-start') return `${name} is starting (${age}): ${describeStep(service) ?? ''}`;
  if (service.spawned === 'no') return `${name} is being started (${age})`;
  if (kind === 'task') return `${name} is running (${age}) and not done yet`;
  const { healthy, message } = healthOf(service);
  if (healthy === false) {
    const subject = kind === 'external' ? 'is watched' : 'is running';
    return `${name} ${subject} (${age}), but its check fails: ${message}`;
  }
  if (healthy === true) return `${name} is starting (${age}): it is ready when it has lived a while`;
  return `${name} is starting (${age}): its check has not passed yet`;
}

function ofReady(cause: Cause, age: string): string {
  const service = subjectOf(cause);
  const { name } = service.spec;
  const { verdict, failures, message } = service.health;
  if (verdict === 'unhealthy') {
    return `${name} is running (${age}) but unhealthy: ${describeReason({ code: 'unhealthy', failures, message })}`;
  }
  const lost = lostBy(cause.system, cause.index);
  if (lost.length > 0) return `${name} is ready (${age}) but degraded: it lost ${listNames(lost)}`;
  const said = [describeStep(service), describeSaying(service)].filter((part) => part !== null).join('; ');
  return `${name} is ready (${age})${said === '' ? '' : `: ${said}`}`;
}

function ofDamped(service: Service, age: string, now: number): string {
  const held = `too many services are being restarted, so it is tried again in ${untilRetry(service, now)}`;
  return `${service.spec.name} is not running (${age}): ${describeReason(service.reason)}; ${held}`;
}

function ofHeld(cause: Cause, age: string): string {
  const service = subjectOf(cause);
  const held = holdOf(cause.system, cause.index)?.on ?? [];
  const wish = service.due === 'restart' ? 'restart' : 'stop';
  return `${service.spec.name} is ${service.phase} (${age}) and is to ${wish}, but ${listNames(held)} must stop first`;
}

function ofCompleted(service: Service, age: string): string {
  const { name, kind } = service.spec;
  const ending = service.reason.code === 'completed' ? describeEnding(service.reason.ending) : describeWhy(service);
  if (kind !== 'task') return `${name} ended by itself ${age} ago: ${ending}`;
  const took = service.lastStartMs === null ? '' : `, after ${formatDuration(service.lastStartMs)}`;
  return `${name} is done (${age} ago): ${ending}${took}`;
}

function untilRetry(service: Service, now: number): string {
  return formatDuration((service.retryAt ?? now) - now);
}

function stateOf(root: Service): string {
  switch (root.phase) {
    case 'failed':
      return `failed: ${describeReason(root.reason)}`;
    case 'completed':
      return `ended: ${describeReason(root.reason)}`;
    case 'stopped':
      if (root.pin === 'down') return 'is pinned down';
      return describeWhy(root).startsWith('stopped') ? `was ${describeWhy(root)}` : 'is stopped';
    case 'waiting':
    case 'starting':
    case 'ready':
    case 'stopping':
    case 'backoff':
    case 'unknown':
      return `is ${root.phase}`;
    default:
      return root.phase satisfies never;
  }
}
