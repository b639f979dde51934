/** The time of the machine. Together with `random.ts` this is the only place that asks the machine for time or chance. */
import assert from 'node:assert/strict';
import type { Clock } from '../ports/clock.ts';

/** How the real clock behaves. */
export interface SystemClockOptions {
  /** Whether a timer that is set keeps the process from ending by itself. */
  readonly keepAlive: 'no' | 'yes';
}

/** The longest delay that the platform's timer takes; a longer one would fire at once. Units: ms, about 24.8 days. */
const LONGEST_MS = 2 ** 31 - 1;

/**
 * The clock of this machine.
 * Units: ms. `monotonic()` stands still while the machine sleeps. On Linux it counts from the machine's boot and is the
 * same for every program, so that a time that one daemon noted means something to the next; clock_gettime(2).
 * A timer never fires before its delay has passed by `monotonic()`, however long it is; `Infinity` never fires, a delay
 * below 0 counts as 0. Errors: none; an exception of `fire` is the caller's bug and ends the program.
 * Timers do not keep the process alive unless asked: whoever serves a socket or holds a child lives by that.
 */
export function systemClock(options: SystemClockOptions = { keepAlive: 'no' }): Clock {
  return {
    now: () => Date.now(),
    monotonic: machineMs,
    after: (delayMs, fire) => setTimer(delayMs, fire, options.keepAlive),
  };
}

function machineMs(): number {
  const [seconds, nanoseconds] = process.hrtime();
  return seconds * 1000 + nanoseconds / 1_000_000;
}

function setTimer(delayMs: number, fire: () => void, keepAlive: 'no' | 'yes'): Disposable {
  assert(!Number.isNaN(delayMs), 'a timer needs a delay');
  if (delayMs === 0) return nextTurn(fire);
  if (delayMs === Infinity) return { [Symbol.dispose]: () => undefined };
  const dueAt = machineMs() + delayMs;
  const wait = (leftMs: number): NodeJS.Timeout => {
    const timeout = setTimeout(wake, Math.min(LONGEST_MS, Math.max(0, Math.ceil(leftMs))));
    return keepAlive === 'yes' ? timeout : timeout.unref();
  };
  // The platform counts whole milliseconds of its loop's time, so it may wake up to one too early.
  const wake = (): void => {
    const leftMs = dueAt - machineMs();
    if (leftMs <= 0) fire();
    else timeout = wait(leftMs);
  };
  let timeout = wait(delayMs);
  return { [Symbol.dispose]: () => clearTimeout(timeout) };
}

/**
 * After the events of this turn: sooner than any timer, and still before the loop waits again. Never unreferenced: the
 * loop does not wake up for an unreferenced immediate, which then comes only with the next event of the outside.
 */
function nextTurn(fire: () => void): Disposable {
  const immediate = setImmediate(fire);
  return { [Symbol.dispose]: () => clearImmediate(immediate) };
}
