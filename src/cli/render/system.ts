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
    ['history', system.state_directory],
    ['PATH', system.path],
  ];
  return rows.map(([key, value]) => `${key.padEnd(8)} ${escapeLine(value)}`);
}
