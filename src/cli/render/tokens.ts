/** The screens of `rouse token`. */
import type { ApiMadeToken, ApiToken, ApiTokenOrder } from '../../contract/api-token.ts';
import { escapeLine } from './escape.ts';
import { type TableLayout, table } from './table.ts';
import { ago } from './time.ts';
import { formatDuration } from '../../model/duration.ts';

/** The table of tokens. Units: `now` epoch ms. */
export function tokensScreen(tokens: readonly ApiToken[], layout: TableLayout & { readonly now: number }): string[] {
  const { now } = layout;
  return table(
    tokens,
    [
      { title: 'ID', cell: ({ id }) => escapeLine(id), priority: 1 },
      { title: 'NAME', cell: ({ name }) => escapeLine(name), priority: 1, shrink: 8 },
      { title: 'ROLE', cell: ({ role, logs }) => (role === 'viewer' && logs ? 'viewer, logs' : role), priority: 1 },
      { title: 'SERVICES', cell: ({ services }) => reachText(services), priority: 3, shrink: 12 },
      { title: 'ENDS', cell: (token) => endText(token, now), priority: 2 },
      {
        title: 'USED',
        cell: ({ last_used_at: at }) => (at === null ? 'never' : ago(Date.parse(at), now)),
        priority: 4,
      },
    ],
    layout,
  );
}

/** What is said, once, of a token that was made. */
export function madeScreen(made: ApiMadeToken, order: ApiTokenOrder): string[] {
  const { name, role, services = [], expires_in_ms: ends } = order;
  const reach = services.length === 0 ? '' : ` of ${reachText(services)}`;
  const end = ends === undefined ? '' : ` for ${formatDuration(ends)}`;
  return [
    made.token,
    '',
    `${escapeLine(name)} (${made.id}) is ${role}${reach}${end}. The token is not shown again: keep it where a password is kept.`,
    'use it:     ROUSE_HOST=https://HOST:PORT ROUSE_TOKEN=… rouse ps, or the header authorization: Bearer …',
    `revoke it:  rouse token revoke ${escapeLine(name)}`,
  ];
}

const reachText = (services: readonly string[]): string =>
  services.length === 0 ? 'all' : services.map(escapeLine).join(',');

function endText({ expired, expires_at: at }: ApiToken, now: number): string {
  if (expired) return 'over';
  return at === null ? 'never' : `in ${formatDuration(Date.parse(at) - now)}`;
}
