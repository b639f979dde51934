/** What happened in the project: a page of `GET /events`, and what its streams send. */
import { z } from 'zod';
import type { Reason } from '../model/reason.ts';
import type { HookName } from '../model/spec.ts';
import type { ProjectRecord, RecordBody } from '../model/record.ts';
import { apiActor, apiChange, apiTask, toApiActor, toApiChange, toApiTask } from './api-change.ts';
import { type ApiReason, apiPhase, apiReason, apiService } from './api-service.ts';
import { milliseconds, names, time } from './envelope.ts';
import { timeOf } from './time.ts';

const head = { seq: z.number().int(), at: time, actor: apiActor };
const verdict = z.enum(['unknown', 'healthy', 'unhealthy']);
const change = { ...head, change: apiChange };

/** An event. `seq` grows by 1 over the whole project; payloads only grow. */
export const apiEvent = z
  .discriminatedUnion('type', [
    z.object({
      type: z.literal('service.phase'),
      ...head,
      service: z.string(),
      from: apiPhase,
      to: apiPhase,
      ready: z.boolean(),
      run: z.number().int(),
      reason: apiReason,
      elapsed_ms: milliseconds,
      pid: z.number().int().nullable(),
    }),
    z.object({
      type: z.literal('service.health'),
      ...head,
      service: z.string(),
      run: z.number().int(),
      from: verdict,
      to: verdict,
      message: z.string().nullable(),
    }),
    z.object({
      type: z.literal('service.exit'),
      ...head,
      service: z.string(),
      run: z.number().int(),
      exit_code: z.number().int().nullable(),
      signal: z.string().nullable(),
    }),
    z.object({
      type: z.literal('service.restart'),
      ...head,
      service: z.string(),
      run: z.number().int(),
      delay_ms: milliseconds,
      restarts: z.number().int(),
    }),
    z.object({
      type: z.literal('service.hook'),
      ...head,
      service: z.string(),
      run: z.number().int(),
      hook: z.enum(['before_start', 'after_ready', 'before_stop', 'after_stop']),
      message: z.string(),
    }),
    z.object({
      type: z.literal('service.signalled'),
      ...head,
      service: z.string(),
      run: z.number().int(),
      signal: z.string(),
      scope: z.enum(['main', 'tree']),
    }),
    z.object({ type: z.literal('service.pinned'), ...head, service: z.string(), pin: z.enum(['up', 'down', 'none']) }),
    z.object({ type: z.literal('incident.opened'), ...head, service: z.string(), reason: apiReason, services: names }),
    z.object({
      type: z.literal('incident.closed'),
      ...head,
      service: z.string(),
      end: z.enum(['mended', 'put-to-rest']),
      text: z.string(),
      services: names,
      elapsed_ms: milliseconds,
    }),
    z.object({
      type: z.literal('schedule.due'),
      ...head,
      service: z.string(),
      result: z.enum(['started', 'skipped', 'queued', 'missed', 'refused']),
      text: z.string(),
    }),
    z.object({
      type: z.literal('files.changed'),
      ...head,
      services: names,
      files: z.array(z.string()).readonly(),
      result: z.enum(['restarted', 'signalled', 'reloaded', 'unchanged', 'refused']),
      text: z.string(),
    }),
    z.object({ type: z.literal('change.created'), ...change }),
    z.object({
      type: z.literal('change.progress'),
      ...head,
      id: z.string(),
      task: apiTask,
      done: z.number().int(),
      total: z.number().int(),
    }),
    z.object({ type: z.literal('change.done'), ...change }),
    z.object({
      type: z.literal('definition.applied'),
      ...head,
      hash: z.string(),
      added: names,
      changed: names,
      removed: names,
    }),
    z.object({
      type: z.literal('system.started'),
      ...head,
      version: z.string(),
      pid: z.number().int(),
      previous: z.enum(['none', 'left', 'killed']),
    }),
    z.object({
      type: z.literal('system.recovered'),
      ...head,
      adopted: z.number().int(),
      ended: z.number().int(),
      fenced: z.number().int(),
      unverified: z.number().int(),
      rebuilt: names,
    }),
    z.object({ type: z.literal('system.stopping'), ...head }),
  ])
  .meta({ id: 'Event' });

/** The present state, sent first where `snapshot=1` asks for it. `seq` is the last event that it contains. */
export const apiSnapshot = z
  .object({ seq: z.number().int(), services: z.array(apiService).readonly() })
  .meta({ id: 'Snapshot' });

/** An event. */
export type ApiEvent = Readonly<z.infer<typeof apiEvent>>;

