/** What the audit trail says of one thing that was asked, refused, or done by Rouse itself. */
import type { Caller } from './caller.ts';
import type { Role } from './role.ts';

/**
 * `request`: is about to be carried out. `done`: has been, with its result. `denied`: was refused. `system`: nobody asked,
 * it was done by a rule or by Rouse.
 */
export type AuditStage = 'request' | 'done' | 'denied' | 'system';

/** Who it was. Only what the kernel and the token say; `name` of a token is the one thing a person chose. */
export interface AuditActor {
  readonly via: Caller['via'] | 'policy' | 'rouse';
  readonly uid: number | null;
  readonly pid: number | null;
  readonly token: string | null;
  readonly name: string;
  readonly role: Role | null;
}

/** What is put on record. Never a body, an environment, a secret or a credential. */
export interface AuditEntry {
  readonly stage: AuditStage;
  /** Of the request; null for what nobody asked. */
  readonly request: string | null;
  readonly actor: AuditActor;
  readonly remote: string | null;
  /** A word with dots, e.g. `service.stop`, `definition.put`, `authn.fail`. */
  readonly action: string;
  /** A service, a change, a token; null when it is about the project. */
  readonly target: string | null;
  /** Names and small values; strings of at most 256 characters, lists of at most 100. */
  readonly params: Readonly<Record<string, string | number | boolean | null | readonly string[]>>;
  readonly outcome: 'ok' | 'error' | 'denied' | null;
  /** HTTP status; null before there is one, and for what nobody asked. */
  readonly status: number | null;
  /** An error code, or why in words; null when there is nothing to say. */
  readonly reason: string | null;
  /** Ms from request to result; null before it. */
  readonly ms: number | null;
}

/** How long the trail is: the number and hash of its last record. `seq` is -1 and the hash 64 zeros before the first. */
export interface AuditHead {
  readonly seq: number;
  readonly hash: string;
}
