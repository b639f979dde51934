import { expect, test } from 'vitest';
import { VirtualClock } from '../../src/clock/virtual.ts';
import type { Clock } from '../../src/ports/clock.ts';
import { lateness } from '../../src/probe/lateness.ts';

test('a machine that keeps time is not late', () => {
  const clock = new VirtualClock();
  const machine = lateness(clock, () => 0);
  using _ = machine.hold();
  clock.advance(10_000);
  expect(machine.since(0)).toBe(0);
});

test('sleep is a delay, for those who were waiting when it came', () => {
  const clock = new VirtualClock();
  const machine = lateness(clock, () => sleptMs);
  let sleptMs = 5000;
  using _ = machine.hold();
  clock.advance(1000);
  sleptMs += 3000;
  clock.advance(1000);
  expect(machine.since(0)).toBe(3000);
  expect(machine.since(clock.monotonic())).toBe(0);
});

test('a timer that fires late is a delay, also while it has not fired yet', () => {
  const set: (() => void)[] = [];
  let nowMs = 0;
  const clock: Clock = {
    now: () => nowMs,
    monotonic: () => nowMs,
    after: (_, fire) => {
      set.push(fire);
      return { [Symbol.dispose]: () => undefined };
    },
  };
  const machine = lateness(clock, () => 0);
  using _ = machine.hold();
  nowMs = 1200;
  expect(machine.since(0)).toBe(1000);
  set.shift()?.();
  nowMs = 1300;
  expect(machine.since(1250)).toBe(0);
  expect(machine.since(1000)).toBe(1000);
});

test('nothing is watched while nobody holds it', () => {
  const clock = new VirtualClock();
  const machine = lateness(clock, () => 0);
  expect(clock.nextAt()).toBeNull();
  const one = machine.hold();
  const other = machine.hold();
  one[Symbol.dispose]();
  one[Symbol.dispose]();
  expect(clock.nextAt()).not.toBeNull();
  other[Symbol.dispose]();
  expect(clock.nextAt()).toBeNull();
});
