/** An operation with its tasks, and the orders that make one. */
import { z } from 'zod';
import type { Action, Actor, Change, Task } from '../model/change.ts';
import type { ChangeRequest } from '../model/request.ts';
import { names, time } from './envelope.ts';
import { timeOf, timeOrNull } from './time.ts';

/** Who asked, and through which face. */
export const apiActor = z
  .object({ user: z.string(), via: z.enum(['cli', 'api', 'library', 'policy', 'rouse']) })
  .meta({ id: 'Actor' });

/** What may be asked for. */
const apiAction = z.enum(['up', 'down', 'start', 'stop', 'restart', 'run']).meta({ id: 'Action' });

/** One service doing one step. `log`: its last lines, filled for failed starts where one change is asked for. */
export const apiTask = z
  .object({
    id: z.string(),
    service: z.string(),
    kind: z.enum(['start', 'stop', 'restart']),
    state: z.enum(['waiting', 'doing', 'done', 'failed', 'skipped', 'canceled']),
    waiting_for: names,
    started_at: time.nullable(),
    ended_at: time.nullable(),
    error: z.string().nullable(),
    root: z.string().nullable(),
    log: z.array(z.string()).readonly(),
  })
  .meta({ id: 'Task' });

/** An operation. `progress` counts tasks that have ended, in whichever way. */
export const apiChange = z
  .object({
    id: z.string(),
    action: apiAction,
    services: names,
    state: z.enum(['running', 'done', 'failed', 'aborting', 'aborted']),
    summary: z.string(),
    by: apiActor,
    created_at: time,
    ended_at: time.nullable(),
    progress: z.object({ done: z.number().int(), total: z.number().int() }),
    tasks: z.array(apiTask).readonly(),
    error: z.string().nullable(),
  })
  .meta({ id: 'Change' });

/** How far an order reaches; what is left out takes the action's own rule. */
export const changeOptions = z
  .strictObject({
    dependencies: z.enum(['closure', 'alone', 'settings']).optional(),
    dependents: z.enum(['refuse', 'include', 'leave']).optional(),
    completed: z.enum(['keep', 'again']).optional(),
    grace: z.enum(['rule', 'none']).optional(),
    on_conflict: z.enum(['replace', 'refuse']).optional(),
  })
  .meta({ id: 'ChangeOptions' });

/** The body of `POST /changes`. */
export const changeOrder = z
  .strictObject({
    action: apiAction,
    services: z.array(z.string().max(70)).max(10_000).readonly().optional(),
    options: changeOptions.optional(),
    dry_run: z.boolean().optional(),
  })
  .meta({ id: 'ChangeOrder' });

/** The body of `POST /services/{name}/start` and its like: the options and `dry_run`, all optional. */
export const serviceOrder = z
  .strictObject({ ...changeOptions.shape, dry_run: z.boolean().optional() })
  .meta({ id: 'ServiceOrder' });

/** The body of `POST /plan`. */
export const planOrder = changeOrder.omit({ dry_run: true }).meta({ id: 'PlanOrder' });

/** An operation. */
export type ApiChange = Readonly<z.infer<typeof apiChange>>;

/** One service's part in an operation. */
export type ApiTask = Readonly<z.infer<typeof apiTask>>;

/** What to do, to whom, how far. */
export type ChangeOrder = Readonly<z.infer<typeof changeOrder>>;

/** How far an order reaches. */
export type ChangeOptions = Readonly<z.infer<typeof changeOptions>>;

/** Who asked. */
export type ApiActor = Readonly<z.infer<typeof apiActor>>;

type Defaults = Pick<ChangeRequest, 'dependencies' | 'dependents' | 'completed'>;

// What an action means when nothing else is said. `start` follows the definition's own setting; `stop` is the one
// that is refused, since `down` names everything by itself and `restart` leaves dependents to the rule of their edge.
const DEFAULTS: Readonly<Record<Action, Defaults>> = {
  up: { dependencies: 'closure', dependents: 'leave', completed: 'keep' },
  start: { dependencies: 'settings', dependents: 'leave', completed: 'keep' },
  run: { dependencies: 'settings', dependents: 'leave', completed: 'again' },
  restart: { dependencies: 'settings', dependents: 'leave', completed: 'again' },
  stop: { dependencies: 'alone', dependents: 'refuse', completed: 'keep' },
  down: { dependencies: 'alone', dependents: 'include', completed: 'keep' },
};

/** The order in the model's words, with the action's own rule for what it leaves out. */
export function toChangeRequest(order: Omit<ChangeOrder, 'dry_run'>, by: Actor): ChangeRequest {
  const { action, services = [], options = {} } = order;
  const rule = DEFAULTS[action];
  return {
    action,
    services,
    dependencies: options.dependencies ?? rule.dependencies,
    dependents: options.dependents ?? rule.dependents,
    completed: options.completed ?? rule.completed,
    ...(options.grace === undefined ? {} : { grace: options.grace }),
    ...(options.on_conflict === undefined ? {} : { onConflict: options.on_conflict }),
    by,
  };
}

/** The model's actor in the words of the API. */
export function toApiActor(actor: Actor): ApiActor {
  return { user: actor.name, via: actor.via };
}

/** The model's change in the words of the API. `lastLines` fills the `log` of each task; none by default. */
export function toApiChange(change: Change, lastLines: (task: Task) => readonly string[] = () => []): ApiChange {
  const ended = change.tasks.filter(({ state }) => state !== 'waiting' && state !== 'doing');
  return {
    id: change.id,
    action: change.action,
    services: change.services,
    state: change.state,
    summary: change.summary,
    by: toApiActor(change.by),
    created_at: timeOf(change.createdAt),
    ended_at: timeOrNull(change.endedAt),
    progress: { done: ended.length, total: change.tasks.length },
    tasks: change.tasks.map((task) => toApiTask(task, lastLines(task))),
    error: change.error,
  };
}

/** The model's task in the words of the API, with the last lines of its service. */
export function toApiTask(task: Task, log: readonly string[]): ApiTask {
  return {
    id: task.id,
    service: task.service,
    kind: task.kind,
    state: task.state,
    waiting_for: task.waitingFor,
    started_at: timeOrNull(task.startedAt),
    ended_at: timeOrNull(task.endedAt),
    error: task.error,
    root: task.root,
    log,
  };
}
