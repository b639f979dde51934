/** Events as lines: for `rouse events` and for the plain progress of `rouse up`. Same facts, one event a line. */
import type { ApiEvent } from '../../contract/api-event.ts';
import { escapeLine } from './escape.ts';
import { type Style, paint, stateRole } from './style.ts';
import { phaseWord } from './explain.ts';
import { preciseTimeOfDay, took } from './time.ts';
import { pad } from './width.ts';

/** How lines are laid out. `times`: the local time of day for people, RFC 3339 in UTC for programs. */
export interface EventLayout {
  readonly style: Style;
  readonly times: 'local' | 'utc';
  /** Columns of the name; the longest name known. */
  readonly nameWidth: number;
}

/** The three parts of a line: whom it is about (`-` for the project), what happened, and more on it. */
export interface EventWords {
  readonly subject: string;
  readonly happened: string;
  readonly detail: string;
}

/**
 * Whether people are told of an event: not of a verdict that is not known yet, and not of a restart, of which the retry
 * before it tells.
 */
export function isTold(event: ApiEvent): boolean {
  return event.type === 'service.health' ? event.to !== 'unknown' : event.type !== 'service.restart';
}

/** An event as a line. */
export function eventLine(event: ApiEvent, layout: EventLayout): string {
  const { subject, happened, detail } = eventWords(event);
  return line({ at: event.at, subject, happened, detail }, layout);
}

/** A line of progress that is no event of the daemon, in the same columns. */
export function line(words: EventWords & { readonly at: string }, layout: EventLayout): string {
  const time = layout.times === 'utc' ? words.at : preciseTimeOfDay(Date.parse(words.at));
  const isVerdict = words.happened === 'healthy' || words.happened === 'unhealthy';
  const parts = [
    escapeLine(time),
    pad(escapeLine(words.subject), layout.nameWidth),
    pad(isVerdict && words.detail !== '' ? `${words.happened}:` : escapeLine(words.happened), 9),
    escapeLine(words.detail),
  ];
  const role = words.happened === 'failed' || words.happened === 'unhealthy' ? stateRole(words.happened) : 'plain';
  return paint(layout.style, role, parts.join('  ').trimEnd());
}

/** What an event says, in words. Shapes: not escaped. */
export function eventWords(event: ApiEvent): EventWords {
  switch (event.type) {
    case 'service.phase':
      return { subject: event.service, happened: phaseWord(event.to), detail: phaseDetail(event) };
    case 'service.health':
      return { subject: event.service, happened: event.to, detail: event.message ?? '' };
    case 'service.exit':
      return { subject: event.service, happened: 'exited', detail: exitDetail(event) };
    case 'service.restart':
      return {
        subject: event.service,
        happened: 'restart',
        detail: `run ${event.run + 1} in ${took(event.delay_ms)} (restart ${event.restarts})`,
      };
    case 'service.hook':
      return { subject: event.service, happened: 'hook', detail: `${event.hook} failed: ${event.message}` };
    case 'service.signalled':
      return {
        subject: event.service,
        happened: 'signal',
        detail: `${event.signal} to ${event.scope === 'main' ? 'its main process' : 'all of it'}`,
      };
    case 'service.pinned':
      return { subject: event.service, happened: 'pinned', detail: event.pin === 'none' ? 'no more' : event.pin };
    case 'incident.opened':
      return { subject: event.service, happened: 'incident', detail: incidentDetail(event) };
    case 'incident.closed':
      return { subject: event.service, happened: 'incident', detail: closedDetail(event) };
    case 'schedule.due':
      return { subject: event.service, happened: 'schedule', detail: `${event.result}: ${event.text}` };
    case 'files.changed':
      return { subject: event.services.join(',') || '-', happened: 'files', detail: `${event.text}: ${event.result}` };
    case 'change.created':
      return { subject: '-', happened: 'change', detail: `${event.change.id}: ${event.change.summary}` };
    case 'change.progress':
      return { subject: event.task.service, happened: 'task', detail: progressDetail(event) };
    case 'change.done':
      return { subject: '-', happened: event.change.state, detail: changeDetail(event.change) };
    case 'definition.applied':
      return { subject: '-', happened: 'defined', detail: appliedDetail(event) };
    case 'system.started':
      return { subject: '-', happened: 'daemon', detail: startedDetail(event) };
    case 'system.recovered':
      return { subject: '-', happened: 'daemon', detail: recoveredDetail(event) };
    case 'system.stopping':
      return { subject: '-', happened: 'daemon', detail: 'stopping' };
    default:
      return event satisfies never;
  }
}

