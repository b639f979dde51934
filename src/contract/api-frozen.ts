/** The two answers that never change: exactly the guide's members, in the guide's order, nothing added ever. */
import { z } from 'zod';
import type { Command, Spec } from '../model/spec.ts';
import { apiStatus } from './api-service.ts';

/** A service as `GET /services/list` shows it. */
export const frozenService = z
  .object({
    name: z.string(),
    description: z.string().nullable(),
    dependencies: z.array(z.string()).readonly(),
    start_command: z.string().nullable(),
    stop_command: z.string().nullable(),
    health_check_endpoint: z.string().nullable(),
  })
  .meta({ id: 'ListedService' });

/** A service as `GET /services/status` shows it. */
export const frozenStatus = z.object({ name: z.string(), status: apiStatus }).meta({ id: 'ListedStatus' });

/** A service as `GET /services/list` shows it. */
export type FrozenService = Readonly<z.infer<typeof frozenService>>;

/** A service as `GET /services/status` shows it. */
export type FrozenStatus = Readonly<z.infer<typeof frozenStatus>>;

/** A declared service in the guide's words; commands as they were written, null where there is none. */
export function toFrozenService(spec: Spec): FrozenService {
  const { execution } = spec;
  const [start, stop] = commandsOf(execution);
  return {
    name: spec.name,
    description: spec.description === '' ? null : spec.description,
    dependencies: spec.dependencies.map(({ name }) => name),
    start_command: start?.source ?? null,
    stop_command: stop?.source ?? null,
    health_check_endpoint: spec.healthCheckEndpoint,
  };
}

function commandsOf(execution: Spec['execution']): readonly [Command | null, Command | null] {
  switch (execution.type) {
    case 'process':
      return [execution.command, null];
    case 'command':
      return [execution.start, execution.stop];
    case 'external':
    case 'function':
      return [null, null];
    default:
      return execution satisfies never;
  }
}
