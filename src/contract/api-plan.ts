/** What an operation would do: `plan --json` and `POST /plan`. */
import { z } from 'zod';
import type { Plan } from '../model/plan.ts';
import { names } from './envelope.ts';

/** A plan. */
export const apiPlan = z
  .object({
    targets: names,
    order: names,
    waves: z.array(names).readonly(),
    steps: z
      .array(z.object({ service: z.string(), action: z.enum(['start', 'stop', 'restart', 'none']), why: z.string() }))
      .readonly(),
    critical_path: names,
  })
  .meta({ id: 'Plan' });

/** A plan. */
export type ApiPlan = Readonly<z.infer<typeof apiPlan>>;

/** The model's plan in the words of the API. */
export function toApiPlan(plan: Plan): ApiPlan {
  return {
    targets: plan.targets,
    order: plan.order,
    waves: plan.waves,
    steps: plan.steps.map(({ service, action, why }) => ({ service, action, why })),
    critical_path: plan.criticalPath,
  };
}
