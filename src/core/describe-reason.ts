/** Words for reasons, endings and health: facts with their numbers, in lower case and without a full stop. */
import { formatDuration } from '../model/duration.ts';
import type { Ending, Reason, StartFault } from '../model/reason.ts';
import type { Phase, Service } from '../model/service.ts';
import { questionsOf } from './health.ts';

/** A reason in words, whatever the phase: `exit 1`, `health check failed 3 times: connection refused`, `blocked by db`. */
export function describeReason(reason: Reason): string {
  switch (reason.code) {
    case 'declared':
      return 'never asked for';
    case 'asked':
      return 'asked for';
    case 'needed':
      return 'needed by a dependent';
    case 'unneeded':
      return 'nothing needs it any more';
    case 'dependency':
      return `blocked by ${reason.service}`;
    case 'ready':
      return 'ready';
    case 'completed':
    case 'exited':
      return describeEnding(reason.ending);
    case 'exited-early':
      return `${describeEnding(reason.ending)} before it was ready`;
    case 'start-failed':
      return describeFault(reason.fault);
    case 'startup-timeout':
      return `not ready after ${formatDuration(reason.timeoutMs)}${because(reason.message)}`;
    case 'unhealthy':
      return `health check failed ${times(reason.failures)}${because(reason.message)}`;
    case 'restart-limit':
      return `${describeReason(reason.last)}, after ${count(reason.limit, 'restart')} in ${formatDuration(reason.withinMs)}`;
    case 'watchdog':
      return `no sign of life${because(reason.message)}`;
    case 'conflict':
      return `it conflicts with ${reason.service}`;
    case 'restart':
      return 'restart asked for';
    case 'definition':
      return 'its definition changed';
    case 'dependency-lost':
      return `lost ${reason.service}`;
    case 'unverified':
      return 'not known yet what became of its run';
    default:
      return reason satisfies never;
  }
}

/** Why the service is in its phase, in words: a reason whose words depend on the phase is told for this one. */
export function describeWhy(service: Service): string {
  const { phase, reason } = service;
  // It starts again, because what it had lost has come back.
  if (phase === 'starting' && reason.code === 'dependency-lost') return `${reason.service} is back`;
  return PHASE_WORDS[phase]?.[reason.code] ?? describeReason(reason);
}

/** How a run ended: `exit 1`, `killed by SIGKILL`, or `ended` where nothing was observed. */
export function describeEnding(ending: Ending): string {
  if (ending.signal !== null)
    return ending.cause === 'memory' ? 'killed by the kernel: out of memory' : `killed by ${ending.signal}`;
  if (ending.exitCode === null) return 'ended, exit code not known';
  return ending.cause === 'memory'
    ? `exit ${ending.exitCode}, a process of it was killed by the kernel: out of memory`
    : `exit ${ending.exitCode}`;
}

/** Why a start never became a run: `program "nodee" not found`. */
function describeFault(fault: StartFault): string {
  if (fault.program === null && fault.code !== 'hook-failed') return fault.message;
  if (fault.code === 'not-found') return `program "${fault.program}" not found`;
  if (fault.code === 'hook-failed') return `its before_start hook failed: ${fault.message}`;
  if (fault.code === 'not-executable') return `program "${fault.program}" is not executable`;
  return fault.message;
}

/**
 * The health of a service by what core knows. `healthy` null = not checked yet.
 * Without a check for its running phase a service is healthy while it lives; what does not run is not.
 */
export function healthOf(service: Service): { readonly healthy: boolean | null; readonly message: string } {
  switch (service.phase) {
    case 'ready':
      return healthOfReady(service);
    case 'starting':
      return healthOfStarting(service);
    case 'unknown':
      return { healthy: null, message: 'not verified' };
    case 'stopping':
      return { healthy: false, message: 'stopping' };
    case 'stopped':
    case 'waiting':
    case 'backoff':
    case 'failed':
    case 'completed':
      return { healthy: false, message: 'not running' };
    default:
      return service.phase satisfies never;
  }
}

/** `1 restart`, `3 restarts`. */
export function count(number: number, noun: string): string {
  return number === 1 ? `1 ${noun}` : `${number} ${noun}s`;
}

/** `once`, `3 times`. */
function times(number: number): string {
  return number === 1 ? 'once' : `${number} times`;
}

/** `a`, `a and b`, `a, b and c`; beyond three names the rest is counted. */
export function listNames(names: readonly string[]): string {
  const shown = names.length > 3 ? [...names.slice(0, 2), `${names.length - 2} more`] : names;
  return shown.length < 2 ? (shown[0] ?? '') : `${shown.slice(0, -1).join(', ')} and ${shown.at(-1) ?? ''}`;
}

const PHASE_WORDS: Readonly<Partial<Record<Phase, Readonly<Partial<Record<Reason['code'], string>>>>>> = {
  stopped: { asked: 'stopped by hand', unneeded: 'stopped because nothing needs it any more' },
  stopping: { asked: 'asked to stop', restart: 'restarting', unneeded: 'stops because nothing needs it any more' },
};

function healthOfReady(service: Service): { readonly healthy: boolean | null; readonly message: string } {
  const { verdict, message, failures } = service.health;
  const spec = service.runSpec ?? service.spec;
  if (questionsOf(spec).running === null) return { healthy: true, message: message ?? 'running' };
  if (verdict === 'unknown')
    return { healthy: null, message: failures > 0 ? (message ?? 'failing') : 'not checked yet' };
  return { healthy: verdict === 'healthy', message: message ?? verdict };
}

function healthOfStarting(service: Service): { readonly healthy: boolean | null; readonly message: string } {
  const { failures, successes, message } = service.health;
  const spec = service.runSpec ?? service.spec;
  if (questionsOf(spec).starting === null) {
    return service.spawned === 'yes' ? { healthy: true, message: 'running' } : { healthy: null, message: 'starting' };
  }
  if (failures > 0) return { healthy: false, message: message ?? 'failing' };
  return { healthy: null, message: successes > 0 || message !== null ? (message ?? 'passing') : 'not checked yet' };
}

function because(message: string | null): string {
  return message === null || message === '' ? '' : `: ${message}`;
}
