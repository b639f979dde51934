/** The screens of `rouse changes` and `rouse changes ID`. */
import type { ApiChange, ApiTask } from '../../contract/api-change.ts';
import { escapeLine } from './escape.ts';
import { type Style, mark, paint } from './style.ts';
import { type TableLayout, table } from './table.ts';
import { ago, took } from './time.ts';

/** How the table is drawn. Units: `now` epoch ms. */
export interface ChangesLayout extends TableLayout {
  readonly now: number;
}

/** The table of operations, newest first. */
export function changesScreen(changes: readonly ApiChange[], layout: ChangesLayout): string[] {
  const { style, width, now } = layout;
  return table(
    changes,
    [
      { title: 'ID', cell: ({ id }) => escapeLine(id), priority: 1 },
      {
        title: 'WHEN',
        cell: ({ created_at: at }) => (width === null ? at : ago(Date.parse(at), now)),
        priority: 3,
      },
      { title: 'WHO', cell: ({ by }) => escapeLine(`${by.user} (${by.via})`), priority: 4, shrink: 12 },
      { title: 'WHAT', cell: ({ summary }) => escapeLine(summary), priority: 1, shrink: 12 },
      { title: 'STATE', cell: (change) => stateText(change, style), priority: 1, shrink: 12 },
      { title: 'TOOK', cell: (change) => took(tookMs(change.created_at, change.ended_at, now)), priority: 5 },
    ],
    layout,
  );
}

/** One operation with its tasks. */
export function changeScreen(change: ApiChange, layout: ChangesLayout): string[] {
  const { now, style } = layout;
  const tasks = table(
    change.tasks,
    [
      { title: 'TASK', cell: ({ id }) => escapeLine(id), priority: 4 },
      { title: 'SERVICE', cell: ({ service }) => escapeLine(service), priority: 1, shrink: 12 },
      { title: 'DOES', cell: ({ kind }) => kind, priority: 3 },
      { title: 'STATE', cell: ({ state }) => paint(style, taskRole(state), state), priority: 1 },
      { title: 'TOOK', cell: (task) => taskTook(task, now), priority: 5 },
      { title: 'WHY', cell: taskRemark, priority: 2, shrink: 12 },
    ],
    layout,
  );
  return [
    `change ${escapeLine(change.id)}: ${escapeLine(change.summary)}`,
    `${stateText(change, style)}, by ${escapeLine(`${change.by.user} (${change.by.via})`)}, ${layout.width === null ? change.created_at : ago(Date.parse(change.created_at), now)}, took ${took(tookMs(change.created_at, change.ended_at, now))}`,
    ...(tasks.length > 1 ? ['', ...tasks] : []),
  ];
}

function stateText(change: ApiChange, style: Style): string {
  const { done, total } = change.progress;
  switch (change.state) {
    case 'running':
    case 'aborting':
      return `${change.state} ${bar(done, total, style)} ${done}/${total}`;
    case 'failed':
      return paint(style, 'error', change.error === null ? 'failed' : `failed: ${escapeLine(change.error)}`);
    case 'done':
    case 'aborted':
      return change.state;
    default:
      return change.state satisfies never;
  }
}

/** A bar of six. */
function bar(done: number, total: number, style: Style): string {
  const filled = total === 0 ? 6 : Math.floor((6 * done) / total);
  return mark(style, 'full').repeat(filled) + mark(style, 'empty').repeat(6 - filled);
}

const tookMs = (from: string, to: string | null, now: number): number =>
  (to === null ? now : Date.parse(to)) - Date.parse(from);

function taskTook(task: ApiTask, now: number): string {
  return task.started_at === null ? '-' : took(tookMs(task.started_at, task.ended_at, now));
}

function taskRemark(task: ApiTask): string {
  if (task.waiting_for.length > 0) return `for ${task.waiting_for.map(escapeLine).join(', ')}`;
  const root = task.root === null || task.root === task.service ? '' : ` (because of ${escapeLine(task.root)})`;
  return task.error === null ? '' : `${escapeLine(task.error)}${root}`;
}

function taskRole(state: ApiTask['state']): 'ok' | 'error' | 'progress' | 'plain' {
  if (state === 'done') return 'ok';
  if (state === 'failed') return 'error';
  return state === 'doing' ? 'progress' : 'plain';
}
