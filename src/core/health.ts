/** Counting answers: thresholds turn answers in a row into a verdict. */
import type { Question } from '../model/event.ts';
import type { Health, Service } from '../model/service.ts';
import type { Probe, Spec } from '../model/spec.ts';

/** An answer as the core sees it. Units: `at` monotonic ms. */
export interface Answer {
  readonly at: number;
  readonly answer: 'pass' | 'fail';
  readonly message: string;
}

/** What is asked while a service starts and while it runs; null = nothing. One probe for both is asked as `health`. */
export function questionsOf(spec: Spec): { readonly starting: Question | null; readonly running: Question | null } {
  const gate = spec.readiness.type === 'probe' ? spec.readiness.probe : null;
  const life = spec.liveness?.probe ?? null;
  if (gate !== null && life !== null && sameProbe(gate, life)) return { starting: 'health', running: 'health' };
  return { starting: gate === null ? null : 'readiness', running: life === null ? null : 'liveness' };
}

/** Questions in a row without a sign of life after which a service is taken for dead: one alone may be the machine's. */
const MISSES = 2;

/** The probe behind a question; null when the spec has none. */
export function probeOf(spec: Spec, question: Question): Probe | null {
  if (question === 'watchdog') return spec.watchdogMs === null ? null : watchdogOf(spec.watchdogMs);
  if (question === 'liveness') return spec.liveness?.probe ?? null;
  return spec.readiness.type === 'probe' ? spec.readiness.probe : null;
}

/** The counts after one more answer, with the verdict unchanged. Failures inside the probe's grace are not counted. */
export function countAnswer(service: Service, answer: Answer, probe: Probe): Health {
  const { health } = service;
  if (answer.answer === 'pass')
    return { ...health, failures: 0, successes: health.successes + 1, message: answer.message };
  const inGrace = service.startedAt !== null && answer.at < service.startedAt + probe.graceMs;
  return { ...health, failures: inGrace ? 0 : health.failures + 1, successes: 0, message: answer.message };
}

/** The health of a run that is asked `question` from now on: a verdict outlives its check only while another is asked in its place. */
export function keptUnder(health: Health, question: Question | null): Health {
  return question === null ? { ...health, verdict: 'unknown' } : health;
}

/** The verdict that the counts allow: it changes only when a threshold is reached. */
export function judge(health: Health, probe: Probe): Health['verdict'] {
  if (health.failures >= probe.failureThreshold) return 'unhealthy';
  if (health.successes >= probe.successThreshold) return 'healthy';
  return health.verdict;
}

function watchdogOf(intervalMs: number): Probe {
  return {
    target: { type: 'beat' },
    intervalMs,
    startIntervalMs: intervalMs,
    timeoutMs: intervalMs,
    failureThreshold: MISSES,
    successThreshold: 1,
    graceMs: 0,
  };
}

function sameProbe(left: Probe, right: Probe): boolean {
  return left === right || JSON.stringify(left) === JSON.stringify(right);
}
