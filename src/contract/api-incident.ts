/** What has gone wrong and is not over. */
import { z } from 'zod';
import type { Incident } from '../model/incident.ts';
import { apiReason } from './api-service.ts';
import { names, time } from './envelope.ts';
import { timeOf } from './time.ts';

/** An open incident: `service` is the root, `affected` suffer from it, nearest first. */
export const apiIncident = z
  .object({ service: z.string(), reason: apiReason, opened_at: time, affected: names })
  .meta({ id: 'Incident' });

/** An open incident. */
export type ApiIncident = Readonly<z.infer<typeof apiIncident>>;

/** The model's incident in the words of the API. */
export function toApiIncident({ service, reason, text, openedAt, services }: Incident): ApiIncident {
  const about = 'service' in reason ? reason.service : null;
  return {
    service,
    reason: { code: reason.code, text, service: about },
    opened_at: timeOf(openedAt),
    affected: services,
  };
}
