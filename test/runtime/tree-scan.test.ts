import { expect, test } from 'vitest';
import { VirtualClock } from '../../src/clock/virtual.ts';
import type { Identity, ProcessStat } from '../../src/runtime/process-group.ts';
import { type Look, TreeScan, createLooks, lookOf } from '../../src/runtime/tree-scan.ts';

// Numbers above what a kernel gives away, so that nobody's environment is read.
const MAIN = 5_000_001;
const stat = (pid: number, different: Partial<ProcessStat> = {}): ProcessStat => ({
  pid,
  name: 'sh',
  state: 'S',
  parent: 1,
  group: pid,
  session: pid,
  threads: 1,
  startTime: '100',
  ...different,
});
/** They, and this program, which every look has in it. */
const processes = (...all: readonly ProcessStat[]): Look =>
  lookOf(new Map([stat(process.pid, { startTime: '1' }), ...all].map((one) => [one.pid, one])));
const identity = (pid: number, startTime = '100'): Identity => ({ pid, startTime });
const wanted = (leaders: readonly Identity[], outside: readonly Identity[] = []) => ({
  cookie: 'cookie',
  leaders,
  outside,
  since: 50,
});
const pidsOf = (scan: TreeScan, ...of: Parameters<TreeScan['members']>): readonly number[] =>
  scan.members(...of).members.map(({ pid }) => pid);

test('children of members are members, however deep, and whoever their session is led by', () => {
  const all = processes(
    stat(MAIN),
    stat(MAIN + 1, { parent: MAIN }),
    stat(MAIN + 2, { parent: MAIN + 1 }),
    stat(MAIN + 3),
  );
  expect(pidsOf(new TreeScan(), wanted([identity(MAIN)]), all)).toEqual([MAIN, MAIN + 1, MAIN + 2]);
});

test('children of the shim are members, the shim is not', () => {
  const shim = identity(MAIN + 9, '90');
  const all = processes(stat(MAIN + 9, { startTime: '90' }), stat(MAIN + 1, { parent: MAIN + 9 }));
  expect(pidsOf(new TreeScan(), wanted([], [shim]), all)).toEqual([MAIN + 1]);
});

test('a member of the session stays one when its leader has ended', () => {
  const scan = new TreeScan();
  const child = stat(MAIN + 1, { session: MAIN, group: MAIN });
  expect(pidsOf(scan, wanted([identity(MAIN)]), processes(stat(MAIN), child))).toEqual([MAIN, MAIN + 1]);
  expect(pidsOf(scan, wanted([identity(MAIN)]), processes(child))).toEqual([MAIN + 1]);
});

test('a session whose number was given away again is that of a stranger', () => {
  const stranger = stat(MAIN, { startTime: '300' });
  const child = stat(MAIN + 1, { session: MAIN, group: MAIN, startTime: '310' });
  expect(pidsOf(new TreeScan(), wanted([identity(MAIN)]), processes(stranger, child))).toEqual([]);
  // Its leader has gone too, and it began when nobody knew the session to be the run's any more.
  expect(pidsOf(new TreeScan(), wanted([identity(MAIN)]), processes(child))).toEqual([]);
});

test('a member whose number was given away again is none any more', () => {
  const scan = new TreeScan();
  const child = stat(MAIN + 1, { parent: MAIN });
  pidsOf(scan, wanted([identity(MAIN)]), processes(stat(MAIN), child));
  expect(pidsOf(scan, wanted([identity(MAIN)]), processes(stat(MAIN + 1, { startTime: '400' })))).toEqual([]);
});

test('ended processes that nobody reaps are no members, unless their threads go on', () => {
  const scan = (different: Partial<ProcessStat>): readonly number[] =>
    pidsOf(new TreeScan(), wanted([identity(MAIN)]), processes(stat(MAIN, { state: 'Z', ...different })));
  expect(scan({})).toEqual([]);
  expect(scan({ threads: 3 })).toEqual([MAIN]);
});

test('a look at which somebody ended before it could be read is not sure; one at which nobody did is', () => {
  // Nobody of that number is there when its environment is read.
  expect(new TreeScan().members(wanted([]), processes(stat(MAIN)))).toEqual({ members: [], certainty: 'unsure' });
  const older = stat(MAIN, { startTime: '40' });
  expect(new TreeScan().members(wanted([]), processes(older))).toEqual({ members: [], certainty: 'sure' });
});

test('trees that end in one turn share a look, and the next turn takes a new one', () => {
  const clock = new VirtualClock();
  const looks = createLooks(clock);
  const first = looks.recent();
  expect(looks.recent()).toBe(first);
  const fresh = looks.fresh();
  expect(fresh).not.toBe(first);
  expect(looks.recent()).toBe(fresh);
  clock.advance(0);
  expect(looks.recent()).not.toBe(fresh);
});

test('a cookie is read once for a look, and this test has none', () => {
  const look = createLooks(new VirtualClock()).fresh();
  const own = look.processes.get(process.pid);
  expect(own === undefined ? null : look.cookieOf(own)).toBe('none');
});

test('a look that was not possible finds nobody, and knows nothing', () => {
  expect(new TreeScan().members(wanted([identity(MAIN)]), lookOf(new Map()))).toEqual({
    members: [],
    certainty: 'unknown',
  });
});
