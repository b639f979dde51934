/** Why a service is in its state: `explain --json` and `GET /services/{name}/explain`. */
import { z } from 'zod';
import type { Explanation, ExplanationLink } from '../model/explanation.ts';
import { apiPhase } from './api-service.ts';
import { milliseconds } from './envelope.ts';

const link = z
  .object({
    service: z.string(),
    phase: apiPhase,
    needs: z.enum(['ready', 'started', 'completed', 'ended']).nullable(),
    reason: z.string(),
  })
  .meta({ id: 'ExplanationLink' });

/** An explanation; `chain` begins with the service and ends with `root`. */
export const apiExplanation = z
  .object({
    service: z.string(),
    phase: apiPhase,
    text: z.string(),
    chain: z.array(link).readonly(),
    root: link,
    facts: z.array(z.string()).readonly(),
    fixes: z.array(z.object({ text: z.string(), command: z.string().nullable() })).readonly(),
    next: z.object({ text: z.string(), in_ms: milliseconds.nullable() }).nullable(),
  })
  .meta({ id: 'Explanation' });

/** An explanation. */
export type ApiExplanation = Readonly<z.infer<typeof apiExplanation>>;

/** The model's explanation in the words of the API. */
export function toApiExplanation(explanation: Explanation): ApiExplanation {
  const { next } = explanation;
  return {
    service: explanation.service,
    phase: explanation.phase,
    text: explanation.text,
    chain: explanation.chain.map(toLink),
    root: toLink(explanation.root),
    facts: explanation.facts,
    fixes: explanation.fixes.map(({ text, command }) => ({ text, command })),
    next: next === null ? null : { text: next.text, in_ms: next.inMs },
  };
}

function toLink({ service, phase, needs, reason }: ExplanationLink): z.infer<typeof link> {
  return { service, phase, needs, reason };
}
