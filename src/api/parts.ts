/** What the API is put together from: the supervisor, and what only the daemon knows and does. */
import type { LoadOrder } from '../contract/api-definition.ts';
import type { ApiSystem, LeaseOrder, StopOrder } from '../contract/api-system.ts';
import type { Actor, Change } from '../model/change.ts';
import type { Definition, ServiceName } from '../model/spec.ts';
import type { AuditLog, AuditTrail } from '../ports/audit-log.ts';
import type { Clock } from '../ports/clock.ts';
import type { Random } from '../ports/random.ts';
import type { TokenStore } from '../ports/token-book.ts';
import type { Supervisor } from '../supervisor/port.ts';

/** How definitions come to be. Errors of both: DefinitionError with every issue. */
export interface Definitions {
  /** The files that the project belongs to, absolute, as they were named; empty when it belongs to none. */
  files(): readonly string[];
  /** A document in the words of the definition file, as it would replace the present definition. */
  parse(document: unknown, present: Definition): Definition | Promise<Definition>;
  /** A document that `parse` has read is in force now: the next daemon begins with it, until files are read again. */
  accepted?(document: unknown): void;
  /** Reads files; `files()` are these afterwards. */
  load(order: LoadOrder): Promise<Definition>;
  /** The same for who only wants to know: nothing is remembered of it. */
  look(order: LoadOrder): Promise<Definition>;
  /**
   * The definition with so many replicas of a service; null: as many as its files say. `keep` makes it last, until the
   * files say another number than now. Errors: RSE4001; RSE1106 when there can be one only; RSE3008 of `keep`.
   */
  scale(service: ServiceName, replicas: number | null): Promise<ScaledDefinition>;
}

/** A definition with another number of a service, not yet in use. */
export interface ScaledDefinition {
  readonly definition: Definition;
  readonly keep: () => void;
}

/** What the daemon says of itself. Times epoch ms. */
export interface DaemonFacts extends Pick<
  ApiSystem,
  'pid' | 'version' | 'started_by' | 'socket' | 'state_directory' | 'path'
> {
  readonly startedAt: number;
  /** Of the user of the daemon; -1 where there are none. */
  readonly uid: number;
}

/** A lease that was given. */
export interface Lease {
  readonly id: string;
  /** The connection has ended: what the lease holds is stopped, unless it was given up or the daemon is ending. May be called twice. */
  lost(): void;
  /** Aborts when the lease has been given up: its stream may end. */
  readonly given: AbortSignal;
}

/** What only the daemon can do. */
export interface DaemonControl {
  state(): 'running' | 'stopping';
  /** Aborts when the daemon ends: every stream ends with a last word. */
  readonly ending: AbortSignal;
  /**
   * Errors: RSE4008 with `services` when `daemon` would lose live processes; those of `Supervisor.request`.
   * Returns at once; the daemon leaves after the answer is given.
   */
  stop(mode: StopOrder['mode'], by: Actor): { readonly change: Change | null; readonly daemon: 'ends' | 'stays' };
  /** Errors: RSE4001; RSE3007 when the daemon is stopping. */
  lease(order: LeaseOrder, by: Actor): Lease;
  /** Switches on or off that files are watched: those of the definition, and those of services (`watch`). */
  watch(mode: 'on' | 'off'): void;
  /** Whether there was such a lease. */
  detach(id: string): 'done' | 'unknown';
  leases(): number;
}

/** Where the daemon answers. `address`: a path, or `host:port`; `role` null = the credential says it. */
export type Listener = ApiSystem['listeners'][number];

/** Everything that the routes use. */
export interface ApiParts {
  readonly supervisor: Supervisor;
  readonly definitions: Definitions;
  readonly facts: DaemonFacts;
  readonly control: DaemonControl;
  readonly clock: Clock;
  readonly random: Random;
  readonly audit: AuditLog;
  /** The same trail for who reads it; left out where there is none. */
  readonly trail?: AuditTrail;
  readonly tokens: TokenStore;
  /** Where it is reached; known once requests come in. */
  readonly listeners: () => readonly Listener[];
  /** Where a fault that is ours is written down. */
  readonly report: (requestId: string, error: unknown) => void;
}
