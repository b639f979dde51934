/** The screen of `rouse daemon status`. */
import type { ApiSystem } from '../../contract/api-system.ts';
import { escapeLine } from './escape.ts';
import { ago } from './time.ts';

/** The lines of a daemon. Units: `now` epoch ms. */
export function systemScreen(system: ApiSystem, now: number): string[] {
  const rows: readonly (readonly [string, string])[] = [
    ['project', `${system.project} (${system.services} ${system.services === 1 ? 'service' : 'services'})`],
    ['state', `${system.state}${system.leases === 0 ? '' : `, ${system.leases} attached`}`],
    ['process', `pid ${system.pid}, version ${system.version}, by ${system.started_by}`],
    ['started', `${system.started_at} (${ago(Date.parse(system.started_at), now)})`],
    ['files', system.files.join(', ')],
    ['changes', system.orchestration === 'enabled' ? 'allowed' : 'refused: manager_enabled = false'],
    ['socket', system.socket],
    ...listenerRows(system),
    ['history', system.state_directory],
    ['audit', auditText(system.audit)],
    ...(system.runs_as_root.length === 0 ? [] : [['as root', system.runs_as_root.join(', ')] as const]),
    ['PATH', system.path],
  ];
  return rows.map(([key, value]) => `${key.padEnd(8)} ${escapeLine(value)}`);
}

// The first is the socket that stands above already.
function listenerRows({ listeners, tokens, socket }: ApiSystem): (readonly [string, string])[] {
  const others = listeners.filter(({ address }) => address !== socket);
  if (others.length === 0) return [];
  const words = others.map(({ address, kind, role, tls }) =>
    kind === 'unix' ? `${address} (${role ?? 'by token'})` : `${tls ? 'https' : 'http'}://${address}`,
  );
  const isShut = tokens === 0 && others.some(({ kind }) => kind === 'tcp');
  const known = isShut ? 'none yet: rouse token new NAME --role admin' : String(tokens);
  return [
    ['listens', words.join(', ')],
    ['tokens', known],
  ];
}

function auditText({ state, why, head }: ApiSystem['audit']): string {
  const until = head === null || head.seq < 0 ? '' : `, ${head.seq + 1} records`;
  return state === 'none' ? 'not kept' : `${state}${why === null ? until : `: ${why}`}`;
}
