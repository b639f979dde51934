/** What is put on record of a request: who, what, whom, with which result. Never a body, a credential or an environment. */
import type { AuditActor, AuditEntry } from '../model/audit.ts';
import type { Caller } from '../model/caller.ts';
import type { ErrorCode } from '../model/errors.ts';
import type { Door, Peer } from './door.ts';

/** A request as it is put on record. */
export interface Asked {
  readonly caller: Caller | null;
  readonly door: Pick<Door, 'via' | 'name'>;
  readonly peer: Pick<Peer, 'uid' | 'pid' | 'remote'>;
  readonly request: string;
  readonly action: string;
  readonly target: string | null;
  readonly params: AuditEntry['params'];
}

/** How a request ended. `reason`: an error code. */
export interface Answered {
  readonly status: number;
  readonly reason: ErrorCode | null;
  readonly ms: number | null;
}

const TEXT_LIMIT = 256;
const LIST_LIMIT = 100;
/** Keys of bodies whose values say what was asked for and hold no secret. */
const TOLD: readonly string[] = [
  'action',
  'services',
  'signal',
  'scope',
  'pin',
  'replicas',
  'mode',
  'watch',
  'restart',
  'files',
  'overlays',
  'name',
  'role',
  'logs',
  'expires_in_ms',
];

/** About to be done. */
export function requestEntry(asked: Asked): AuditEntry {
  return { stage: 'request', ...headOf(asked), outcome: null, status: null, reason: null, ms: null };
}

/** Done, with its result. */
export function doneEntry(asked: Asked, { status, reason, ms }: Answered): AuditEntry {
  return { stage: 'done', ...headOf(asked), outcome: status < 400 ? 'ok' : 'error', status, reason, ms };
}

/** Turned away. */
export function deniedEntry(asked: Asked, { status, reason, ms }: Answered): AuditEntry {
  return { stage: 'denied', ...headOf(asked), outcome: 'denied', status, reason, ms };
}

/** What of a body is told. Values of another shape are left out. */
export function toldOf(body: unknown): AuditEntry['params'] {
  if (typeof body !== 'object' || body === null) return {};
  return Object.fromEntries(
    Object.entries(body).flatMap(([key, value]: [string, unknown]) => {
      const told = TOLD.includes(key) ? tellable(value) : undefined;
      return told === undefined ? [] : [[key, told] as const];
    }),
  );
}

function tellable(value: unknown): AuditEntry['params'][string] | undefined {
  if (typeof value === 'string') return value.slice(0, TEXT_LIMIT);
  if (typeof value === 'number' || typeof value === 'boolean' || value === null) return value;
  if (!Array.isArray(value)) return undefined;
  const texts = value.filter((part): part is string => typeof part === 'string');
  return texts.slice(0, LIST_LIMIT).map((text) => text.slice(0, TEXT_LIMIT));
}

function headOf(asked: Asked): Pick<AuditEntry, 'request' | 'actor' | 'remote' | 'action' | 'target' | 'params'> {
  const { request, action, target, params, peer } = asked;
  return { request, actor: actorOf(asked), remote: peer.remote, action, target, params };
}

function actorOf({ caller, door, peer }: Asked): AuditActor {
  const { uid, pid } = peer;
  return {
    via: door.via,
    uid,
    pid,
    token: caller?.token?.id ?? null,
    name: caller?.token?.name ?? door.name,
    role: caller?.role ?? null,
  };
}