/** The present state, as a stream's first word. */
export type ApiSnapshot = Readonly<z.infer<typeof apiSnapshot>>;

/** Every type of event, in the order of the schema. */
export const EVENT_NAMES = [
  'service.phase',
  'service.health',
  'service.exit',
  'service.restart',
  'service.hook',
  'service.signalled',
  'service.pinned',
  'incident.opened',
  'incident.closed',
  'schedule.due',
  'files.changed',
  'change.created',
  'change.progress',
  'change.done',
  'definition.applied',
  'system.started',
  'system.recovered',
  'system.stopping',
] as const satisfies readonly RecordBody['type'][];

/** Hooks by the keys that a definition has for them. */
const HOOK_KEYS = {
  beforeStart: 'before_start',
  afterReady: 'after_ready',
  beforeStop: 'before_stop',
  afterStop: 'after_stop',
} as const satisfies Record<HookName, string>;

/** The model's record in the words of the API. */
export function toApiEvent(record: ProjectRecord): ApiEvent {
  const { seq, body } = record;
  const stamp = { seq, at: timeOf(record.at), actor: toApiActor(record.actor) };
  switch (body.type) {
    case 'service.phase':
      return toPhaseEvent(body, stamp);
    case 'service.health': {
      const { type, service, run, from, to, message } = body;
      return { type, ...stamp, service, run, from, to, message };
    }
    case 'service.exit': {
      const { type, service, run, exitCode, signal } = body;
      return { type, ...stamp, service, run, exit_code: exitCode, signal };
    }
    case 'service.restart': {
      const { type, service, run, delayMs, restarts } = body;
      return { type, ...stamp, service, run, delay_ms: delayMs, restarts };
    }
    case 'service.hook': {
      const { type, service, run, hook, message } = body;
      return { type, ...stamp, service, run, hook: HOOK_KEYS[hook], message };
    }
    case 'service.signalled': {
      const { type, service, run, signal, scope } = body;
      return { type, ...stamp, service, run, signal, scope };
    }
    case 'service.pinned':
      return { type: body.type, ...stamp, service: body.service, pin: body.pin };
    case 'incident.opened': {
      const { type, service, services } = body;
      return { type, ...stamp, service, reason: reasonOf(body.reason, body.text), services };
    }
    case 'incident.closed': {
      const { type, service, end, text, services } = body;
      return { type, ...stamp, service, end, text, services, elapsed_ms: body.elapsedMs };
    }
    case 'change.progress': {
      const { type, id, task, done, total } = body;
      return { type, ...stamp, id, task: toApiTask(task, []), done, total };
    }
    case 'change.created':
    case 'change.done':
      return { type: body.type, ...stamp, change: toApiChange(body.change) };
    case 'schedule.due':
    case 'files.changed':
    case 'definition.applied':
    case 'system.started':
    case 'system.recovered':
    case 'system.stopping':
      return toProjectEvent(body, stamp);
    default:
      return body satisfies never;
  }
}

function toPhaseEvent(body: Extract<RecordBody, { type: 'service.phase' }>, stamp: Stamp): ApiEvent {
  const { type, service, from, to, run, pid } = body;
  const reason = reasonOf(body.reason, body.text);
  const words = { service, from, to, ready: to === 'ready', run, reason };
  return { type, ...stamp, ...words, elapsed_ms: body.elapsedMs, pid };
}

type Stamp = Pick<ApiEvent, 'seq' | 'at' | 'actor'>;

type ProjectBody = Extract<
  RecordBody,
  { type: 'schedule.due' | 'files.changed' | 'definition.applied' | `system.${string}` }
>;

function toProjectEvent(body: ProjectBody, stamp: Stamp): ApiEvent {
  switch (body.type) {
    case 'schedule.due': {
      const { type, service, result, text } = body;
      return { type, ...stamp, service, result, text };
    }
    case 'files.changed': {
      const { type, services, files, result, text } = body;
      return { type, ...stamp, services, files, result, text };
    }
    case 'definition.applied': {
      const { type, hash, added, changed, removed } = body;
      return { type, ...stamp, hash, added, changed, removed };
    }
    case 'system.started':
      return { type: body.type, ...stamp, version: body.version, pid: body.pid, previous: body.previous };
    case 'system.recovered': {
      const { type, adopted, ended, fenced, unverified, rebuilt } = body;
      return { type, ...stamp, adopted, ended, fenced, unverified, rebuilt };
    }
    case 'system.stopping':
      return { type: body.type, ...stamp };
    default:
      return body satisfies never;
  }
}

function reasonOf(reason: Reason, text: string): ApiReason {
  return { code: reason.code, text, service: 'service' in reason ? reason.service : null };
}
