/** The last answers of a probe, with their evidence. */
import type { Question } from './event.ts';
import type { ServiceName } from './spec.ts';

/** One answer. Units: `at` epoch ms, `latencyMs` ms as measured by the prober. */
export interface CheckResult {
  readonly at: number;
  readonly answer: 'pass' | 'fail';
  readonly latencyMs: number;
  /** Evidence in words: `200 OK`, `connection refused`, `exit 2: no response`. At most 500 characters, one line. */
  readonly message: string;
}

/** A check and its last results, newest last, at most 20. `target` is the question in words, e.g. `GET http://…`. */
export interface Check {
  readonly service: ServiceName;
  readonly run: number;
  readonly question: Question;
  readonly target: string;
  readonly intervalMs: number;
  readonly results: readonly CheckResult[];
}

/** The health of a service as people ask for it. `healthy` null = not checked yet. `lastCheck` epoch ms or null. */
export interface HealthReport {
  readonly service: ServiceName;
  readonly healthy: boolean | null;
  readonly message: string;
  readonly lastCheck: number | null;
  readonly latencyMs: number | null;
}
