import fc from 'fast-check';
import { expect, test } from 'vitest';
import { VirtualClock } from '../../src/clock/virtual.ts';

test('time stands still until it is told to pass', () => {
  const clock = new VirtualClock(1_000_000);
  expect([clock.now(), clock.monotonic()]).toEqual([1_000_000, 0]);
  clock.advance(250);
  expect([clock.now(), clock.monotonic()]).toEqual([1_000_250, 250]);
});

test('timers fire in order of their moment and see that moment', () => {
  const clock = new VirtualClock();
  const fired: [string, number][] = [];
  clock.after(30, () => fired.push(['late', clock.monotonic()]));
  clock.after(10, () => fired.push(['early', clock.monotonic()]));
  clock.advance(29);
  expect(fired).toEqual([['early', 10]]);
  clock.advance(1);
  expect(fired).toEqual([
    ['early', 10],
    ['late', 30],
  ]);
});

test('equal moments fire in the order in which they were set', () => {
  const clock = new VirtualClock();
  const fired: number[] = [];
  for (let number = 0; number < 500; number += 1) clock.after(5, () => fired.push(number));
  clock.advance(5);
  expect(fired).toEqual(Array.from({ length: 500 }, (_, number) => number));
});

test('a delay of zero does not fire inside the call that sets it', () => {
  const clock = new VirtualClock();
  const fired: string[] = [];
  clock.after(0, () => fired.push('zero'));
  expect(fired).toEqual([]);
  clock.advance(0);
  expect(fired).toEqual(['zero']);
});

test('a timer that is set while another fires is due in the same advance', () => {
  const clock = new VirtualClock();
  const at: number[] = [];
  const again = (): void => {
    at.push(clock.monotonic());
    if (at.length < 4) clock.after(10, again);
  };
  clock.after(10, again);
  clock.advance(35);
  expect(at).toEqual([10, 20, 30]);
  expect(clock.monotonic()).toBe(35);
});

test('a disposed timer never fires, and disposing twice does no harm', () => {
  const clock = new VirtualClock();
  const fired: string[] = [];
  const timer = clock.after(1, () => fired.push('disposed'));
  clock.after(1, () => fired.push('kept'));
  timer[Symbol.dispose]();
  timer[Symbol.dispose]();
  expect(clock.pending()).toBe(1);
  clock.advance(1);
  expect(fired).toEqual(['kept']);
});

test('a timer may dispose another that is due at the same moment', () => {
  const clock = new VirtualClock();
  const fired: string[] = [];
  clock.after(1, () => second[Symbol.dispose]());
  const second = clock.after(1, () => fired.push('second'));
  clock.advance(1);
  expect([fired, clock.pending()]).toEqual([[], 0]);
});

test('runNext goes to one timer and says whether there was one', () => {
  const clock = new VirtualClock();
  const fired: string[] = [];
  clock.after(70, () => fired.push('b'));
  clock.after(20, () => fired.push('a'));
  expect(clock.nextAt()).toBe(20);
  expect([clock.runNext(), [...fired], clock.monotonic()]).toEqual([true, ['a'], 20]);
  expect([clock.runNext(), [...fired], clock.monotonic()]).toEqual([true, ['a', 'b'], 70]);
  expect([clock.runNext(), clock.nextAt()]).toEqual([false, null]);
});

test('a jump of the wall clock moves no timer', () => {
  const clock = new VirtualClock(0);
  const fired: number[] = [];
  clock.after(10, () => fired.push(clock.now()));
  clock.jumpWall(-3_600_000);
  clock.advance(10);
  expect([fired, clock.monotonic()]).toEqual([[-3_599_990], 10]);
});

test('an endless delay is never pending', () => {
  const clock = new VirtualClock();
  clock.after(Infinity, () => expect.unreachable());
  expect([clock.pending(), clock.runNext()]).toEqual([0, false]);
});

test('a timer that sets itself again without end is a bug that is named', () => {
  const clock = new VirtualClock();
  const again = (): void => {
    clock.after(0, again);
  };
  again();
  expect(() => clock.advance(0)).toThrow('without end');
});

test('any mix of timers fires like a sorted list', () => {
  fc.assert(
    fc.property(fc.array(fc.tuple(fc.nat(20), fc.boolean()), { maxLength: 300 }), (timers) => {
      const clock = new VirtualClock();
      const fired: number[] = [];
      const set = timers.map(([delayMs], number) => clock.after(delayMs, () => fired.push(number)));
      for (const [number, [, isDisposed]] of timers.entries()) if (isDisposed) set[number]?.[Symbol.dispose]();
      const expected = [...timers.entries()]
        .filter(([, [, isDisposed]]) => !isDisposed)
        .toSorted((a, b) => a[1][0] - b[1][0] || a[0] - b[0])
        .map(([number]) => number);
      expect(clock.pending()).toBe(expected.length);
      clock.advance(20);
      expect(fired).toEqual(expected);
      expect(clock.pending()).toBe(0);
    }),
  );
});
