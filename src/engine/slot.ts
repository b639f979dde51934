/** One task of a change as its book keeps it. */
import type { System } from '../core/system.ts';
import { find } from '../core/system.ts';
import type { Case } from '../core/verdict.ts';
import type { Task, TaskState } from '../model/change.ts';
import { desiredOf, isLive } from '../model/service.ts';
import type { ServiceName } from '../model/spec.ts';

/** A task with what it is judged by. Times are epoch ms. */
export interface Slot {
  readonly case: Case;
  readonly id: string;
  state: TaskState;
  startedAt: number | null;
  endedAt: number | null;
  error: string | null;
  root: ServiceName | null;
}

/** That a restart is due is not kept with the service: who asked for it says so once more. */
export function isStillToReplace(system: System, { kind, service: name, sinceRun }: Case): boolean {
  const service = find(system, name);
  if (kind !== 'restart' || service === undefined) return false;
  return service.run === sinceRun && isLive(service.phase) && desiredOf(service) === 'up';
}

/** A task as it was kept; one that was kept without its run is judged as if it had none. */
export function slotOf(task: Task): Slot {
  const { id, service, kind, sinceRun, state, startedAt, endedAt, error, root } = task;
  return { id, case: { service, kind, sinceRun }, state, startedAt, endedAt, error, root };
}
