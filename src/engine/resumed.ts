/** Open changes as they stood when the daemon ended: a change is kept when it is made, and each move of a task after it. */
import type { Change, Task } from '../model/change.ts';
import type { ProjectRecord } from '../model/record.ts';

/**
 * The changes that have not ended, with the last known state of each task.
 * Shapes: `records` oldest first; those that are not `change.progress` of one of these changes are passed over.
 */
export function asTheyStood(kept: readonly Change[], records: readonly ProjectRecord[]): readonly Change[] {
  const open = kept.filter((change) => change.endedAt === null);
  const ids = new Set(open.map((change) => change.id));
  const tasks = new Map<string, Task>();
  for (const { body } of records)
    if (body.type === 'change.progress' && ids.has(body.id)) tasks.set(body.task.id, body.task);
  return open.map((change) => ({ ...change, tasks: change.tasks.map((task) => tasks.get(task.id) ?? task) }));
}
