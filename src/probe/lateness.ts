/**
 * How late this machine was: time that went by and that no program on it can be blamed for.
 *
 * Two things show it: our own timer fires late (the machine was overloaded or halted, or this program was), and the clock
 * that counts sleep runs ahead of the one that does not. Watched only while somebody wants to know.
 */
import { readFileSync } from 'node:fs';
import type { Clock } from '../ports/clock.ts';

/** How long the machine has slept since its boot; ms. */
export type Slept = () => number;

/** A watch on the lateness of this machine. */
export interface Lateness {
  /** Watches until disposed. */
  hold(): Disposable;
  /** The longest delay since that moment, the one that lasts included. Units: monotonic ms. */
  since(at: number): number;
}

/** The pause between two looks; a delay is seen up to this much too short. Units: ms. */
const TICK_MS = 200;
/** A shorter delay is what a busy machine has all the time; ms. */
const SHORTEST_MS = 50;
/** Delays that are remembered, newest last. */
const REMEMBERED = 100;

/** A watch that begins with the first who holds it. */
export function lateness(clock: Clock, slept: Slept): Lateness {
  const delays: { readonly at: number; readonly ms: number }[] = [];
  let holders = 0;
  let dueAt = 0;
  let sleptMs = 0;
  let timer: Disposable | null = null;
  const note = (ms: number): void => {
    if (ms < SHORTEST_MS) return;
    delays.push({ at: clock.monotonic(), ms });
    if (delays.length > REMEMBERED) delays.shift();
  };
  const look = (): void => {
    const now = slept();
    note(now - sleptMs);
    sleptMs = now;
    note(clock.monotonic() - dueAt);
  };
  const tick = (): void => {
    dueAt = clock.monotonic() + TICK_MS;
    timer = clock.after(TICK_MS, () => {
      look();
      tick();
    });
  };
  return {
    hold() {
      holders += 1;
      if (holders === 1) {
        sleptMs = slept();
        tick();
      }
      let isHeld = true;
      return {
        [Symbol.dispose]() {
          if (isHeld) holders -= 1;
          isHeld = false;
          if (holders === 0) timer?.[Symbol.dispose]();
        },
      };
    },
    since(at) {
      look();
      return Math.max(0, ...delays.filter((delay) => delay.at >= at).map(({ ms }) => ms));
    },
  };
}

/** Sleep as the kernel counts it: `/proc/uptime` runs on in it, the monotonic clock does not. Source: proc_uptime(5). */
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
