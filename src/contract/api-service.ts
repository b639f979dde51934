/** A service as `ps --json` and `GET /services` show it. Every key is always there; null = nothing to say. */
import { z } from 'zod';
import type { ConfinedBy, HeldBy } from '../model/held.ts';
import { PHASES, STEPS } from '../model/service.ts';
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

/** A limit that the definition asks for, and whether the kernel holds the live run to it; `why` says why it does not. */
const apiLimit = z
  .object({
    name: z.enum([
      'memory',
      'cpus',
      'processes',
      'files',
      'core',
      'file_size',
      'cpu_time',
      'stack',
      'locked_memory',
      'nice',
    ]),
    enforced: z.boolean(),
    why: z.string().nullable(),
  })
  .meta({ id: 'Limit' });

/** As whom the live run was begun, and what it is kept from. */
const apiConfined = z
  .object({
    /** The name, where the password file has one. */
    user: z.string().nullable(),
    uid: z.number().int(),
    gid: z.number().int(),
    sandbox: z.enum(['none', 'default', 'strict']),
    /** Whether no program can give it rights that it has not, and if that was asked for and is not so, why. */
    no_new_privileges: z.boolean(),
    note: z.string().nullable(),
    network: z.enum(['host', 'none']),
  })
  .meta({ id: 'Confined' });

/** A service with its state. */
export const apiService = z
  .object({
    name: z.string(),
    description: z.string(),
    kind: z.enum(['service', 'task', 'external']),
    execution: z.enum(['process', 'command', 'external', 'function']),
    /** Whether a shell reads any of its commands, those of its stop, hooks and probes among them. */
    shell: z.boolean(),
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
      'off',
      'unknown',
    ]),
    /** Where inside its phase it is. */
    step: z.enum(STEPS),
    desired: z.enum(['up', 'down']),
    ready: z.boolean(),
    health: apiHealth,
    reason: apiReason.nullable(),
    /** What it last said of itself. */
    saying: z.string().nullable(),
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
    /** How the live run's processes are held together, and if it is not by a control group, why. */
    tree: z.enum(['cgroup', 'session']).nullable(),
    tree_note: z.string().nullable(),
    /** Null where there is no run of processes, or nobody noted it. */
    confined: apiConfined.nullable(),
    limits: z.array(apiLimit).readonly(),
    urls: names,
    depends_on: names,
    dependents: names,
    degraded_by: names,
    pin: z.enum(['up', 'down', 'none']),
    outdated: z.boolean(),
    next_run_at: time.nullable(),
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

function toApiConfined(confined: ConfinedBy | undefined): ApiService['confined'] {
  if (confined === undefined) return null;
  const { user, sandbox, gains, network } = confined;
  return {
    user: user.name,
    uid: user.uid,
    gid: user.gid,
    sandbox,
    no_new_privileges: gains === 'enforced',
    note: typeof gains === 'object' ? gains.unavailable : null,
    network,
  };
}

/** Only limits that were asked for. */
function toApiLimits(held: HeldBy | null): ApiService['limits'] {
  if (held === null) return [];
  const { memoryBytes, cpus, processes } = held.limits;
  const own = held.confined?.limits;
  return (
    [
      ['memory', memoryBytes],
      ['cpus', cpus],
      ['processes', processes],
      ['files', own?.files],
      ['core', own?.coreBytes],
      ['file_size', own?.fileSizeBytes],
      ['cpu_time', own?.cpuTimeMs],
      ['stack', own?.stackBytes],
      ['locked_memory', own?.lockedMemoryBytes],
      ['nice', own?.nice],
    ] as const
  ).flatMap(([name, limit]) => {
    if (limit === undefined || limit === 'none') return [];
    return limit === 'enforced'
      ? { name, enforced: true, why: null }
      : { name, enforced: false, why: limit.unavailable };
  });
}

/** The model's view of a service in the words of the API. Keys in the order of the schema. */
export function toApiService(view: ServiceView): ApiService {
  return {
    name: view.name,
    description: view.description,
    kind: view.kind,
    execution: view.execution,
    shell: view.shell === 'yes',
    status: view.status,
    phase: view.phase,
    state: view.word,
    step: view.step,
    desired: view.desired,
    ready: view.ready,
    health: toApiHealth(view.health),
    reason: toApiReason(view.reason),
    saying: view.saying,
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
    tree: view.held?.tree ?? null,
    tree_note: view.held?.why ?? null,
    confined: toApiConfined(view.held?.confined),
    limits: toApiLimits(view.held),
    urls: view.urls,
    depends_on: view.dependsOn,
    dependents: view.dependents,
    degraded_by: view.degradedBy,
    pin: view.pin,
    outdated: view.outdated,
    next_run_at: timeOrNull(view.nextRunAt),
    labels: view.labels,
    origin: view.origin,
  };
}
