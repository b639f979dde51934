import { expect, test } from 'vitest';
import type { Clock } from '../../src/ports/clock.ts';
import { Agenda } from '../../src/probe/agenda.ts';
import { Askings, type Member, type Source } from '../../src/probe/asking.ts';
import { type Answer, pass } from '../../src/probe/kind.ts';
import { settled } from './fake-world.ts';

interface Halting {
  /** Time passes, and no timer fires: the machine is halted. */
  halt(ms: number): void;
  /** What is due fires now. */
  wake(): Promise<void>;
  readonly heard: Answer[];
  answer(given: Answer): Promise<void>;
}

/** One question with a timeout of a second on a machine that may be halted. */
function given(): Halting {
  let nowMs = 0;
  const timers = new Set<{ readonly dueAt: number; readonly fire: () => void }>();
  const clock: Clock = {
    now: () => nowMs,
    monotonic: () => nowMs,
    after: (delayMs, fire) => {
      const timer = { dueAt: nowMs + delayMs, fire };
      timers.add(timer);
      return { [Symbol.dispose]: () => void timers.delete(timer) };
    },
  };
  const heard: Answer[] = [];
  const { promise, resolve } = Promise.withResolvers<Answer>();
  const source: Source = {
    asker: { ask: () => promise, isWatching: () => false, [Symbol.dispose]: () => undefined },
    timeoutMs: 1000,
    open: null,
    underWay: 0,
  };
  const member: Member = { since: 0, answered: (answer) => heard.push(answer), settled: () => undefined };
  new Askings(clock, new Agenda(clock), 1).join(source, member);
  return {
    heard,
    halt: (ms) => {
      nowMs += ms;
    },
    wake: async () => {
      for (const timer of timers) {
        if (timer.dueAt > nowMs) continue;
        timers.delete(timer);
        timer.fire();
      }
      await settled();
    },
    answer: async (answer) => {
      resolve(answer);
      await settled();
    },
  };
}

test('a question has its time, and no more', async () => {
  const one = given();
  one.halt(1000);
  await one.wake();
  expect(one.heard).toMatchObject([{ answer: 'fail', message: 'no answer in 1s' }]);
});

test('a machine that was halted gives a question its time anew, and the answer that was there is heard', async () => {
  const one = given();
  one.halt(60_000);
  await one.wake();
  expect(one.heard).toEqual([]);
  await one.answer(pass('fine'));
  expect(one.heard).toEqual([pass('fine')]);
});

test('the time of a question begins anew only once', async () => {
  const one = given();
  one.halt(60_000);
  await one.wake();
  one.halt(60_000);
  await one.wake();
  expect(one.heard).toMatchObject([{ answer: 'fail' }]);
});

test('a deadline that is a little late is a deadline', async () => {
  const one = given();
  one.halt(1250);
  await one.wake();
  expect(one.heard).toMatchObject([{ answer: 'fail' }]);
});
