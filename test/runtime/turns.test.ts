import { expect, test } from 'vitest';
import { VirtualClock } from '../../src/clock/virtual.ts';
import { inTurns } from '../../src/runtime/turns.ts';

test('the first of a turn are done at once, the rest in the turns after, in order', () => {
  const clock = new VirtualClock();
  const inTurn = inTurns(clock, 2);
  const done: number[] = [];
  for (let act = 1; act <= 5; act += 1) inTurn(() => done.push(act));
  expect(done).toEqual([1, 2]);
  clock.runNext();
  expect(done).toEqual([1, 2, 3, 4]);
  clock.runNext();
  expect(done).toEqual([1, 2, 3, 4, 5]);
});

test('a new turn has its full share again, and none is set for nothing', () => {
  const clock = new VirtualClock();
  const inTurn = inTurns(clock, 2);
  const done: number[] = [];
  inTurn(() => done.push(1));
  clock.runNext();
  expect(clock.pending()).toBe(0);
  for (const act of [2, 3, 4]) inTurn(() => done.push(act));
  expect(done).toEqual([1, 2, 3]);
  clock.advance(1);
  expect(done).toEqual([1, 2, 3, 4]);
});

test('what an act asks for comes after what was asked for before it', () => {
  const clock = new VirtualClock();
  const inTurn = inTurns(clock, 1);
  const done: string[] = [];
  inTurn(() => {
    done.push('first');
    inTurn(() => done.push('asked by first'));
  });
  inTurn(() => done.push('second'));
  expect(done).toEqual(['first']);
  while (clock.runNext());
  expect(done).toEqual(['first', 'asked by first', 'second']);
});
