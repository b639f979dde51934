import { expect, test } from 'vitest';
import { VirtualClock } from '../../src/clock/virtual.ts';
import { LINGERS_AFTER_MS, describeLeft, killTree } from '../../src/runtime/tree-killing.ts';
import type { Lingering, Member, Tree } from '../../src/runtime/tree.ts';

const member = (pid: number, different: Partial<Member> = {}): Member => ({
  pid,
  name: 'postgres',
  state: 'D',
  waits: 'nfs_wait',
  ...different,
});

/** A tree whose members die when the test says so. */
function stubborn(...first: readonly Member[]) {
  const clock = new VirtualClock();
  const calls = { kills: 0, over: 0, lingering: [] as Lingering[], rest: 'over' as 'over' | 'going on' };
  let members = first;
  const never = (): never => {
    throw new Error('not asked for');
  };
  const tree: Tree = {
    place: [],
    held: never,
    know: never,
    fallBack: never,
    isEmpty: () => members.length === 0,
    members: () => members,
    signal: never,
    ask: never,
    kill: () => void (calls.kills += 1),
    watch: () => ({ [Symbol.dispose]: () => undefined }),
    causeOf: (ending) => ending,
    remove: never,
  };
  const killing = killTree(tree, {
    clock,
    isRestOver: () => calls.rest === 'over',
    lingering: (left) => calls.lingering.push(left),
    over: () => (calls.over += 1),
  });
  return { clock, calls, killing, leave: (...left: readonly Member[]) => void (members = left) };
}

test('a tree that dies at once is over in the next turn, and not before', () => {
  const { clock, calls, leave } = stubborn(member(1));
  leave();
  expect(calls).toMatchObject({ kills: 1, over: 0 });
  clock.advance(0);
  expect(calls).toMatchObject({ kills: 1, over: 1, lingering: [] });
});

test('a tree is killed again and again until it is empty, and then never more', () => {
  const { clock, calls, leave } = stubborn(member(1));
  clock.advance(1000);
  expect(calls.kills).toBeGreaterThan(5);
  expect(calls.over).toBe(0);
  leave();
  clock.advance(1000);
  const { kills } = calls;
  clock.advance(60_000);
  expect(calls).toMatchObject({ kills, over: 1, lingering: [] });
});

test('an empty tree is not over before the rest of its run is', () => {
  const { clock, calls, leave } = stubborn(member(1));
  calls.rest = 'going on';
  leave();
  clock.advance(20_000);
  expect(calls).toMatchObject({ over: 0, lingering: [] });
  calls.rest = 'over';
  clock.advance(6000);
  expect(calls.over).toBe(1);
});

test('what is still there after some seconds is said once, and again when others are left', () => {
  const { clock, calls, leave } = stubborn(member(12), member(4711));
  clock.advance(LINGERS_AFTER_MS - 1);
  expect(calls.lingering).toEqual([]);
  clock.advance(10_000);
  expect(calls.lingering).toEqual([
    { pids: [12, 4711], text: '12 postgres (state D, waits in nfs_wait), 4711 postgres (state D, waits in nfs_wait)' },
  ]);
  leave(member(12));
  clock.advance(10_000);
  expect(calls.lingering.map(({ pids }) => pids)).toEqual([[12, 4711], [12]]);
});

test('what lingered and has gone after all is over', () => {
  const { clock, calls, leave } = stubborn(member(1));
  clock.advance(600_000);
  expect(calls).toMatchObject({ over: 0 });
  leave();
  clock.advance(6000);
  expect(calls.over).toBe(1);
});

test('a killing that is disposed says nothing any more', () => {
  const { clock, calls, killing, leave } = stubborn(member(1));
  killing[Symbol.dispose]();
  leave();
  clock.advance(60_000);
  expect(calls).toMatchObject({ over: 0, lingering: [] });
});

test('words name five processes and count the rest', () => {
  const members = [1, 2, 3, 4, 5, 6, 7].map((pid) => member(pid, { name: 'sh', state: 'R', waits: null }));
  expect(describeLeft(members.slice(0, 1))).toBe('1 sh (state R)');
  expect(describeLeft(members)).toMatch(/^1 sh \(state R\), .*5 sh \(state R\) and 2 more$/);
});
