/** A health check with its last answers. */
import { z } from 'zod';
import type { Check } from '../model/check.ts';
import { milliseconds, time } from './envelope.ts';
import { timeOf } from './time.ts';

/** A check; `results` oldest first, at most 20. */
export const apiCheck = z
  .object({
    service: z.string(),
    run: z.number().int(),
    question: z.enum(['readiness', 'liveness', 'health', 'watchdog']),
    target: z.string(),
    interval_ms: milliseconds,
    results: z
      .array(z.object({ at: time, answer: z.enum(['pass', 'fail']), latency_ms: milliseconds, message: z.string() }))
      .readonly(),
  })
  .meta({ id: 'Check' });

/** A check with its last answers. */
export type ApiCheck = Readonly<z.infer<typeof apiCheck>>;

/** The model's check in the words of the API. */
export function toApiCheck(check: Check): ApiCheck {
  return {
    service: check.service,
    run: check.run,
    question: check.question,
    target: check.target,
    interval_ms: check.intervalMs,
    results: check.results.map(({ at, answer, latencyMs, message }) => ({
      at: timeOf(at),
      answer,
      latency_ms: latencyMs,
      message,
    })),
  };
}
