/** What a kind of probe is: how its question is asked once, and when it is worth asking again. */
import { formatDuration } from '../model/duration.ts';
import type { ProbeTarget } from '../model/spec.ts';
import type { ProbeSubject } from '../ports/prober.ts';

/** What came of asking. `message` is the evidence, see `evidence`. */
export interface Answer {
  readonly answer: 'pass' | 'fail';
  readonly message: string;
}

/** One question, open to be asked again and again. Disposing it ends what it watches, not an answer on its way. */
export interface Asker extends Disposable {
  /**
   * Asks once. Once the signal is aborted nobody waits for the answer; the promise settles when nothing of the asking
   * is left (no socket, no child), because only then the next one may begin.
   * Errors: a rejection is an answer `fail` whose message is `causeOf(error)`.
   */
  ask(signal: AbortSignal): Promise<Answer>;
  /** Whether `wake` will be called when the answer changes, so that asking is needed only as a safety net. */
  isWatching(): boolean;
}

/** A kind of probe. Adding one is a file and a line in `kinds.ts`. */
export interface ProbeKind {
  /** Subjects with equal keys get equal answers, so they are asked once. Without the type, which is added. */
  key(subject: ProbeSubject): string;
  /** Begins. `wake` says that the answer may have changed; it may be called at any time, also after disposal. */
  open(subject: ProbeSubject, wake: () => void): Asker;
  /** Whether a service that starts may be asked a few times quickly: not where each asking starts a program. */
  readonly price: 'cheap' | 'dear';
}

/** A complete table of kinds. */
export type ProbeKinds = Readonly<Record<ProbeTarget['type'], ProbeKind>>;

/** The longest evidence, in UTF-16 units. */
export const EVIDENCE_LENGTH = 500;

const LINE_BREAK = /[\r\n\u2028\u2029]/u;

/** An answer that is as it should be. */
export function pass(message: string): Answer {
  return { answer: 'pass', message: evidence(message) };
}

/** An answer that is not. */
export function fail(message: string): Answer {
  return { answer: 'fail', message: evidence(message) };
}

/**
 * The first line of a text that says anything, fit to be shown: no control characters, at most 500 characters.
 * Part of it may come from the service that is asked, which may be hostile.
 */
export function evidence(text: string): string {
  const line = text.split(LINE_BREAK).find((candidate) => candidate.trim() !== '') ?? '';
  const plain = line.replaceAll(/\p{C}/gu, ' ').trim();
  return plain.length <= EVIDENCE_LENGTH ? plain : `${plain.slice(0, EVIDENCE_LENGTH - 1).toWellFormed()}…`;
}

/** How long something took, as evidence says it: `3 ms`, `1.2s`. Units: ms. */
export function tookWords(ms: number): string {
  return ms < 1000 ? `${Math.round(ms)} ms` : formatDuration(ms);
}

/** An asker without anything to watch. */
export function polled(ask: (signal: AbortSignal) => Promise<Answer>): Asker {
  return { ask, isWatching: () => false, [Symbol.dispose]: () => undefined };
}
