/** The guide's `manager_enabled = false`: reading goes on, changing is refused. */
import { RouseError } from '../model/errors.ts';
import type { ServiceName, Settings } from '../model/spec.ts';

/** Refuses what would change something while orchestration is switched off, with the place that says so. Errors: RSE4006. */
export function refuseDisabled(
  { orchestration, orchestrationOrigin: origin }: Settings,
  action: string,
  services: readonly ServiceName[],
): void {
  if (orchestration !== 'disabled') return;
  const place = origin === null ? 'the definition' : `${origin.file}:${origin.line}`;
  throw new RouseError('RSE4006', `cannot ${wordsOf(action, services)}: orchestration is switched off in ${place}`, {
    origin,
    hint: 'set manager_enabled = true under [orchestrator.services]',
  });
}

/** What an order would do, for `cannot …`. */
function wordsOf(action: string, services: readonly ServiceName[]): string {
  if (action === 'up' || action === 'down') return `bring services ${action}`;
  return `${action} ${services.length === 0 ? 'everything' : services.map((name) => `"${name}"`).join(', ')}`;
}
