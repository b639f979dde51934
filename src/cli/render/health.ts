/** The screens of `rouse health` and `rouse checks`. */
import type { ApiCheck } from '../../contract/api-check.ts';
import type { ApiHealthReport } from '../../contract/api-health.ts';
import { escapeLine } from './escape.ts';
import { type Style, glyph, paint } from './style.ts';
import { type TableLayout, table } from './table.ts';
import { ago } from './time.ts';

/** `● web is healthy: 200 OK in 4ms`. */
export function healthLine(report: ApiHealthReport, style: Style): string {
  const word = report.healthy === null ? 'unknown' : report.healthy ? 'ready' : 'unhealthy';
  const verdict = report.healthy === null ? 'was not checked yet' : report.healthy ? 'is healthy' : 'is not healthy';
  const message = report.message === '' ? '' : `: ${escapeLine(report.message)}`;
  // The evidence of most checks says already how long it took.
  const isTimed = report.latency_ms === null || / ms\b/.test(report.message);
  const latency = isTimed ? '' : ` in ${Math.max(1, Math.round(report.latency_ms))}ms`;
  return `${glyph(style, word)} ${escapeLine(report.name)} ${verdict}${message}${latency}`;
}

/** A line a check: what is asked, how often, the last answers, the last word. Units: `now` epoch ms. */
export function checksScreen(checks: readonly ApiCheck[], layout: TableLayout & { readonly now: number }): string[] {
  const { style, width, now } = layout;
  return table(
    checks,
    [
      { title: 'SERVICE', cell: ({ service }) => escapeLine(service), priority: 1, shrink: 12 },
      { title: 'CHECK', cell: ({ target }) => escapeLine(target), priority: 2, shrink: 12 },
      { title: 'FOR', cell: ({ question }) => escapeLine(question), priority: 6 },
      { title: 'EVERY', cell: ({ interval_ms: ms }) => `${ms / 1000}s`, priority: 5 },
      { title: 'LAST 10', cell: (check) => pulse(check, style), priority: 3 },
      { title: 'LATENCY', cell: latency, priority: 4, side: 'start' },
      {
        title: 'WHEN',
        cell: ({ results }) => {
          const at = results.at(-1)?.at;
          return at === undefined ? '-' : width === null ? escapeLine(at) : ago(Date.parse(at), now);
        },
        priority: 4,
      },
      {
        title: 'LAST ANSWER',
        cell: ({ results }) => escapeLine(results.at(-1)?.message ?? '-'),
        priority: 1,
        shrink: 12,
      },
    ],
    layout,
  );
}

/** The last ten answers as signs, newest at the right. */
function pulse({ results }: ApiCheck, style: Style): string {
  const signs = results
    .slice(-10)
    .map(({ answer }) => (answer === 'pass' ? paint(style, 'ok', '+') : paint(style, 'error', 'x')));
  return signs.length === 0 ? '-' : signs.join('');
}

function latency({ results }: ApiCheck): string {
  const last = results.at(-1);
  return last === undefined ? '-' : `${Math.max(1, Math.round(last.latency_ms))}ms`;
}
