/** A check as the prober keeps it. */
import type { CheckResult } from '../model/check.ts';
import type { ProbeSubject } from '../ports/prober.ts';
import type { Asking, Member, Source } from './asking.ts';
import type { Entry } from './due-heap.ts';

/** A question and all that ask it. */
export interface SharedSource extends Source {
  readonly key: string;
  readonly checks: Set<Watched>;
  /** Where the grid of this question begins; monotonic ms. */
  readonly originMs: number;
}

/** A check: who asks which question, and what came of it so far. */
export interface Watched {
  subject: ProbeSubject;
  readonly source: SharedSource;
  readonly entry: Entry;
  readonly member: Member;
  /** `watching` is asked again and again, `once` belongs to a call of `ask`, `closed` is over; its results are kept. */
  state: 'watching' | 'once' | 'closed';
  asking: Asking | null;
  /** Whether something happened while it was asked, so that the answer may be old. */
  again: 'no' | 'yes';
  answers: number;
  streak: number;
  readonly results: CheckResult[];
  readonly waiters: Set<(result: CheckResult) => void>;
}

const RESULTS_KEPT = 20;

/** Keeps an answer with its check, the last twenty of them, and counts. */
export function keepResult(check: Watched, result: CheckResult): void {
  const { results } = check;
  // A streak of 0 says that the cadence has just changed and counting begins anew.
  check.streak = check.streak > 0 && results.at(-1)?.answer === result.answer ? check.streak + 1 : 1;
  check.answers += 1;
  results.push(result);
  if (results.length > RESULTS_KEPT) results.shift();
}

/** Gives the answer to everybody who waits for one. */
export function answerWaiters(check: Watched, result: CheckResult): void {
  for (const answer of check.waiters) answer(result);
  check.waiters.clear();
}
