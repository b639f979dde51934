import { expect, test } from 'vitest';
import { given } from '../core/given.ts';
import { Performer } from '../../src/engine/perform.ts';
import type { Happening } from '../../src/model/event.ts';
import { stage } from './given.ts';

const db = given.service('db').checked();
const order = { service: 'db', run: 1 } as const;

function performer(): { performer: Performer; heard: Happening[]; on: ReturnType<typeof stage> } {
  const on = stage(db);
  const heard: Happening[] = [];
  return { performer: new Performer(on.engine.world, (happening) => heard.push(happening)), heard, on };
}

test('each order is one call', () => {
  const { performer: does, on } = performer();
  const { spec } = db;
  does.perform({ ...order, type: 'start', spec });
  does.perform({ ...order, type: 'stop', spec });
  does.perform({ ...order, type: 'kill' });
  does.perform({ ...order, type: 'release' });
  does.perform({ ...order, type: 'start-probe', question: 'health', cadence: 'starting', spec });
  does.perform({ ...order, type: 'stop-probes' });
  expect(on.calls).toEqual(['start db 1', 'stop db 1', 'kill db 1', 'release db 1', 'ask db 1 health', 'forget db']);
});

test('a timer fires once, with the run that it was set for', () => {
  const { performer: does, heard, on } = performer();
  does.perform({ ...order, type: 'set-timer', timer: 'kill', delayMs: 50 });
  on.later(49);
  expect(heard).toEqual([]);
  expect(does.timers()).toEqual(new Map([['db', ['kill']]]));
  on.later(500);
  expect(heard).toEqual([{ type: 'timer', ...order, timer: 'kill' }]);
  expect(does.timers().size).toBe(0);
});

test('a timer that is set again begins anew', () => {
  const { performer: does, heard, on } = performer();
  does.perform({ ...order, type: 'set-timer', timer: 'kill', delayMs: 50 });
  on.later(30);
  does.perform({ ...order, type: 'set-timer', timer: 'kill', delayMs: 50 });
  on.later(30);
  expect(heard).toEqual([]);
  on.later(30);
  expect(heard).toHaveLength(1);
});

test('cleared timers, and those of a performer that is disposed, do not fire', () => {
  const { performer: does, heard, on } = performer();
  does.perform({ ...order, type: 'set-timer', timer: 'kill', delayMs: 5 });
  does.perform({ ...order, type: 'set-timer', timer: 'stable', delayMs: 5 });
  does.perform({ ...order, type: 'clear-timers' });
  does.perform({ ...order, run: 2, type: 'set-timer', timer: 'startup', delayMs: 5 });
  does[Symbol.dispose]();
  on.later(50);
  expect(heard).toEqual([]);
  expect(on.clock.pending()).toBe(0);
});
