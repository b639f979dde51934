import { expect, test } from 'vitest';
import type { Clock } from '../../src/ports/clock.ts';
import { VirtualClock } from '../../src/clock/virtual.ts';
import { type InTurn, inTurns } from '../../src/runtime/turns.ts';

/** A clock on which work takes time, which it does not on a virtual one. */
class WorkingClock implements Clock {
  readonly timers = new VirtualClock();
  workedMs = 0;
  now = (): number => this.timers.now();
  monotonic = (): number => this.timers.monotonic() + this.workedMs;
  after(delayMs: number, fire: () => void): Disposable {
    return this.timers.after(delayMs, fire);
  }
}

/** Turns of 2 ms, and acts that take 1 ms each and are noted. */
function given(): { clock: WorkingClock; done: string[]; ask: (name: string) => void; inTurn: InTurn } {
  const clock = new WorkingClock();
  const done: string[] = [];
  const inTurn = inTurns(clock, 2);
  const ask = (name: string): void =>
    inTurn(() => {
      clock.workedMs += 1;
      done.push(name);
    });
  return { clock, done, ask, inTurn };
}

test('the first of a turn are done at once, the rest in the turns after, in order', () => {
  const { clock, done, ask } = given();
  for (const name of ['a', 'b', 'c', 'd', 'e']) ask(name);
  expect(done).toEqual(['a', 'b']);
  clock.timers.runNext();
  expect(done).toEqual(['a', 'b', 'c', 'd']);
  clock.timers.runNext();
  expect(done).toEqual(['a', 'b', 'c', 'd', 'e']);
});

test('a new turn has its full share again, and none is set for nothing', () => {
  const { clock, done, ask } = given();
  ask('a');
  while (clock.timers.runNext());
  expect(clock.timers.pending()).toBe(0);
  for (const name of ['b', 'c', 'd']) ask(name);
  expect(done).toEqual(['a', 'b', 'c']);
  clock.timers.advance(1);
  expect(done).toEqual(['a', 'b', 'c', 'd']);
});

test('one that takes long has its turn for itself', () => {
  const { clock, done, ask, inTurn } = given();
  inTurn(() => {
    clock.workedMs += 50;
  });
  ask('after');
  expect(done).toEqual([]);
  clock.timers.runNext();
  expect(done).toEqual(['after']);
});

test('what an act asks for comes after what was asked for before it', () => {
  const { clock, done, ask, inTurn } = given();
  for (const name of ['a', 'b']) ask(name);
  inTurn(() => {
    done.push('c');
    ask('asked by c');
  });
  ask('d');
  while (clock.timers.runNext());
  expect(done).toEqual(['a', 'b', 'c', 'd', 'asked by c']);
});