type Phased = Extract<ApiEvent, { type: 'service.phase' }>;

/** What needs not be said of a start. */
const PLAIN: readonly string[] = ['asked for', 'needed by a dependent'];

function phaseDetail(event: Phased): string {
  const isUp = event.to === 'ready' || event.to === 'completed';
  if (event.from === 'unknown' && event.to === 'ready') return 'taken over';
  if (isUp && (event.from === 'starting' || event.from === 'unknown')) return took(event.elapsed_ms);
  const isPlain = event.to === 'starting' && PLAIN.includes(event.reason.text);
  return isPlain ? '' : event.reason.text;
}

function startedDetail({ version, pid, previous }: Extract<ApiEvent, { type: 'system.started' }>): string {
  return `started, version ${version}, pid ${pid}${previous === 'killed' ? '; the one before was killed' : ''}`;
}

function recoveredDetail(event: Extract<ApiEvent, { type: 'system.recovered' }>): string {
  const { adopted, ended, fenced, unverified, rebuilt } = event;
  const parts = [
    `${adopted} taken over`,
    ended > 0 ? `${ended} ended meanwhile` : '',
    fenced > 0 ? `${fenced} never begun` : '',
    unverified > 0 ? `${unverified} not verified` : '',
    rebuilt.length > 0 ? `not in the store: ${rebuilt.join(', ')}` : '',
  ];
  return parts.filter((part) => part !== '').join(', ');
}

function incidentDetail({ reason, services }: Extract<ApiEvent, { type: 'incident.opened' }>): string {
  return services.length === 0 ? reason.text : `${reason.text}; affects ${services.join(', ')}`;
}

function closedDetail({ end, elapsed_ms, services }: Extract<ApiEvent, { type: 'incident.closed' }>): string {
  const words = end === 'mended' ? 'over' : 'over, put to rest';
  const whom = services.length === 0 ? '' : `; had affected ${services.join(', ')}`;
  return `${words} after ${took(elapsed_ms)}${whom}`;
}

function exitDetail(event: Extract<ApiEvent, { type: 'service.exit' }>): string {
  const ending = event.signal ?? (event.exit_code === null ? 'ending not observed' : `exit ${event.exit_code}`);
  return `${ending} (run ${event.run})`;
}

function progressDetail({ id, task, done, total }: Extract<ApiEvent, { type: 'change.progress' }>): string {
  return `${id}: ${task.kind} ${task.state} (${done} of ${total})${task.error === null ? '' : `: ${task.error}`}`;
}

function changeDetail(change: Extract<ApiEvent, { type: 'change.done' }>['change']): string {
  return `${change.id}: ${change.summary}${change.error === null ? '' : `: ${change.error}`}`;
}

function appliedDetail({ added, changed, removed }: Extract<ApiEvent, { type: 'definition.applied' }>): string {
  const parts = [
    added.length > 0 ? `added ${added.join(', ')}` : '',
    changed.length > 0 ? `changed ${changed.join(', ')}` : '',
    removed.length > 0 ? `removed ${removed.join(', ')}` : '',
  ].filter((part) => part !== '');
  return parts.length === 0 ? 'nothing new' : parts.join('; ');
}
