/** What one may wait for, by command line and library alike. */
import type { ApiService } from './api-service.ts';

/** The state that is waited for. */
export type Aim = 'ready' | 'started' | 'completed' | 'stopped' | 'healthy';

/** Whether a service is where it is waited for. */
export function isAt(service: ApiService, aim: Aim): boolean {
  switch (aim) {
    case 'ready':
      return service.ready || service.phase === 'completed';
    case 'started':
      return (
        service.phase === 'completed' || (service.started_at !== null && ['starting', 'ready'].includes(service.phase))
      );
    case 'completed':
      return service.phase === 'completed';
    case 'stopped':
      return ['stopped', 'failed', 'completed'].includes(service.phase);
    case 'healthy':
      return service.health.healthy === true;
    default:
      return aim satisfies never;
  }
}
