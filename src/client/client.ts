/** The client of the REST API: one object, a noun each. */
import { randomBytes } from 'node:crypto';
import type { Clock } from '../ports/clock.ts';
import { type AuditClient, auditClient } from './audit.ts';
import { type ChangesClient, changesClient } from './changes.ts';
import { type DaemonClient, daemonClient } from './daemon.ts';
import { type DefinitionClient, definitionClient } from './definition.ts';
import { type EventsClient, eventsClient } from './events.ts';
import { type LogsClient, logsClient } from './logs.ts';
import { type PlanClient, planClient } from './plan.ts';
import { type ServicesClient, servicesClient } from './services.ts';
import { type SessionOptions, createSession } from './session.ts';
import type { Address } from './address.ts';
import { transportTo } from './socket.ts';
import { type TokensClient, tokensClient } from './tokens.ts';

export type { ApiAuditHead, ApiAuditRecord, ApiAuditVerdict } from '../contract/api-audit.ts';
export type { ApiChange, ApiTask, ChangeOptions, ChangeOrder } from '../contract/api-change.ts';
export type { ApiCheck } from '../contract/api-check.ts';
export type { ApiApplied, ApiDefinition, ApiValidation, LoadOrder } from '../contract/api-definition.ts';
export type { ApiEvent, ApiSnapshot } from '../contract/api-event.ts';
export type { ApiExplanation } from '../contract/api-explain.ts';
export type { FrozenService, FrozenStatus } from '../contract/api-frozen.ts';
export type { ApiGraph } from '../contract/api-graph.ts';
export type { ApiIncident } from '../contract/api-incident.ts';
export type { ApiHealthReport } from '../contract/api-health.ts';
export type { ApiLogLine } from '../contract/api-log.ts';
export type { ApiPlan } from '../contract/api-plan.ts';
export type { ApiService } from '../contract/api-service.ts';
export type { ApiStop, ApiSystem, LeaseOrder } from '../contract/api-system.ts';
export type { ApiMadeToken, ApiToken, ApiTokenOrder } from '../contract/api-token.ts';
export type { AuditClient, AuditFilter } from './audit.ts';
export type { ChangesClient } from './changes.ts';
export type { DaemonClient, HeldLease } from './daemon.ts';
export type { DefinitionClient } from './definition.ts';
export type { EventFilter, EventsClient, FollowOptions, StreamedEvent } from './events.ts';
export type { LogFilter, LogsClient } from './logs.ts';
export type { PlanClient } from './plan.ts';
export type { Address, HostAddress, SocketAddress } from './address.ts';
export type { ServicesClient } from './services.ts';
export type { TokensClient } from './tokens.ts';

/** Where the daemon is and what the client runs on. `timeoutMs` bounds each answer, default 30 000. */
export type ClientOptions = Address & {
  readonly clock: Clock;
  readonly via?: SessionOptions['via'];
  readonly timeoutMs?: number;
  /** Makes a fresh Idempotency-Key; random by default. */
  readonly newKey?: () => string;
};

/** A client of one daemon. Disposing it closes idle connections; streams end with their own signals. */
export interface Client extends Disposable {
  readonly services: ServicesClient;
  readonly changes: ChangesClient;
  readonly plans: PlanClient;
  readonly events: EventsClient;
  readonly logs: LogsClient;
  readonly definition: DefinitionClient;
  readonly daemon: DaemonClient;
  readonly tokens: TokensClient;
  readonly audit: AuditClient;
}

/**
 * A client of the daemon at the address. Nothing is sent, and nothing can fail, before the first call.
 * Errors of every call: those of its problem document in the classes of the library; ConnectionError RSE3001 when
 * nobody listens, RSE3002 when the connection is refused or breaks; RSE2201 when no answer comes in time.
 */
export function createClient(options: ClientOptions): Client {
  const transport = transportTo(options);
  const session = createSession({
    transport,
    clock: options.clock,
    via: options.via ?? 'api',
    timeoutMs: options.timeoutMs ?? 30_000,
    where: 'baseUrl' in options ? options.baseUrl : null,
    newKey: options.newKey ?? ((): string => randomBytes(16).toString('base64url')),
  });
  return {
    services: servicesClient(session),
    changes: changesClient(session),
    plans: planClient(session),
    events: eventsClient(session),
    logs: logsClient(session),
    definition: definitionClient(session),
    daemon: daemonClient(session),
    tokens: tokensClient(session),
    audit: auditClient(session),
    [Symbol.dispose]: () => {
      transport[Symbol.dispose]();
    },
  };
}
