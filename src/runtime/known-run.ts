/** A run as the runtime of processes knows it, whatever became of it. */
import type { StartFault } from '../model/reason.ts';
import type { Spec } from '../model/spec.ts';

/** What may be asked of a run; every call may come at any time, and after its end does nothing but what is said. */
export interface KnownRun {
  /** Looks what has happened, and draws the consequences. */
  look(): void;
  /** Orders it once more if nobody has claimed it. */
  orderAgain(): void;
  /** Asks it to end. */
  stop(spec: Spec): void;
  /** Signals its process alone, or all of it. */
  signal(name: string, scope: 'main' | 'tree'): void;
  /** SIGKILL to all of it; after its end, says once more that it has ended. */
  kill(): void;
  /** Whether nothing of it is left and everything is reported. */
  isOver(): boolean;
  /** Whether nobody will tell of its end, so that it must be looked at often. */
  isUnwatched(): boolean;
}

const nothing = (): undefined => undefined;

/** A run that was over before it was begun. */
export const OVER: KnownRun = {
  look: nothing,
  orderAgain: nothing,
  stop: nothing,
  signal: nothing,
  kill: nothing,
  isOver: () => true,
  isUnwatched: () => false,
};

/** The fault of a run that was asked to stop before it had begun. */
export function neverStarted({ name }: Spec): StartFault {
  return {
    code: 'refused',
    message: `"${name}" was asked to stop before it was started`,
    program: null,
    hint: null,
  };
}

/** The fault of a run whose shim has claimed it and is not heard of any more. */
export function unheard({ name }: Spec): StartFault {
  return {
    code: 'refused',
    message: `cannot start "${name}": the shell that was to begin it says nothing`,
    program: null,
    hint: 'is the file system of ROUSE_RUNTIME_DIR full?',
  };
}

/** The fault of a run whose shim has ended without claiming it. */
export function cameToNothing(which: string): StartFault {
  return {
    code: 'refused',
    message: `cannot begin "${which}": its shell ended without a word`,
    program: '/bin/sh',
    hint: 'is the folder of ROUSE_RUNTIME_DIR still there, and not full?',
  };
}
