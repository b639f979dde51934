/** The JSON Schema of what commands print with `--json`, by the name of the command: `rouse schema --output NAME`. */
import { z } from 'zod';
import { apiAuditRecord, apiAuditVerdict } from './api-audit.ts';
import { apiChange } from './api-change.ts';
import { apiCheck } from './api-check.ts';
import { apiDoctor } from './api-doctor.ts';
import { apiEvent } from './api-event.ts';
import { apiExplanation } from './api-explain.ts';
import { apiGraph } from './api-graph.ts';
import { apiHealthReport } from './api-health.ts';
import { apiLogLine } from './api-log.ts';
import { apiPlan } from './api-plan.ts';
import { apiProblem } from './api-problem.ts';
import { apiReload } from './api-reload.ts';
import { apiService } from './api-service.ts';
import { apiSystem } from './api-system.ts';
import { apiMadeToken, apiToken } from './api-token.ts';

const OUTPUTS = {
  ps: z.array(apiService),
  status: z.array(apiService),
  plan: apiPlan,
  reload: apiReload,
  explain: apiExplanation,
  changes: z.array(apiChange),
  checks: z.array(apiCheck),
  health: apiHealthReport,
  graph: apiGraph,
  events: z.array(apiEvent),
  logs: z.array(apiLogLine),
  'daemon-status': apiSystem,
  doctor: apiDoctor,
  token: z.array(apiToken),
  'token-new': apiMadeToken,
  audit: z.array(apiAuditRecord),
  'audit-verify': apiAuditVerdict,
  error: apiProblem,
} as const satisfies Record<string, z.ZodType>;

/** The name of an output whose shape is promised. */
export type OutputName = keyof typeof OUTPUTS;

/** Every output whose shape is promised, in the order they are listed for people. */
export const OUTPUT_NAMES = Object.keys(OUTPUTS) as readonly OutputName[];

/** The JSON Schema (2020-12) of an output. Keys may be added later, so none is forbidden. */
export function outputSchema(name: OutputName): Record<string, unknown> {
  return z.toJSONSchema(OUTPUTS[name], {
    target: 'draft-2020-12',
    io: 'output',
    override: ({ jsonSchema }) => {
      if (jsonSchema.additionalProperties === false) delete jsonSchema.additionalProperties;
    },
  });
}

/** Whether a word names an output. */
export function isOutputName(name: string): name is OutputName {
  return Object.hasOwn(OUTPUTS, name);
}
