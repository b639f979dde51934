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

/** A record as it stands in the file, in the file's own words; the order of its keys is that of the line. */
export interface AuditRecord {
  readonly v: 1;
  /** From 0 on, without a gap, over all files of the trail. */
  readonly seq: number;
  /** RFC 3339, UTC, with milliseconds. */
  readonly ts: string;
  /** The machine's boot; empty where it does not say. */
  readonly boot: string;
  readonly host: string;
  readonly req: string | null;
  readonly stage: AuditStage;
  readonly actor: AuditActor;
  readonly remote: string | null;
  readonly action: string;
  readonly target: string | null;
  readonly params: AuditEntry['params'];
  readonly outcome: AuditEntry['outcome'];
  readonly status: number | null;
  readonly reason: string | null;
  readonly ms: number | null;
  /** The hash of the record before; 64 zeros for the first. */
  readonly prev: string;
  /** SHA-256, hex, of the bytes of the line before `,"hash":"`. */
  readonly hash: string;
}

/** Which records are wanted. All that is given must hold. */
export interface AuditQuery {
  /** Only records with a smaller number; null = from the newest on. */
  readonly before: number | null;
  readonly limit: number;
  /** Epoch ms; both ends belong to it. */
  readonly since: number | null;
  readonly until: number | null;
  /** A word as it stands, or with `.*` at its end all that begin so. */
  readonly action: string | null;
  readonly target: string | null;
  /** The name, the token's id, or the uid of who it was. */
  readonly actor: string | null;
  readonly stage: AuditStage | null;
}

/** Some records, newest first. `next`: `before` of the page that follows; null when there is none. */
export interface AuditPage {
  readonly records: readonly AuditRecord[];
  readonly next: number | null;
}

/** What is wrong with a trail at one place. */
export interface AuditFault {
  readonly kind: 'edited' | 'removed-or-reordered' | 'rewritten-against-anchor' | 'truncated';
  readonly file: string;
  /** From 1; null when it is about what is not there. */
  readonly line: number | null;
  readonly seq: number | null;
  /** What was found and what should be, in words. */
  readonly text: string;
}

/** What a look at the whole trail found. `faults`: the first ones, in the order of the trail, at most 100. */
export interface AuditVerdict {
  readonly verdict: 'whole' | 'tampered' | 'truncated';
  readonly records: number;
  readonly files: readonly string[];
  readonly head: AuditHead;
  /** How many anchors and heads were compared. */
  readonly anchors: number;
  readonly faults: readonly AuditFault[];
  /** What is no fault, and worth a word. */
  readonly notes: readonly string[];
}

/** Before the first record. */
export const NO_RECORD: AuditHead = { seq: -1, hash: '0'.repeat(64) };
