import { expect, test } from 'vitest';
import { VirtualClock } from '../../src/clock/virtual.ts';
import type { Clock } from '../../src/ports/clock.ts';
import type { ProbeSubject } from '../../src/ports/prober.ts';
import { beatKind } from '../../src/probe/beat.ts';
import { given } from '../core/given.ts';

interface World {
  readonly clock: VirtualClock;
  beatAt: number | null;
  failing: 'no' | 'yes';
  sleptMs: number;
  /** How often the asker said that it is worth asking again. */
  woken: number;
  ask(): Promise<string>;
}

/** A run that promised a sign of life every second. */
function world(of: Clock | null = null): World {
  const clock = new VirtualClock();
  const state: World = { clock, beatAt: null, failing: 'no', sleptMs: 0, woken: 0, ask: () => Promise.resolve('') };
  const notices = {
    of: () => ({ ready: 'yes', failing: state.failing, stranger: null }) as const,
    beatAt: () => state.beatAt,
    watch: () => ({ [Symbol.dispose]: () => undefined }),
  };
  const probe = {
    target: { type: 'beat' },
    intervalMs: 1000,
    startIntervalMs: 1000,
    timeoutMs: 1000,
    failureThreshold: 2,
    successThreshold: 1,
    graceMs: 0,
  } as const;
  const subject: ProbeSubject = {
    service: 'api',
    run: 1,
    question: 'watchdog',
    probe,
    spec: given.service('api').spec,
    cadence: 'running',
  };
  const asker = beatKind(of ?? clock, notices, () => state.sleptMs).open(subject, () => void (state.woken += 1));
  state.ask = async () => (await asker.ask(new AbortController().signal)).answer;
  return state;
}

test('a run has one interval for its first sign of life', async () => {
  const one = world();
  one.clock.advance(1000);
  expect(await one.ask()).toBe('pass');
  one.clock.advance(1);
  expect(await one.ask()).toBe('fail');
});

test('a sign of life counts for one interval', async () => {
  const one = world();
  one.beatAt = one.clock.monotonic() + 900;
  one.clock.advance(1900);
  expect(await one.ask()).toBe('pass');
  one.clock.advance(1);
  expect(await one.ask()).toBe('fail');
});

test('a run that says itself that it is beyond help fails at once', async () => {
  const one = world();
  one.failing = 'yes';
  expect(await one.ask()).toBe('fail');
  // Asked again at once, so that it is not taken for a slip; but not for ever.
  expect(one.woken).toBe(1);
  for (let time = 0; time < 10; time += 1) expect(await one.ask()).toBe('fail');
  expect(one.woken).toBe(2);
});

test('a machine that slept puts the deadline off by one interval', async () => {
  const one = world();
  one.clock.advance(1500);
  one.sleptMs = 251;
  expect(await one.ask()).toBe('pass');
  one.clock.advance(1000);
  expect(await one.ask()).toBe('pass');
  one.clock.advance(1);
  expect(await one.ask()).toBe('fail');
});

test('a deadline is put off once, until there is a sign of life again', async () => {
  const one = world();
  one.clock.advance(1500);
  one.sleptMs = 300;
  expect(await one.ask()).toBe('pass');
  one.clock.advance(1500);
  one.sleptMs = 600;
  expect(await one.ask()).toBe('fail');
  one.beatAt = one.clock.monotonic();
  expect(await one.ask()).toBe('pass');
  one.clock.advance(1500);
  one.sleptMs = 900;
  expect(await one.ask()).toBe('pass');
});

test('a machine that slept for less than a quarter of the interval excuses nobody', async () => {
  const one = world();
  one.clock.advance(1500);
  one.sleptMs = 250;
  expect(await one.ask()).toBe('fail');
});

test('a daemon that was late itself puts the deadline off', async () => {
  // Timers are set and do not fire: what is due has been waiting for the daemon.
  const late = { nowMs: 0 };
  const clock: Clock = {
    now: () => late.nowMs,
    monotonic: () => late.nowMs,
    after: () => ({ [Symbol.dispose]: () => undefined }),
  };
  const one = world(clock);
  late.nowMs = 1501;
  expect(await one.ask()).toBe('pass');
  late.nowMs = 3002;
  expect(await one.ask()).toBe('fail');
});
