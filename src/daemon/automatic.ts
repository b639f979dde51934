/**
 * What is put on record of what nobody asked for: each record of the supervision that tells of an act of Rouse itself, in
 * the words of the trail. What somebody asked for is on record before it is done, and is not told a second time.
 */
import type { AuditActor, AuditEntry } from '../model/audit.ts';
import type { Actor } from '../model/change.ts';
import type { Gap, ProjectRecord } from '../model/record.ts';
import type { ReasonCode } from '../model/reason.ts';
import type { Phase } from '../model/service.ts';
import type { Definition, Spec } from '../model/spec.ts';

/** Records of these types are looked at. */
export const FOLLOWED = [
  'service.phase',
  'service.signalled',
  'schedule.due',
  'files.changed',
  'definition.applied',
  'system.started',
  'system.recovered',
  'system.stopping',
] as const;

/** Phases that a service is brought into by a rule, when the reason is one of these. */
const PHASES: readonly Phase[] = ['stopping', 'failed', 'backoff'];
const BY_RULE: ReadonlySet<ReasonCode> = new Set<ReasonCode>([
  'exited',
  'exited-early',
  'start-failed',
  'startup-timeout',
  'unhealthy',
  'restart-limit',
  'watchdog',
  'conflict',
  'dependency-lost',
  'unneeded',
]);
const FIELDS = 100;

/** The entry of a record, null for what is no act of Rouse itself. `definitions`: before and after, where it applies one. */
export function automaticEntry(record: ProjectRecord, fields: readonly string[]): AuditEntry | null {
  const { actor, body } = record;
  switch (body.type) {
    case 'service.phase': {
      if (body.from === body.to || !PHASES.includes(body.to) || !BY_RULE.has(body.reason.code)) return null;
      const params = { run: body.run, from: body.from, to: body.to, code: body.reason.code };
      return entry(actor, body.to === 'backoff' ? 'service.restart' : `service.${body.to}`, {
        target: body.service,
        params,
        reason: body.text,
      });
    }
    case 'service.signalled': {
      if (!isOwn(actor)) return null;
      const params = { run: body.run, signal: body.signal, scope: body.scope };
      return entry(actor, 'service.signal', { target: body.service, params });
    }
    case 'schedule.due':
      return entry(actor, 'schedule.due', { target: body.service, params: { result: body.result }, reason: body.text });
    case 'files.changed': {
      const params = { services: body.services, files: body.files, result: body.result };
      return entry(actor, 'files.changed', { params, reason: body.text });
    }
    case 'definition.applied': {
      const { hash, added, changed, removed } = body;
      return entry(actor, 'definition.applied', { params: { hash, added, changed, removed, fields } });
    }
    case 'system.started': {
      const { version, pid, previous } = body;
      return entry(actor, 'system.started', { params: { version, pid, previous } });
    }
    case 'system.recovered': {
      const { adopted, ended, fenced, unverified, rebuilt } = body;
      return entry(actor, 'system.recovered', { params: { adopted, ended, fenced, unverified, rebuilt } });
    }
    case 'system.stopping':
      return entry(actor, 'system.stopping', {});
    case 'change.created':
    case 'change.done':
    case 'change.progress':
    case 'incident.closed':
    case 'incident.opened':
    case 'service.exit':
    case 'service.health':
    case 'service.hook':
    case 'service.pinned':
    // The phase that comes with it says why as well.
    case 'service.restart':
      return null;
    default:
      return body satisfies never;
  }
}

/** The entry that says that records were missed: what they would have said is in the events of the project. */
export function gapEntry({ dropped }: Gap): AuditEntry {
  return { ...entry(ROUSE, 'audit.gap', { params: { dropped } }), outcome: 'error' };
}

/** Names of what a definition changes, as `service.key`; never what it says. At most 100, the last of which says so. */
export function changedFields(before: Definition, after: Definition): readonly string[] {
  const known = new Map(before.services.map((spec) => [spec.name, spec]));
  const fields = after.services.flatMap((spec) => {
    const old = known.get(spec.name);
    return old === undefined || old.hash === spec.hash
      ? []
      : keysThatDiffer(old, spec).map((key) => `${spec.name}.${key}`);
  });
  const all = [
    ...(same(before.settings, after.settings) ? [] : ['settings']),
    ...(same(before.policy, after.policy) ? [] : ['policy']),
    ...fields,
  ];
  return all.length <= FIELDS ? all : [...all.slice(0, FIELDS - 1), `and ${all.length - FIELDS + 1} more`];
}

const ROUSE: Actor = { via: 'rouse', name: 'rouse' };

const isOwn = ({ via }: Actor): boolean => via === 'rouse' || via === 'policy';

interface Said {
  readonly target?: string;
  readonly params?: AuditEntry['params'];
  readonly reason?: string;
}

function entry(by: Actor, action: string, { target, params, reason }: Said): AuditEntry {
  return {
    stage: 'system',
    request: null,
    actor: actorOf(by),
    remote: null,
    action,
    target: target ?? null,
    params: params ?? {},
    outcome: 'ok',
    status: null,
    reason: reason ?? null,
    ms: null,
  };
}

// Whoever asked is in the record of the request; here is only how it came in.
function actorOf({ via, name }: Actor): AuditActor {
  const nobody = { uid: null, pid: null, token: null, role: null };
  if (via === 'policy') return { ...nobody, via: 'policy', name };
  return { ...nobody, via: 'rouse', name: via === 'rouse' ? name : `for ${via} ${name}` };
}

function keysThatDiffer(before: Spec, after: Spec): readonly string[] {
  const old = new Map<string, unknown>(Object.entries(before));
  return Object.entries(after)
    .filter(([key, value]) => key !== 'hash' && key !== 'origin' && !same(old.get(key), value))
    .map(([key]) => key);
}

const same = (one: unknown, other: unknown): boolean => JSON.stringify(one) === JSON.stringify(other);
