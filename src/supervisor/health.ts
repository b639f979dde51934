/** The health of a service as people ask for it: the last verdict, or an answer fetched now. */
import { healthOf } from '../core/describe.ts';
import { probeOf, questionsOf } from '../core/health.ts';
import type { Check, HealthReport } from '../model/check.ts';
import type { Question } from '../model/event.ts';
import type { Service } from '../model/service.ts';
import type { Probe } from '../model/spec.ts';
import type { Clock } from '../ports/clock.ts';
import type { Prober } from '../ports/prober.ts';

/** What is known of the service's health, with the time and latency of the last answer. */
export function lastHealth(service: Service, checks: readonly Check[]): HealthReport {
  const { healthy, message } = healthOf(service);
  const last = checks.findLast((check) => check.run === service.run)?.results.at(-1) ?? null;
  return {
    service: service.spec.name,
    healthy,
    message,
    lastCheck: last?.at ?? null,
    latencyMs: last?.latencyMs ?? null,
  };
}

/**
 * Asks now. A service without a question that can be asked at any time answers from its state.
 * Units: at most the probe's timeout; ms. Errors: none, what cannot be answered is unhealthy.
 */
export async function askHealth(service: Service, prober: Prober, clock: Clock): Promise<HealthReport> {
  const asked = askable(service);
  if (asked === null) {
    const report = lastHealth(service, prober.checks(service.spec.name));
    return { ...report, lastCheck: report.lastCheck ?? clock.now() };
  }
  const expiry = new AbortController();
  using _timer = clock.after(asked.probe.timeoutMs + 1000, () => expiry.abort());
  const cadence = service.phase === 'ready' ? 'running' : 'starting';
  const subject = {
    service: service.spec.name,
    run: service.run,
    spec: service.runSpec ?? service.spec,
    cadence,
    ...asked,
  } as const;
  const result = await prober.ask(subject, expiry.signal);
  const healthy = result.answer === 'pass';
  return {
    service: service.spec.name,
    healthy,
    message: result.message,
    lastCheck: result.at,
    latencyMs: result.latencyMs,
  };
}

function askable(service: Service): { readonly question: Question; readonly probe: Probe } | null {
  const spec = service.runSpec ?? service.spec;
  const { starting, running } = questionsOf(spec);
  const question = running ?? starting;
  const probe = question === null ? null : probeOf(spec, question);
  if (question === null || probe === null) return null;
  const { type } = probe.target;
  const needsRun = type === 'fd' || type === 'log' || (type === 'process' && probe.target.name === null);
  return needsRun ? null : { question, probe };
}
