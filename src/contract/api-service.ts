/** A service as `ps --json` and `GET /services` show it. Every key is always there; null = nothing to say. */
import { z } from 'zod';
import { PHASES } from '../model/service.ts';
import type { ReasonView, ServiceView } from '../model/view.ts';
import { apiHealth, toApiHealth } from './api-health.ts';
import { apiOrigin, milliseconds, names, time } from './envelope.ts';
import { timeOf, timeOrNull } from './time.ts';

/** The four words of the guide. */
export const apiStatus = z.enum(['Running', 'Stopped', 'Failed', 'Unknown']).meta({ id: 'Status' });

/** Where a service is. */
export const apiPhase = z.enum(PHASES).meta({ id: 'Phase' });

/** Why a service is where it is: a stable code, words, and the service that it is about. */
export const apiReason = z
  .object({ code: z.string(), text: z.string(), service: z.string().nullable() })
  .meta({ id: 'Reason' });

/** A service with its state. */
export const apiService = z
  .object({
    name: z.string(),
    description: z.string(),
    kind: z.enum(['service', 'task', 'external']),
    execution: z.enum(['process', 'command', 'external', 'function']),
    status: apiStatus,
    phase: apiPhase,
    state: z.enum([
      'waiting',
      'starting',
      'ready',
      'done',
      'unhealthy',
      'retry',
      'failed',
      'blocked',
      'stopping',
      'stopped',
      'unknown',
    ]),
    desired: z.enum(['up', 'down']),
    ready: z.boolean(),
    health: apiHealth,
    reason: apiReason.nullable(),
    waiting_for: names,
    since: time,
    started_at: time.nullable(),
    ready_at: time.nullable(),
    uptime_ms: milliseconds.nullable(),
    last_start_ms: milliseconds.nullable(),
    retry_in_ms: milliseconds.nullable(),
    run: z.number().int(),
    restarts: z.number().int(),
    exit_code: z.number().int().nullable(),
    exit_signal: z.string().nullable(),
    pid: z.number().int().nullable(),
    urls: names,
    depends_on: names,
    dependents: names,
    degraded_by: names,
    pin: z.enum(['up', 'down', 'none']),
    outdated: z.boolean(),
    labels: z.record(z.string(), z.string()).readonly(),
    origin: apiOrigin.nullable(),
  })
  .meta({ id: 'Service' });

/** Why a service is where it is. */
export type ApiReason = Readonly<z.infer<typeof apiReason>>;

/** A service with its state. */
export type ApiService = Readonly<z.infer<typeof apiService>>;

/** The model's reason in the words of the API. */
function toApiReason(reason: ReasonView | null): ApiReason | null {
  return reason === null ? null : { code: reason.code, text: reason.text, service: reason.service };
}

/** The model's view of a service in the words of the API. Keys in the order of the schema. */
export function toApiService(view: ServiceView): ApiService {
  return {
    name: view.name,
    description: view.description,
    kind: view.kind,
    execution: view.execution,
    status: view.status,
    phase: view.phase,
    state: view.word,
    desired: view.desired,
    ready: view.ready,
    health: toApiHealth(view.health),
    reason: toApiReason(view.reason),
    waiting_for: view.waitingFor,
    since: timeOf(view.since),
    started_at: timeOrNull(view.startedAt),
    ready_at: timeOrNull(view.readyAt),
    uptime_ms: view.uptimeMs,
    last_start_ms: view.lastStartMs,
    retry_in_ms: view.retryInMs,
    run: view.run,
    restarts: view.restarts,
    exit_code: view.exitCode,
    exit_signal: view.exitSignal,
    pid: view.pid,
    urls: view.urls,
    depends_on: view.dependsOn,
    dependents: view.dependents,
    degraded_by: view.degradedBy,
    pin: view.pin,
    outdated: view.outdated,
    labels: view.labels,
    origin: view.origin,
  };
}
