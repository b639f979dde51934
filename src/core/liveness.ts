/**
 * What the answers about a running service lead to: its verdict, and its stop where that is the rule.
 *
 * A verdict acts once, when it turns bad; readiness never does. A service that reloads is not judged. Signs of life are
 * counted apart from the check: two questions in a row without one end the run, unless it said that it is ending.
 */
import type { Event } from '../model/event.ts';
import type { Reason } from '../model/reason.ts';
import type { Service } from '../model/service.ts';
import type { Probe } from '../model/spec.ts';
import { countAnswer, judge, questionsOf } from './health.ts';
import type { Move } from './move.ts';
import { note, stay } from './move.ts';
import { beginStop } from './stop.ts';

type Answered = Extract<Event, { type: 'probe' }>;

/** An answer while it is ready. Shapes: `probe` is the one behind the question. */
export function onRunningAnswer(service: Service, answer: Answered, probe: Probe): Move {
  if (service.phase !== 'ready' || service.step === 'reloading') return stay(service);
  if (answer.question === 'watchdog') return onWatchdog(service, answer, probe);
  const { running } = questionsOf(service.runSpec ?? service.spec);
  return answer.question === running ? onLiveness(service, answer, probe) : stay(service);
}

function onWatchdog(service: Service, { answer, message, at }: Answered, probe: Probe): Move {
  if (service.step === 'ending') return stay(service);
  const misses = answer === 'pass' ? 0 : service.misses + 1;
  if (misses === service.misses) return stay(service);
  if (misses < probe.failureThreshold) return note(service, { misses });
  return beginStop({ ...service, misses }, { reason: { code: 'watchdog', message }, at });
}

function onLiveness(service: Service, answer: Answered, probe: Probe): Move {
  const counted = countAnswer(service, answer, probe);
  const verdict = judge(counted, probe);
  const judged: Service = { ...service, health: { ...counted, verdict } };
  if (verdict !== 'unhealthy' || service.health.verdict === 'unhealthy') return stay(judged);
  if (((service.runSpec ?? service.spec).liveness?.onFailure ?? 'none') === 'none') return stay(judged);
  const reason: Reason = { code: 'unhealthy', failures: counted.failures, message: answer.message };
  return beginStop(judged, { reason, at: answer.at });
}
