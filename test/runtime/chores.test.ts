import { expect, test } from 'vitest';
import { VirtualClock } from '../../src/clock/virtual.ts';
import type { Clock } from '../../src/ports/clock.ts';
import { type Chores, createChores } from '../../src/runtime/chores.ts';

/** Chores that take 3 ms each and are noted. */
function given(): { timers: VirtualClock; done: number[]; chores: Chores; add: (name: number) => void } {
  const timers = new VirtualClock();
  let workedMs = 0;
  const clock: Clock = {
    now: () => timers.now(),
    monotonic: () => timers.monotonic() + workedMs,
    after: (delayMs, fire) => timers.after(delayMs, fire),
  };
  const done: number[] = [];
  const chores = createChores(clock);
  const add = (name: number): void =>
    chores.add(() => {
      workedMs += 3;
      done.push(name);
    });
  return { timers, done, chores, add };
}

test('chores wait a moment, and then take a share of each turn, in order', () => {
  const { timers, done, add } = given();
  for (const name of [1, 2, 3, 4, 5]) add(name);
  expect(done).toEqual([]);
  timers.runNext();
  expect(done).toEqual([1, 2]);
  timers.runNext();
  expect(done).toEqual([1, 2, 3, 4]);
  add(6);
  timers.runNext();
  expect(done).toEqual([1, 2, 3, 4, 5, 6]);
});

test('what waits is done at once when the end has come, and not again', () => {
  const { timers, done, chores, add } = given();
  for (const name of [1, 2, 3]) add(name);
  timers.runNext();
  chores.finish();
  expect(done).toEqual([1, 2, 3]);
  timers.advance(1000);
  chores.finish();
  expect(done).toEqual([1, 2, 3]);
});

test('a chore that is added by a chore is done later', () => {
  const { timers, done, chores, add } = given();
  chores.add(() => add(1));
  chores.finish();
  expect(done).toEqual([]);
  timers.runNext();
  expect(done).toEqual([1]);
});
