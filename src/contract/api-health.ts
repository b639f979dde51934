/** The health of a service, as every face shows it. */
import { z } from 'zod';
import type { HealthReport } from '../model/check.ts';
import { milliseconds, time } from './envelope.ts';
import { timeOrNull } from './time.ts';

/** Health inside a service: `healthy` null = not checked yet. */
export const apiHealth = z
  .object({
    healthy: z.boolean().nullable(),
    message: z.string(),
    last_check: time.nullable(),
    latency_ms: milliseconds.nullable(),
  })
  .meta({ id: 'Health' });

/** Health as an answer of its own, with the service's name first. */
export const apiHealthReport = z.object({ name: z.string(), ...apiHealth.shape }).meta({ id: 'HealthReport' });

/** Health inside a service. */
export type ApiHealth = Readonly<z.infer<typeof apiHealth>>;

/** Health as an answer of its own. */
export type ApiHealthReport = Readonly<z.infer<typeof apiHealthReport>>;

/** The model's health in the words of the API. */
export function toApiHealth(report: HealthReport): ApiHealth {
  return {
    healthy: report.healthy,
    message: report.message,
    last_check: timeOrNull(report.lastCheck),
    latency_ms: report.latencyMs,
  };
}

/** The model's health with the service's name. */
export function toApiHealthReport(report: HealthReport): ApiHealthReport {
  return { name: report.service, ...toApiHealth(report) };
}
