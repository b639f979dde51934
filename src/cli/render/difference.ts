/** What a definition changes, service by service and key by key: the screen of `reload` and `diff`. */
import type { ApiDifference, ApiFieldChange } from '../../contract/api-reload.ts';
import { formatDuration } from '../../model/duration.ts';
import type { Origin } from '../../model/spec.ts';
import { escapeLine } from './escape.ts';
import { type Style, mark, paint } from './style.ts';
import { pad, widthOf } from './width.ts';

/** How the differences are shown. `placeOf`: where a key of a service was written, or null. */
export interface DifferenceView {
  readonly style: Style;
  /** Why a service is there no more: the file has lost it, or a number was lowered. */
  readonly gone: 'gone from the file' | 'one too many';
  readonly placeOf: (service: string, field: string) => Origin | null;
  /** A path as it is shown. */
  readonly shortPath: (path: string) => string;
}

type Action = ApiDifference['action'];

const SIGNS: Readonly<Record<Action, string>> = { add: '+', remove: '-', live: '~', restart: '!', none: '=' };
const ROLES = { add: 'ok', remove: 'warn', live: 'progress', restart: 'warn', none: 'faint' } as const satisfies Record<
  Action,
  string
>;

/** The longest text of a value that is shown. */
const MAX_VALUE = 60;

/** A line for each service that differs, the keys that do below it, and what it comes to. */
export function differenceLines(services: readonly ApiDifference[], view: DifferenceView): string[] {
  const changed = services.filter(({ action }) => action !== 'none');
  const width = Math.max(0, ...changed.map(({ name }) => widthOf(escapeLine(name))));
  const lines = changed.flatMap((service) => {
    const sign = paint(view.style, ROLES[service.action], SIGNS[service.action]);
    const head = `${sign} ${pad(escapeLine(service.name), width)}  ${wordsOf(service, view.gone)}`.trimEnd();
    return [head, ...service.fields.map((field) => fieldLine(service.name, field, view))];
  });
  return [...lines, sumOf(services)];
}

function wordsOf({ action, runs, starts, fields }: ApiDifference, gone: DifferenceView['gone']): string {
  switch (action) {
    case 'add':
      return starts ? 'new, is started' : 'new';
    case 'remove':
      return runs ? `${gone}, is stopped` : gone;
    case 'restart':
      if (!runs) return 'changed, is started again';
      return fields.length === 0 ? 'changed since it was started, is restarted' : 'changed, is restarted';
    case 'live':
      return runs ? 'changed, holds at once' : 'changed, holds from its next start on';
    case 'none':
      return 'unchanged';
    default:
      return action satisfies never;
  }
}

function fieldLine(service: string, { field, from, to, effect }: ApiFieldChange, view: DifferenceView): string {
  const { style, placeOf, shortPath } = view;
  const origin = to === null ? null : placeOf(service, field);
  const place =
    origin === null
      ? ''
      : `  ${paint(style, 'faint', `${escapeLine(shortPath(origin.file))}:${origin.line}:${origin.column}`)}`;
  const restart = effect === 'restart' ? '' : ` ${paint(style, 'faint', '(at once)')}`;
  return `    ${escapeLine(field)}  ${valueOf(from)} ${mark(style, 'arrow')} ${valueOf(to)}${restart}${place}`;
}

function valueOf(value: unknown): string {
  if (value === null || value === undefined) return 'none';
  if (typeof value === 'string' && /^\d+ms$/.test(value))
    return formatDuration(Number.parseInt(value, 10)).replaceAll(' ', '');
  const text = escapeLine(typeof value === 'string' ? value : JSON.stringify(value));
  return text.length > MAX_VALUE ? `${text.slice(0, MAX_VALUE - 1)}…` : text === '' ? '""' : text;
}

/** `3 services: 1 new, 1 restarts, 1 unchanged`. */
function sumOf(services: readonly ApiDifference[]): string {
  const words: readonly (readonly [Action, string])[] = [
    ['add', 'new'],
    ['remove', 'gone'],
    ['restart', 'to restart'],
    ['live', 'changed at once'],
    ['none', 'unchanged'],
  ];
  const counts = words
    .map(([action, word]) => ({ word, count: services.filter((service) => service.action === action).length }))
    .filter(({ count }) => count > 0)
    .map(({ word, count }) => `${count} ${word}`);
  const total = `${services.length} ${services.length === 1 ? 'service' : 'services'}`;
  return `${total}: ${counts.join(', ')}`;
}
