/**
 * When a check is asked next.
 *
 * - In the steady state it follows a grid: moments `origin + k × interval`, with an origin that chance gives to each
 *   question. So many checks spread over the interval, and checks of one question with the same interval, or with
 *   multiples of it, fall on the same moments and are asked once.
 * - A service that is starting and not ready is asked sooner at first, since most are ready within a second: after
 *   25 ms, then doubling.
 * - A question that tells by itself when its answer changes is asked on the grid only until the answer has been given as
 *   often as its threshold wants, then rarely.
 */
import type { Probe } from '../model/spec.ts';

/** What the next moment depends on. Units: monotonic ms. */
export interface PaceFacts {
  readonly probe: Probe;
  readonly cadence: 'starting' | 'running';
  readonly price: 'cheap' | 'dear';
  readonly isWatching: boolean;
  readonly answer: 'pass' | 'fail';
  /** How often this answer was given in a row, at least 1. */
  readonly streak: number;
  /** How many answers there were since the cadence began, at least 1. */
  readonly answers: number;
  readonly originMs: number;
  /** When the question was asked, and now. */
  readonly askedAt: number;
  readonly nowMs: number;
}

const FIRST_DELAY_MS = 25;
const DOUBLINGS = 10;
/** The safety net under the kernel's notices. */
const WATCHED_POLL_MS = 30_000;

/** The interval of a cadence; ms, at least 1. */
export function intervalOf(probe: Probe, cadence: 'starting' | 'running'): number {
  return Math.max(1, cadence === 'starting' ? probe.startIntervalMs : probe.intervalMs);
}

/** The moment of the next question, later than `nowMs`; in the steady state half an interval to one and a half after this one. */
export function nextDueAt(facts: PaceFacts): number {
  const { probe, cadence, nowMs } = facts;
  const intervalMs = intervalOf(probe, cadence);
  if (facts.isWatching && facts.streak >= thresholdOf(probe, facts.answer))
    return nowMs + Math.max(intervalMs, WATCHED_POLL_MS);
  if (cadence === 'starting' && facts.answer === 'fail' && facts.price === 'cheap' && facts.answers <= DOUBLINGS) {
    const delayMs = FIRST_DELAY_MS * 2 ** (facts.answers - 1);
    if (delayMs < intervalMs / 2) return nowMs + delayMs;
  }
  const nextAt = facts.originMs + (Math.floor((nowMs - facts.originMs) / intervalMs) + 1) * intervalMs;
  return nextAt - facts.askedAt < intervalMs / 2 ? nextAt + intervalMs : nextAt;
}

function thresholdOf(probe: Probe, answer: 'pass' | 'fail'): number {
  return answer === 'pass' ? probe.successThreshold : probe.failureThreshold;
}
