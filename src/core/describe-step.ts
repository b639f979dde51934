/** Words for where inside its phase a service is: what it waits for there, and what it said of itself. */
import { formatDuration } from '../model/duration.ts';
import type { Service } from '../model/service.ts';
import { describeWhy } from './describe-reason.ts';

/** The step in words; null where the phase says it all. A stop that was only asked for is such a one. */
export function describeStep(service: Service): string | null {
  const { phase, step } = service;
  switch (step) {
    case 'before-start':
      return phase === 'stopping' ? 'ending its before_start hook' : 'waiting for its before_start hook';
    case 'reloading':
      return 'it is reloading';
    case 'damped':
      return 'held back, because too many services are being restarted';
    case 'draining':
      return `not ready any more, and asked to end after ${formatDuration(stopOf(service).drainMs)}`;
    case 'before-stop':
      return 'waiting for its before_stop hook';
    case 'ending':
      return phase === 'starting' || phase === 'ready' ? 'it says that it is about to end' : null;
    case 'killing':
      return 'killed, and waiting for its end';
    case 'stuck':
      return describeStuck(service);
    case 'after-stop':
      return 'waiting for its after_stop hook';
    case 'none':
      return null;
    default:
      return step satisfies never;
  }
}

/** Why it is where it is, then the step, then what it says of itself: `asked to stop; waiting for its before_stop hook`. */
export function describeNow(service: Service): string {
  const parts = [describeWhy(service), describeStep(service), describeSaying(service)];
  return parts.filter((part) => part !== null).join('; ');
}

/** What the service last said of itself; null when nothing. */
export function describeSaying({ saying }: Service): string | null {
  return saying === null || saying === '' ? null : `it says "${saying}"`;
}

/** `stuck: pid 812 does not end after SIGKILL (state D, in nfs_wait)`. */
export function describeStuck({ stuck }: Service): string {
  const pids = stuck?.pids ?? [];
  const who = pids.length === 0 ? 'its tree' : `pid${pids.length === 1 ? '' : 's'} ${listed(pids)}`;
  const how = stuck === null || stuck.text === '' ? '' : ` (${stuck.text})`;
  return `stuck: ${who} ${pids.length > 1 ? 'do' : 'does'} not end after SIGKILL${how}`;
}

function listed(pids: readonly number[]): string {
  const shown = pids.slice(0, 3).map(String);
  return pids.length > 3 ? `${shown.join(', ')} and ${pids.length - 3} more` : shown.join(', ');
}

function stopOf(service: Service): Service['spec']['stop'] {
  return (service.runSpec ?? service.spec).stop;
}
