/** The table of `rouse ps`. */
import type { ApiIncident } from '../../contract/api-incident.ts';
import type { ApiService } from '../../contract/api-service.ts';
import type { StateWord } from '../../model/view.ts';
import { escapeLine } from './escape.ts';
import { incidentLines } from './incidents.ts';
import { type Style, stateWords } from './style.ts';
import { type Column, table } from './table.ts';
import { age, took } from './time.ts';
import { healthText, remark, stateCell } from './words.ts';

/** How the table is drawn. `width` null: a pipe, where times are RFC 3339 and nothing is cut. Units: epoch ms. */
export interface PsLayout {
  readonly style: Style;
  readonly width: number | null;
  readonly now: number;
  readonly columns: 'usual' | 'wide';
  /** What is open in the project; shown below the sum. */
  readonly incidents?: readonly ApiIncident[];
}

/** The lines of `ps`: header, a line a service in the order given and, on a terminal, a sum and what is wrong. */
export function psScreen(services: readonly ApiService[], layout: PsLayout): string[] {
  const lines = table(services, columnsOf(services, layout), layout);
  if (layout.width === null) return lines;
  const names = services.map(({ name }) => name);
  return [...lines, summary(services), ...incidentLines(layout.incidents ?? [], names, layout.style)];
}

function columnsOf(services: readonly ApiService[], layout: PsLayout): readonly Column<ApiService>[] {
  const { style, width, now } = layout;
  const usual: readonly Column<ApiService>[] = [
    { title: 'SERVICE', cell: ({ name }) => escapeLine(name), priority: 1, shrink: 12 },
    { title: 'STATE', cell: (service) => stateCell(style, service), priority: 1 },
    { title: 'HEALTH', cell: healthText, priority: 3, shrink: 8 },
    width === null
      ? { title: 'SINCE', cell: ({ since }) => since, priority: 4 }
      : { title: 'UP', cell: upText, priority: 4 },
    { title: 'RESTARTS', cell: ({ restarts }) => String(restarts), priority: 5 },
  ];
  const wide: readonly Column<ApiService>[] = [
    { title: 'KIND', cell: ({ kind, shell }) => (shell ? `${kind},shell` : kind), priority: 8 },
    { title: 'PID', cell: ({ pid }) => (pid === null ? '-' : String(pid)), priority: 6 },
    {
      title: 'DEPENDS ON',
      cell: ({ depends_on: names }) => names.map(escapeLine).join(',') || '-',
      priority: 7,
      shrink: 12,
    },
  ];
  const where: Column<ApiService> = {
    title: 'WHERE',
    cell: (service) => remark(service, services, style, width === null ? null : now),
    priority: 2,
    shrink: 16,
  };
  return layout.columns === 'wide' ? [...usual, ...wide, where] : [...usual, where];
}

function upText(service: ApiService): string {
  if (service.state === 'done') return service.last_start_ms === null ? '-' : took(service.last_start_ms);
  return service.uptime_ms === null ? '-' : age(service.uptime_ms);
}

/** `4 services: 2 ready, 1 done, 1 unhealthy (rouse explain web)`. */
export function summary(services: readonly ApiService[]): string {
  const counts = stateWords
    .toSorted((left, right) => rank(left) - rank(right))
    .map((word) => ({ word, count: services.filter(({ state }) => state === word).length }))
    .filter(({ count }) => count > 0)
    .map(({ word, count }) => `${count} ${word}`);
  const trouble = TROUBLE.map((word) => services.find(({ state }) => state === word)).find(
    (found) => found !== undefined,
  );
  const hint = trouble === undefined ? '' : ` (rouse explain ${escapeLine(trouble.name)})`;
  const total = `${services.length} ${services.length === 1 ? 'service' : 'services'}`;
  return counts.length === 0 ? total : `${total}: ${counts.join(', ')}${hint}`;
}

const TROUBLE: readonly StateWord[] = ['failed', 'unhealthy', 'retry', 'blocked', 'unknown'];
const ORDER: readonly StateWord[] = ['ready', 'done', 'starting', 'waiting', 'stopping', 'stopped', 'off'];
const rank = (word: StateWord): number => (ORDER.includes(word) ? ORDER.indexOf(word) : ORDER.length);
