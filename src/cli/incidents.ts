/** What is wrong in the project, asked for only where somebody reads it and something can be. */
import type { ApiIncident } from '../contract/api-incident.ts';
import type { ApiService } from '../contract/api-service.ts';
import type { Connection } from './connection.ts';
import type { Session } from './session.ts';

/** Open incidents, oldest first; none for programs, and none where every service is well. */
export async function openIncidents(
  session: Session,
  { client }: Connection,
  services: readonly ApiService[],
): Promise<readonly ApiIncident[]> {
  const isRead = session.flags.json === null && session.out.stream === 'terminal';
  return isRead && services.some(isTroubled) ? client.plans.incidents() : [];
}

function isTroubled({ state, degraded_by: degradedBy }: ApiService): boolean {
  return !['ready', 'done', 'stopped', 'off', 'stopping'].includes(state) || degradedBy.length > 0;
}
