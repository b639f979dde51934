/** The daemon itself: `daemon status --json`, `GET /system`, what ends it, and the lease of a terminal. */
import { z } from 'zod';
import { ROLES } from '../model/role.ts';
import { apiAuditState } from './api-audit.ts';
import { milliseconds, names, time } from './envelope.ts';

/**
 * The daemon. `started_by` says whether `down` ends it too; `path` is the PATH it starts programs with; `listeners` is where
 * it is reached (role null: the token says it), and `tokens` how many are valid.
 */
export const apiSystem = z
  .object({
    project: z.string(),
    directory: z.string(),
    files: names,
    definition_hash: z.string(),
    orchestration: z.enum(['enabled', 'disabled']),
    pid: z.number().int(),
    version: z.string(),
    started_at: time,
    uptime_ms: milliseconds,
    started_by: z.enum(['up', 'daemon', 'foreground', 'library']),
    state: z.enum(['running', 'stopping']),
    socket: z.string(),
    listeners: z
      .array(
        z.object({
          address: z.string(),
          kind: z.enum(['unix', 'tcp']),
          role: z.enum(ROLES).nullable(),
          tls: z.boolean(),
        }),
      )
      .readonly(),
    tokens: z.number().int(),
    state_directory: z.string(),
    path: z.string(),
    log_retention: z.enum(['holes', 'whole-files']),
    leases: z.number().int(),
    audit: apiAuditState,
    /** Services that run as root because neither they nor a rule say otherwise. */
    runs_as_root: names,
    services: z.number().int(),
    api_versions: names,
    capabilities: names,
    limits: z.object({
      body_bytes: z.number().int(),
      definition_bytes: z.number().int(),
      services: z.number().int(),
      page: z.number().int(),
      wait_ms: z.number().int(),
    }),
  })
  .meta({ id: 'System' });

/** The body of `POST /system/stop`. `down` ends the services; `daemon` ends the daemon alone. */
export const stopOrder = z.strictObject({ mode: z.enum(['daemon', 'down']) }).meta({ id: 'StopOrder' });

/** The body and the answer of `POST /system/watch`: whether files are watched. */
export const apiWatch = z.strictObject({ watch: z.enum(['on', 'off']) }).meta({ id: 'Watch' });

/** What `POST /system/stop` did: the change that stops services (null without one), and whether the daemon ends too. */
export const apiStop = z
  .object({ mode: z.enum(['daemon', 'down']), change: z.string().nullable(), daemon: z.enum(['ends', 'stays']) })
  .meta({ id: 'Stop' });

/** The body of `POST /lease`: what is stopped when the connection ends. `all` ends the daemon as well. */
export const leaseOrder = z
  .strictObject({
    scope: z.enum(['all', 'services']),
    services: z.array(z.string().max(70)).max(10_000).readonly().optional(),
  })
  .meta({ id: 'LeaseOrder' });

/** The first word of a lease's stream. */
export const apiLease = z
  .object({ id: z.string(), scope: z.enum(['all', 'services']), services: names })
  .meta({ id: 'Lease' });

/** The daemon. */
export type ApiSystem = Readonly<z.infer<typeof apiSystem>>;

/** What ends the daemon. */
export type StopOrder = Readonly<z.infer<typeof stopOrder>>;

/** Whether files are watched. */
export type ApiWatch = Readonly<z.infer<typeof apiWatch>>;

/** What a stop did. */
export type ApiStop = Readonly<z.infer<typeof apiStop>>;

/** What a lease holds. */
export type LeaseOrder = Readonly<z.infer<typeof leaseOrder>>;

/** A lease that was given. */
export type ApiLease = Readonly<z.infer<typeof apiLease>>;
