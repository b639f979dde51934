/**
 * Whether the run has given a sign of life within its interval.
 *
 * A machine that was late itself, or slept, proves nothing against a service: where it lost more than a quarter of the
 * interval since the last sign of life, a missed deadline is put off by one interval. That is done once: the next sign of
 * life must come before it can be done again.
 * Source: sd_watchdog_enabled(3); WATCHDOG=trigger of sd_notify(3), which fails at once.
 */
import { formatDuration } from '../model/duration.ts';
import type { Clock } from '../ports/clock.ts';
import type { Notices } from '../ports/notices.ts';
import { type Answer, type ProbeKind, fail, pass } from './kind.ts';
import { type Lateness, type Slept, lateness } from './lateness.ts';

/** The share of the interval that the machine may lose without blaming itself. */
const LATE_SHARE = 0.25;
/** Answers at once after its own word that it is beyond help: more than one alone is wanted, and an interval is long. */
const CONFIRMATIONS = 3;

/** A kind that passes while signs of life come in time. An interval counts from the first question at the earliest. */
export function beatKind(clock: Clock, notices: Notices, slept: Slept): ProbeKind {
  const machine = lateness(clock, slept);
  return {
    price: 'cheap',
    key: ({ service, run }) => `${service} ${run}`,
    open: ({ service, run, probe: { intervalMs } }, wake) => {
      using held = new DisposableStack();
      held.use(notices.watch(service, run, wake));
      held.use(machine.hold());
      const deadline = new Deadline(clock, machine, intervalMs);
      const left = { confirmations: CONFIRMATIONS };
      const ending = held.move();
      return {
        ask: () => {
          if (notices.of(service, run)?.failing !== 'yes')
            return Promise.resolve(deadline.judge(notices.beatAt(service, run)));
          left.confirmations -= 1;
          if (left.confirmations > 0) queueMicrotask(wake);
          return Promise.resolve(fail('it said itself that it is beyond help'));
        },
        // Signs of life give no notice: it is the want of them that counts.
        isWatching: () => false,
        [Symbol.dispose]: () => ending.dispose(),
      };
    },
  };
}

/** When a service is overdue, and what this machine must first blame on itself. */
class Deadline {
  readonly #clock: Clock;
  readonly #machine: Lateness;
  readonly #intervalMs: number;
  /** From when on signs of life are owed; monotonic ms. */
  #from: number;
  #excuse: 'unused' | 'used' = 'unused';

  constructor(clock: Clock, machine: Lateness, intervalMs: number) {
    this.#clock = clock;
    this.#machine = machine;
    this.#intervalMs = intervalMs;
    this.#from = clock.monotonic();
  }

  judge(beatAt: number | null): Answer {
    const now = this.#clock.monotonic();
    const last = Math.max(this.#from, beatAt ?? 0);
    const silentMs = Math.max(0, Math.round(now - last));
    if (silentMs <= this.#intervalMs) {
      if (beatAt !== null && beatAt >= this.#from) this.#excuse = 'unused';
      return pass(beatAt === null ? 'its first sign of life is not due yet' : `a sign of life ${ago(now - beatAt)}`);
    }
    if (this.#excuse === 'unused' && this.#machine.since(last) > LATE_SHARE * this.#intervalMs) {
      this.#excuse = 'used';
      this.#from = now;
      return pass('no sign of life, but this machine was late itself: the time begins anew');
    }
    return fail(`silent for ${formatDuration(silentMs)}, promised every ${formatDuration(this.#intervalMs)}`);
  }
}

function ago(ms: number): string {
  return `${formatDuration(Math.max(0, Math.round(ms)))} ago`;
}
