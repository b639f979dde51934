// What becomes of a service, and of each earlier task, when requests meet: one row of the table is one test.
import { expect, test } from 'vitest';
import type { Case } from '../../src/core/verdict.ts';
import { casesOf, judgeTask } from '../../src/core/verdict.ts';
import type { Phase } from '../../src/model/service.ts';
import type { Told } from './given.ts';
import { given } from './given.ts';
import { seededRandom } from '../../src/clock/random.ts';

type Word = 'start' | 'stop' | 'restart';

/** Asks, and keeps the task: null where there was nothing to do. */
function ask(
  told: Told,
  action: Word,
  options: { readonly again?: 'again'; readonly grace?: 'none' } = {},
): Case | null {
  const want = { action, services: ['db'], scope: 'closure', completed: options.again ?? 'keep' } as const;
  const [task = null] = casesOf(told.system, want);
  told.intent += 1;
  told.hears({ type: 'want', intent: told.intent, ...want, grace: options.grace ?? 'rule' });
  return task;
}

const verdict = (told: Told, task: Case | null): string =>
  task === null ? 'already' : judgeTask(told.system, task).state;

/** A service in the phase in which the first request left it. */
function after(first: Word, from: 'stopped' | 'ready'): { readonly told: Told; readonly task: Case | null } {
  const told = given.system(given.service('db').settles(100));
  if (from === 'ready') {
    told.start('db');
    told.brings('db');
  }
  return { told, task: ask(told, first) };
}

/** Lets it come to rest, whatever it is at. */
function settle(told: Told): void {
  for (let turn = 0; turn < 4; turn += 1) {
    if (told.phase('db') === 'starting' && told.of('db').spawned === 'no') told.started('db');
    if (told.phase('db') === 'starting') told.fires('db', 'settle');
    if (told.phase('db') === 'stopping') told.exits('db', 0);
  }
}

interface Row {
  readonly first: Word;
  readonly from: 'stopped' | 'ready';
  readonly second: Word;
  /** Of the first task, as soon as the second request is in. */
  readonly at: string;
  /** Of both at the end. */
  readonly ends: readonly [string, string];
  readonly phase: Phase;
  readonly runs: number;
}

const ROWS: readonly Row[] = [
  { first: 'start', from: 'stopped', second: 'start', at: 'doing', ends: ['done', 'done'], phase: 'ready', runs: 1 },
  {
    first: 'start',
    from: 'stopped',
    second: 'stop',
    at: 'canceled',
    ends: ['canceled', 'done'],
    phase: 'stopped',
    runs: 1,
  },
  { first: 'start', from: 'stopped', second: 'restart', at: 'doing', ends: ['done', 'done'], phase: 'ready', runs: 2 },
  {
    first: 'start',
    from: 'ready',
    second: 'stop',
    at: 'already',
    ends: ['already', 'done'],
    phase: 'stopped',
    runs: 1,
  },
  { first: 'restart', from: 'ready', second: 'start', at: 'doing', ends: ['done', 'done'], phase: 'ready', runs: 2 },
  { first: 'restart', from: 'ready', second: 'restart', at: 'doing', ends: ['done', 'done'], phase: 'ready', runs: 2 },
  {
    first: 'restart',
    from: 'ready',
    second: 'stop',
    at: 'canceled',
    ends: ['canceled', 'done'],
    phase: 'stopped',
    runs: 1,
  },
  {
    first: 'restart',
    from: 'stopped',
    second: 'restart',
    at: 'doing',
    ends: ['done', 'done'],
    phase: 'ready',
    runs: 2,
  },
  {
    first: 'stop',
    from: 'ready',
    second: 'start',
    at: 'canceled',
    ends: ['canceled', 'done'],
    phase: 'ready',
    runs: 2,
  },
  {
    first: 'stop',
    from: 'ready',
    second: 'restart',
    at: 'canceled',
    ends: ['canceled', 'done'],
    phase: 'ready',
    runs: 2,
  },
  { first: 'stop', from: 'ready', second: 'stop', at: 'doing', ends: ['done', 'done'], phase: 'stopped', runs: 1 },
  {
    first: 'stop',
    from: 'stopped',
    second: 'start',
    at: 'already',
    ends: ['already', 'done'],
    phase: 'ready',
    runs: 1,
  },
];

test.for(ROWS)('$first of a $from service, then $second: the first is $at, it ends $phase', (row) => {
  const { told, task } = after(row.first, row.from);
  const later = ask(told, row.second);
  expect(verdict(told, task)).toBe(row.at);
  const canceled = verdict(told, task) === 'canceled';
  settle(told);
  // A verdict is given once: the book forgets a task that has one.
  expect([canceled ? 'canceled' : verdict(told, task), verdict(told, later)]).toEqual(row.ends);
  expect([told.phase('db'), told.of('db').run]).toEqual([row.phase, row.runs]);
});

