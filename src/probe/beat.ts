/**
 * Whether the run has given a sign of life within its interval.
 *
 * A daemon that was late itself, or a machine that slept, proves nothing against a service: where either took more than a
 * quarter of the interval since the last question, a missed deadline is put off by one interval. That is done once: the
 * next sign of life must come before it can be done again.
 * Source: sd_watchdog_enabled(3); WATCHDOG=trigger of sd_notify(3), which fails at once; proc_uptime(5).
 */
import { readFileSync } from 'node:fs';
import { formatDuration } from '../model/duration.ts';
import type { Clock } from '../ports/clock.ts';
import type { Notices } from '../ports/notices.ts';
import { type Answer, type ProbeKind, fail, pass } from './kind.ts';

/** How long the machine has slept since its boot; ms. */
export type Slept = () => number;

/** The share of the interval by which the daemon may be late without blaming itself. */
const LATE_SHARE = 0.25;
/** The shortest pause between two looks at our own lateness; a watchdog of a few milliseconds is a mistake. */
const SHORTEST_TICK_MS = 25;

/** Answers at once after its own word that it is beyond help: more than one alone is wanted, and an interval is long. */
const CONFIRMATIONS = 3;

/** A kind that passes while signs of life come in time. An interval counts from the first question at the earliest. */
export function beatKind(clock: Clock, notices: Notices, slept: Slept): ProbeKind {
  return {
    price: 'cheap',
    key: ({ service, run }) => `${service} ${run}`,
    open: ({ service, run, probe: { intervalMs } }, wake) => {
      const watching = notices.watch(service, run, wake);
      const deadline = new Deadline(clock, slept, intervalMs);
      const left = { confirmations: CONFIRMATIONS };
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
        [Symbol.dispose]() {
          watching[Symbol.dispose]();
          deadline[Symbol.dispose]();
        },
      };
    },
  };
}

/** When a service is overdue, and what this machine must first blame on itself. */
class Deadline implements Disposable {
  readonly #clock: Clock;
  readonly #slept: Slept;
  readonly #intervalMs: number;
  /** From when on signs of life are owed; monotonic ms. */
  #from: number;
  #sleptMs: number;
  #excuse: 'unused' | 'used' = 'unused';
  /** When our own timer should fire, and by how much it was late at most since the last question. */
  #dueAt = 0;
  #latestMs = 0;
  #timer: Disposable | null = null;

  constructor(clock: Clock, slept: Slept, intervalMs: number) {
    this.#clock = clock;
    this.#slept = slept;
    this.#intervalMs = intervalMs;
    this.#from = clock.monotonic();
    this.#sleptMs = slept();
    this.#tick();
  }

  judge(beatAt: number | null): Answer {
    const now = this.#clock.monotonic();
    const isExcused = this.#isExcused(now);
    const silentMs = Math.max(0, Math.round(now - Math.max(this.#from, beatAt ?? 0)));
    if (silentMs <= this.#intervalMs) {
      if (beatAt !== null && beatAt >= this.#from) this.#excuse = 'unused';
      return pass(beatAt === null ? 'its first sign of life is not due yet' : `a sign of life ${ago(now - beatAt)}`);
    }
    if (isExcused && this.#excuse === 'unused') {
      this.#excuse = 'used';
      this.#from = now;
      return pass('no sign of life, but this machine was late itself: the time begins anew');
    }
    return fail(`silent for ${formatDuration(silentMs)}, promised every ${formatDuration(this.#intervalMs)}`);
  }

  [Symbol.dispose](): void {
    this.#timer?.[Symbol.dispose]();
  }

  #tick(): void {
    const delayMs = Math.max(SHORTEST_TICK_MS, this.#intervalMs * LATE_SHARE);
    this.#dueAt = this.#clock.monotonic() + delayMs;
    this.#timer = this.#clock.after(delayMs, () => {
      this.#latestMs = Math.max(this.#latestMs, this.#clock.monotonic() - this.#dueAt);
      this.#tick();
    });
  }

  #isExcused(now: number): boolean {
    const sleptMs = this.#slept();
    const blamedMs = Math.max(sleptMs - this.#sleptMs, this.#latestMs, now - this.#dueAt);
    this.#sleptMs = sleptMs;
    this.#latestMs = 0;
    return blamedMs > LATE_SHARE * this.#intervalMs;
  }
}

function ago(ms: number): string {
  return `${formatDuration(Math.max(0, Math.round(ms)))} ago`;
}

/** The time for which this machine has slept since its boot, from the clock that counts it and the one that does not. */
export function machineSlept(clock: Clock): Slept {
  return () => {
    try {
      const [seconds = ''] = readFileSync('/proc/uptime', 'latin1').split(' ');
      return Number(seconds) * 1000 - clock.monotonic();
    } catch {
      // Not Linux, or hidden: then sleep is not seen, and being late is.
      return 0;
    }
  };
}
