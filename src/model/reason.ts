/** Why a service is in its phase: a fact with its numbers, never words. `core/describe.ts` makes the words. */
import type { ServiceName } from './spec.ts';

/** How a run ended, as observed: both null when the runtime could not know. */
export interface Ending {
  readonly exitCode: number | null;
  readonly signal: string | null;
  /** `memory`: the kernel ended it because it had used up its memory. Left out where nothing says so. */
  readonly cause?: 'memory';
}

/** A start that never became a run. `program` is the word that could not be executed, where that was the cause. */
export interface StartFault {
  readonly code:
    | 'not-found'
    | 'not-executable'
    | 'bad-directory'
    | 'command-failed'
    | 'command-timeout'
    | 'refused'
    /** Its program, or a folder on the way to it, can be changed by others. */
    | 'not-trusted'
    /** A secret cannot be read or handed over. */
    | 'secret'
    /** User, group or sandbox cannot be had on this machine. */
    | 'isolation'
    /** Its `before_start` hook ended badly. */
    | 'hook-failed'
    /** It was ordered, but the daemon ended before it was carried out. */
    | 'never-begun';
  readonly message: string;
  readonly program: string | null;
  readonly hint: string | null;
}

/** The cause of a phase. */
export type Reason =
  | { readonly code: 'declared' }
  /** Somebody asked (start, stop). */
  | { readonly code: 'asked' }
  /** Waiting, or coming up, because a dependent needs it. */
  | { readonly code: 'needed' }
  /** Its last dependent let go. */
  | { readonly code: 'unneeded' }
  /** Waiting: the required dependency cannot be satisfied, it failed or is itself blocked. The word is *blocked*. */
  | { readonly code: 'dependency'; readonly service: ServiceName }
  | { readonly code: 'ready' }
  | { readonly code: 'completed'; readonly ending: Ending }
  | { readonly code: 'exited'; readonly ending: Ending }
  /** It ended before it was ready. */
  | { readonly code: 'exited-early'; readonly ending: Ending }
  | { readonly code: 'start-failed'; readonly fault: StartFault }
  | { readonly code: 'startup-timeout'; readonly timeoutMs: number; readonly message: string | null }
  | { readonly code: 'unhealthy'; readonly failures: number; readonly message: string | null }
  /** The restart policy's limit was reached; `last` is why the last run ended. */
  | { readonly code: 'restart-limit'; readonly limit: number; readonly withinMs: number; readonly last: Reason }
  /** It gave no sign of life for longer than it had promised. */
  | { readonly code: 'watchdog'; readonly message: string | null }
  /** Another service that may never be up together with it was started. */
  | { readonly code: 'conflict'; readonly service: ServiceName }
  /** A person asked for a restart. */
  | { readonly code: 'restart' }
  /** The definition changed. */
  | { readonly code: 'definition' }
  /** A dependency was lost while running, and the edge says to follow. */
  | { readonly code: 'dependency-lost'; readonly service: ServiceName }
  /** Recovery has not yet learnt what became of the run; `was` is where it stood when the daemon ended, and why. */
  | { readonly code: 'unverified'; readonly was: 'starting' | 'ready' | 'stopping'; readonly because?: Reason };

/** The code of a reason: part of the API. */
export type ReasonCode = Reason['code'];