test('a start of what is up, and a stop of what rests, have nothing to do', () => {
  const { told } = after('start', 'ready');
  expect(ask(told, 'start')).toBeNull();
  told.stop('db');
  told.exits('db', 0);
  expect(ask(told, 'stop')).toBeNull();
});

test('a stop in the gap of a restart wins', () => {
  const told = given.system(given.service('busy'), given.service('db').requires('busy'));
  told.start('db');
  told.brings('busy', 'db');
  const task = ask(told, 'restart');
  told.exits('busy', 1);
  told.exits('db', 0);
  expect(told.phase('db')).toBe('waiting');
  const stop = ask(told, 'stop');
  expect([verdict(told, task), verdict(told, stop), told.phase('db')]).toEqual(['canceled', 'done', 'stopped']);
});

test('many restarts at once come to one change of the run, and all of them are done by it', () => {
  const { told } = after('start', 'ready');
  const tasks = Array.from({ length: 20 }, () => ask(told, 'restart'));
  settle(told);
  expect(told.of('db').run).toBe(2);
  expect(new Set(tasks.map((task) => verdict(told, task)))).toEqual(new Set(['done']));
});

test('a run that is asked for while one is at work joins it, and one asked for afterwards is another', () => {
  const told = given.system(given.service('db').task());
  const first = ask(told, 'start', { again: 'again' });
  told.started('db');
  const second = ask(told, 'start', { again: 'again' });
  told.exits('db', 0);
  expect([verdict(told, first), verdict(told, second), told.of('db').run]).toEqual(['done', 'done', 1]);
  ask(told, 'start', { again: 'again' });
  expect(told.of('db')).toMatchObject({ phase: 'starting', run: 2 });
});

test('a second stop joins the first; one without grace kills at once', () => {
  const { told } = after('start', 'ready');
  ask(told, 'stop');
  expect(
    told.hears({ type: 'want', action: 'stop', services: ['db'], scope: 'closure', completed: 'keep', intent: 9 })
      .effects,
  ).toEqual([]);
  const hurried = told.hears({
    type: 'want',
    action: 'stop',
    services: ['db'],
    scope: 'closure',
    completed: 'keep',
    grace: 'none',
    intent: 10,
  });
  expect(hurried.effects).toContain('db#1 kill');
});

test('a stop without grace still takes dependents first', () => {
  const told = given.system(given.service('db'), given.service('web').requires('db'));
  told.start('web');
  told.brings('db', 'web');
  ask(told, 'stop', { grace: 'none' });
  expect([told.phase('web'), told.phase('db')]).toEqual(['stopping', 'ready']);
  expect(told.exits('web', 'SIGKILL').effects).toContain('db#1 kill');
});

test('a definition that is applied while a restart is under way is that of the next run', () => {
  const db = given.service('db');
  const told = given.system(db);
  told.start('db');
  told.brings('db');
  told.wants('restart', ['db'], { scope: 'alone' });
  told.redefines(db.revised());
  told.exits('db', 0);
  expect(told.of('db')).toMatchObject({ phase: 'starting', run: 2, runSpec: { hash: db.revised().spec.hash } });
});

test('whatever is asked in whatever order, the last intent decides where it ends', () => {
  for (let seed = 1; seed <= 200; seed += 1) {
    const random = seededRandom(seed);
    const told = given.system(given.service('db').settles(100));
    let last: Word = 'start';
    for (let turn = 0; turn < 12; turn += 1) {
      last = (['start', 'stop', 'restart'] as const)[Math.floor(random.draw() * 3)] ?? 'start';
      ask(told, last, random.draw() < 0.3 ? { grace: 'none' } : {});
      if (random.draw() < 0.3 && told.phase('db') === 'starting') told.started('db');
      if (random.draw() < 0.3 && told.phase('db') === 'stopping') told.exits('db', 0);
    }
    settle(told);
    expect([seed, told.phase('db')]).toEqual([seed, last === 'stop' ? 'stopped' : 'ready']);
  }
});

test('requests of the same kind come to the same, in whatever order they arrive', () => {
  const ends = (words: readonly Word[]): string => {
    const { told } = after('start', 'ready');
    for (const word of words) ask(told, word);
    settle(told);
    return `${told.phase('db')} ${told.of('db').run}`;
  };
  expect(ends(['start', 'restart'])).toBe(ends(['restart', 'start']));
  expect(ends(['restart', 'restart', 'start'])).toBe(ends(['restart', 'start', 'restart']));
  expect(ends(['stop', 'stop', 'restart'])).toBe(ends(['stop', 'restart', 'start']));
});
