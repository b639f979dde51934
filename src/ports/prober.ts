/** How readiness and liveness are known, as the core's effects need it. */
import type { Check, CheckResult } from '../model/check.ts';
import type { Question } from '../model/event.ts';
import type { Probe, ServiceName, Spec } from '../model/spec.ts';

/** What the prober needs to know of a run to ask about it. */
export interface ProbeSubject {
  readonly service: ServiceName;
  readonly run: number;
  readonly question: Question;
  readonly probe: Probe;
  readonly spec: Spec;
  readonly cadence: 'starting' | 'running';
  /** `spread`: the first answer within one interval, at a moment that chance decides. Left out: at once. */
  readonly first?: 'spread';
}

/** An answer on its way to the engine. */
export interface ProbeReport extends CheckResult {
  readonly service: ServiceName;
  readonly run: number;
  readonly question: Question;
}

/** Where a prober says what it learnt. Never throws. */
export type Tell = (report: ProbeReport) => void;

/**
 * Asks many questions at their cadence: one scheduler, spread phases, bounded concurrency, one in flight a check, equal
 * targets asked once. Never throws for a fault of the world: that is an answer `fail` with the reason as message.
 */
export interface Prober {
  /** Begins, or changes the cadence of, the question. The first answer comes soon after, but for `first`. */
  watch(subject: ProbeSubject): void;
  /** Ends all questions about the service. Answers on their way may still arrive; they carry their run. */
  forget(service: ServiceName): void;
  /** Asks once now, beside the schedule; resolves with the answer, which is also told. */
  ask(subject: ProbeSubject, signal: AbortSignal): Promise<CheckResult>;
  /** The checks of a service with their last results; empty when none is watched. Kept until the next run's first. */
  checks(service: ServiceName): readonly Check[];
}
