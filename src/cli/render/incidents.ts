/** What has gone wrong and is not over, in a line each. */
import type { ApiIncident } from '../../contract/api-incident.ts';
import { escapeLine } from './escape.ts';
import { list } from './outcome.ts';
import { type Style, paint } from './style.ts';
import { ago } from './time.ts';

/** The most lines that incidents take below a table. */
const SHOWN = 3;

/** `incident (34s ago): exit 1; affects api, web`: of a service that stands above it. Units: epoch ms. */
export function incidentText({ reason, opened_at: openedAt, affected }: ApiIncident, now: number): string {
  const whom = affected.length === 0 ? '' : `; affects ${affected.map(escapeLine).join(', ')}`;
  return `incident (${ago(Date.parse(openedAt), now)}): ${escapeLine(reason.text)}${whom}`;
}

/**
 * `1 incident: db (exit 1) affects api and web: rouse explain db`, a line for each of the oldest. Shapes: only those that
 * are about one of the services shown, at the root or affected; may be empty.
 */
export function incidentLines(incidents: readonly ApiIncident[], shown: readonly string[], style: Style): string[] {
  const meant = incidents.filter(({ service, affected }) =>
    [service, ...affected].some((name) => shown.includes(name)),
  );
  const count = `${meant.length} ${meant.length === 1 ? 'incident' : 'incidents'}: `;
  return meant.slice(0, SHOWN).map(({ service, reason, affected }, at) => {
    const head = at === 0 ? paint(style, 'error', count) : ' '.repeat(count.length);
    const whom = affected.length === 0 ? '' : ` affects ${list(affected)}`;
    return `${head}${escapeLine(service)} (${escapeLine(reason.text)})${whom}: rouse explain ${escapeLine(service)}`;
  });
}
