import { afterEach, describe, expect, test } from 'vitest';
import { VirtualClock } from '../../src/clock/virtual.ts';
import { type Marks, Schedules } from '../../src/daemon/schedules.ts';
import type { Phase } from '../../src/model/service.ts';
import type { Schedule } from '../../src/model/spec.ts';
import { change, definition, spec, view } from '../api/fake-supervisor.ts';

// 1 January 2026 was a Thursday.
const START = Date.UTC(2026, 0, 1);
const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const EVERY: Schedule = { cron: '*/10 * * * *', timezone: 'UTC', overlap: 'skip', catchUp: 'skip' };

let schedules: Schedules | null = null;
afterEach(() => schedules?.[Symbol.dispose]());

interface Scene {
  readonly clock: VirtualClock;
  /** `01:10 run`, `01:20 skipped`: what was ordered or told, with the time. */
  readonly happened: string[];
  readonly written: Marks[];
  phase: Phase;
  up: 'up' | 'down';
  pin: 'down' | 'none';
}

function scene(schedule: Partial<Schedule> = {}, marks: Marks = {}): Scene {
  const clock = new VirtualClock(START);
  const job = spec('job', { kind: 'task', schedule: { ...EVERY, ...schedule }, autostart: 'no' });
  const found: Scene = { clock, happened: [], written: [], phase: 'completed', up: 'up', pin: 'none' };
  const time = (): string => new Date(clock.now()).toISOString().slice(11, 16);
  const viewed = () => view('job', { phase: found.phase, pin: found.pin });
  schedules = new Schedules({
    clock,
    supervisor: {
      definition: () => definition([spec('web'), job]),
      service: (name) => (name === 'web' ? view('web', { desired: found.up }) : viewed()),
      request: (order) => {
        expect(order).toMatchObject({ services: ['job'], completed: 'again', by: { via: 'rouse', name: 'schedule' } });
        found.happened.push(`${time()} ${order.action}`);
        return change('1');
      },
      note: (body) => {
        if (body.type === 'schedule.due' && body.result !== 'started') found.happened.push(`${time()} ${body.result}`);
      },
    },
    read: () => marks,
    write: (next) => found.written.push(next),
    say: () => undefined,
  });
  return found;
}

describe('a task', () => {
  test('runs whenever it is due, and at no other time', () => {
    const { clock, happened } = scene();
    clock.advance(30 * MINUTE);
    expect(happened).toEqual(['00:10 run', '00:20 run', '00:30 run']);
  });

  test('is not run when its daemon begins', () => {
    expect(scene().happened).toEqual([]);
  });

  test('is not run while nothing of its project is wanted up, nor later for what was due then', () => {
    const on = scene({ catchUp: 'once' });
    on.up = 'down';
    on.clock.advance(15 * MINUTE);
    on.up = 'up';
    on.clock.advance(4 * MINUTE);
    expect(on.happened).toEqual([]);
    on.clock.advance(MINUTE);
    expect(on.happened).toEqual(['00:20 run']);
  });

  test('is not run while it is pinned down', () => {
    const on = scene();
    on.pin = 'down';
    on.clock.advance(10 * MINUTE);
    expect(on.happened).toEqual(['00:10 skipped']);
  });
});

describe('a run that is not over when the next is due', () => {
  test.for([
    ['skip', ['00:10 skipped']],
    ['replace', ['00:10 restart']],
    ['queue', ['00:10 queued']],
  ] as const)('with overlap %s', ([overlap, expected]) => {
    const on = scene({ overlap });
    on.phase = 'ready';
    on.clock.advance(10 * MINUTE);
    expect(on.happened).toEqual(expected);
  });

  test('is followed by the one that is queued, once', () => {
    const on = scene({ overlap: 'queue' });
    on.phase = 'starting';
    on.clock.advance(20 * MINUTE);
    schedules?.moved('job');
    expect(on.happened).toEqual(['00:10 queued', '00:20 queued']);
    on.phase = 'completed';
    schedules?.moved('job');
    schedules?.moved('job');
    expect(on.happened.slice(2)).toEqual(['00:20 run']);
  });
});

describe('what was due while no daemon lived', () => {
  const before = { job: START - 35 * MINUTE };

  test('is forgotten', () => {
    expect(scene({}, before).happened).toEqual(['00:00 missed']);
  });

  test('is made up for once, where it is asked for', () => {
    const on = scene({ catchUp: 'once' }, before);
    on.clock.advance(10 * MINUTE);
    expect(on.happened).toEqual(['00:00 run', '00:10 run']);
  });

  test('is known by the mark that is kept', () => {
    const on = scene();
    on.clock.advance(10 * MINUTE);
    expect(on.written.at(-1)).toEqual({ job: START + 10 * MINUTE });
  });
});

describe('a clock that is set', () => {
  test('back runs nothing twice', () => {
    const on = scene();
    on.clock.advance(10 * MINUTE);
    on.clock.jumpWall(-5 * MINUTE);
    on.clock.advance(6 * MINUTE);
    expect(on.happened).toEqual(['00:10 run']);
    on.clock.advance(9 * MINUTE);
    expect(on.happened).toEqual(['00:10 run', '00:20 run']);
  });

  test('back by many hours is believed', () => {
    const on = scene();
    on.clock.advance(10 * MINUTE);
    on.clock.jumpWall(-24 * HOUR);
    on.clock.advance(10 * MINUTE);
    expect(on.happened).toEqual(['00:10 run', '00:20 run']);
  });

  test('ahead runs nothing for what it has passed over, and is seen within half a minute', () => {
    const on = scene();
    on.clock.jumpWall(35 * MINUTE);
    on.clock.advance(30_000);
    expect(on.happened).toEqual(['00:35 missed']);
    on.clock.advance(5 * MINUTE);
    expect(on.happened.slice(1)).toEqual(['00:40 run']);
  });
});

test('a daemon without schedules waits for nothing', () => {
  const clock = new VirtualClock(START);
  const never = (): never => {
    throw new Error('nobody is to be asked');
  };
  const supervisor = { definition: () => definition([spec('web')]), service: never, request: never, note: never };
  schedules = new Schedules({ clock, supervisor, read: () => ({}), write: never, say: never });
  expect(clock.pending()).toBe(0);
});

test('after its end nothing falls due', () => {
  const on = scene();
  schedules?.[Symbol.dispose]();
  on.clock.advance(HOUR);
  expect(on.happened).toEqual([]);
});
