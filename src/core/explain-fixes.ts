/** Ways out of a state: what usually helps at the root, then what helps the service alone. */
import type { Fix } from '../model/explanation.ts';
import type { Service } from '../model/service.ts';
import { desiredOf } from '../model/service.ts';
import { healthOf } from './describe-reason.ts';
import { placeOf } from './place.ts';
import { lostBy } from './describe.ts';
import type { Cause } from './explain-cause.ts';
import { rootOf, subjectOf } from './explain-cause.ts';
import { memoryFixes } from './explain-memory.ts';
import { holdOf } from './schedule.ts';

/** The ways out, the likeliest first; empty when nothing is wrong. */
export function findFixes(cause: Cause): readonly Fix[] {
  const service = subjectOf(cause);
  if (service.phase === 'ready' && isFine(cause)) return [];
  const fixes = rootFixes(rootOf(cause));
  if (service.phase !== 'waiting' || cause.root === cause.index) return fixes;
  const { name } = service.spec;
  return [...fixes, { text: `start ${name} anyway`, command: `rouse start ${name} --no-deps` }];
}

function isFine({ system, index }: Cause): boolean {
  const held = holdOf(system, index) !== null;
  const { health } = rootOf({ system, index, root: index, path: [index] });
  return !held && health.verdict !== 'unhealthy' && lostBy(system, index).length === 0;
}

function rootFixes(root: Service): readonly Fix[] {
  const { name, kind } = root.spec;
  const start: Fix = { text: `start ${name}`, command: `rouse start ${name}` };
  switch (root.phase) {
    case 'stopped':
      return root.pin === 'down' ? [{ text: `let ${name} go`, command: `rouse unpin ${name}` }] : [start];
    case 'waiting':
      return [{ text: 'see what is being started', command: 'rouse ps' }];
    case 'starting':
      return startingFixes(root);
    case 'ready':
      return readyFixes(root);
    case 'stopping':
      if (root.step === 'stuck') return stuckFixes(root);
      return kind === 'external' ? [] : [watchIt(name), ...hurry(root)];
    case 'backoff':
      return [...failureFixes(root), { text: `try ${name} at once`, command: `rouse start ${name}` }];
    case 'failed':
      return [...failureFixes(root), { text: `then try ${name} again`, command: `rouse start ${name}` }];
    case 'completed':
      return kind === 'task' ? [{ text: `run ${name} again`, command: `rouse run ${name}` }] : [start];
    case 'unknown':
      return [{ text: `end what may be left of ${name} and start it anew`, command: `rouse restart ${name}` }];
    default:
      return root.phase satisfies never;
  }
}

function startingFixes(root: Service): readonly Fix[] {
  const { name, kind, startTimeoutMs } = root.spec;
  if (kind === 'external') {
    return [
      { text: `start ${name} where it is run; Rouse only watches it`, command: null },
      { text: 'ask its check now', command: `rouse health ${name}` },
    ];
  }
  const failing = healthOf(root).healthy === false;
  const more: readonly Fix[] = failing && Number.isFinite(startTimeoutMs) ? [longer(name, startTimeoutMs)] : [];
  const ask: readonly Fix[] = failing ? [{ text: 'ask its check now', command: `rouse health ${name}` }] : [];
  return [watchIt(name), ...ask, ...more];
}

function readyFixes(root: Service): readonly Fix[] {
  const { name, kind } = root.spec;
  if (root.health.verdict === 'unhealthy') {
    const ask: Fix = { text: 'ask its check now', command: `rouse health ${name}` };
    if (kind === 'external')
      return [{ text: `mend ${name} where it is run; Rouse only watches it`, command: null }, ask];
    return [
      { text: 'read what it says', command: `rouse logs ${name}` },
      ask,
      { text: `restart ${name}`, command: `rouse restart ${name}` },
    ];
  }
  // A dependent that nobody wants to stop holds somebody's stop.
  return desiredOf(root) === 'up' ? [{ text: `stop ${name}`, command: `rouse stop ${name}` }] : [watchIt(name)];
}

/** No signal ends a process that waits inside the kernel: only what it waits for does. */
function stuckFixes(root: Service): readonly Fix[] {
  const [pid] = root.stuck?.pids ?? [];
  const look: Fix = { text: 'see in what it waits', command: `cat /proc/${pid ?? 'PID'}/stack` };
  const mend: Fix = {
    text: 'bring back what it waits for (a disk, a network file system), or restart the machine',
    command: null,
  };
  return pid === undefined ? [mend] : [look, mend];
}

function hurry({ step, spec }: Service): readonly Fix[] {
  const waits = step === 'draining' || step === 'before-stop' || step === 'ending';
  return waits ? [{ text: `end ${spec.name} without waiting`, command: `rouse stop ${spec.name} --now` }] : [];
}

function failureFixes(root: Service): readonly Fix[] {
  const { reason } = root;
  const { name } = root.spec;
  const cause = reason.code === 'restart-limit' ? reason.last : reason;
  const read: Fix = { text: 'read what its last run said', command: `rouse logs ${name}` };
  if (cause.code === 'startup-timeout') return [read, longer(name, cause.timeoutMs)];
  if (cause.code !== 'start-failed') return [...memoryFixes(root), read];
  const { hint, program, code } = cause.fault;
  const missing = code === 'not-found' && program !== null;
  const mend = missing
    ? `install "${program}", or correct the command of ${name}`
    : `correct the definition of ${name}`;
  const origin = placeOf(root);
  const place: readonly Fix[] =
    origin === null ? [] : [{ text: `mend it in ${origin.file}:${origin.line}:${origin.column}`, command: null }];
  const ran = code === 'command-failed' || code === 'command-timeout' || code === 'hook-failed';
  return [{ text: hint ?? mend, command: null }, ...place, ...(ran ? [read] : [])];
}

function longer(name: string, timeoutMs: number): Fix {
  return { text: `give ${name} longer, in [services.${name}]`, command: `start_timeout = "${twice(timeoutMs)}"` };
}

function watchIt(name: string): Fix {
  return { text: 'see it work', command: `rouse logs ${name} -f` };
}

/** A limit twice as long, as the definition writes it. Units: ms in, seconds written. */
function twice(timeoutMs: number): string {
  return `${Math.ceil(timeoutMs / 500)}s`;
}
