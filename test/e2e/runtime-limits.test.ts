import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { findGround } from '../../src/runtime/cgroup-ground.ts';
import type { Ending } from '../../src/model/reason.ts';
import { lives, pause } from './runtime-world.ts';
import { type TreeWorld, treeWorld } from './tree-world.ts';

const KILLED: Ending = { exitCode: null, signal: 'SIGKILL' };
const MEBIBYTE = 2 ** 20;
/** Touches that much memory, piece by piece, and says so. */
const eat = (mebibytes: number): string =>
  `exec perl -e 'my @all; for (1..${mebibytes}) { push @all, "x" x ${MEBIBYTE} } open my $f, ">", "eaten"; print $f "1\\n"; close $f; sleep 1000'`;

let world: TreeWorld;
beforeEach(() => {
  world = treeWorld('cgroup');
});
afterEach(() => world[Symbol.asyncDispose]());

test('a run that uses more memory than it may is ended by the kernel, and that is the cause of its end', async () => {
  const { tree, status } = await world.plant(eat(200), { memoryBytes: 40 * MEBIBYTE });
  expect(tree.held().limits).toEqual({ memoryBytes: 'enforced', cpus: 'none', processes: 'none' });
  expect(await status).toBe(137);
  expect(existsSync(join(world.folder, 'eaten'))).toBe(false);
  expect(tree.causeOf(KILLED)).toEqual({ ...KILLED, cause: 'memory' });
  expect(tree.causeOf({ exitCode: 137, signal: null })).toMatchObject({ cause: 'memory' });
  expect(tree.causeOf({ exitCode: 1, signal: null })).toEqual({ exitCode: 1, signal: null });
});

test('a run that stays below its memory, or is killed by Rouse, does not end for want of memory', async () => {
  const { tree, status } = await world.plant(eat(8), { memoryBytes: 60 * MEBIBYTE });
  await world.pids('eaten', 1);
  tree.kill();
  expect(await status).toBe(137);
  expect(tree.causeOf(KILLED)).toEqual(KILLED);
});

test('a run that Rouse kills after one of its children used too much memory was ended by Rouse', async () => {
  const { tree, main, status } = await world.plant(`( ${eat(200)} ); echo $? >child; sleep 1000`, {
    memoryBytes: 40 * MEBIBYTE,
  });
  expect(await world.pids('child', 1)).toEqual([137]);
  expect(lives(main)).toBe(true);
  tree.kill();
  await status;
  expect(tree.causeOf(KILLED)).toEqual(KILLED);
});

test('a fork bomb stays within its processes, and is killed as a whole', async () => {
  const { tree } = await world.plant(
    'sleep 2000 & while [ ! -e go ]; do sleep 0.01; done; b() { b | b & }; b; sleep 1000',
    {
      processes: 60,
    },
  );
  expect(tree.held().limits).toEqual({ memoryBytes: 'none', cpus: 'none', processes: 'enforced' });
  const group = tree.place.find((place) => place.includes('/pids/')) ?? tree.place[0] ?? '';
  expect(readFileSync(join(group, 'pids.max'), 'utf8')).toBe('60\n');
  writeFileSync(join(world.folder, 'go'), '');
  const countOf = (name: string): number => Number(readFileSync(join(group, name), 'utf8').trim().replace('max ', ''));
  // The kernel counts the forks that it refused.
  while (countOf('pids.events') === 0) {
    expect(countOf('pids.current')).toBeLessThanOrEqual(60);
    await pause(5);
  }
  tree.kill();
  await world.empty(tree);
  await pause(100);
  expect(tree.members()).toEqual([]);
});

test('a run is given its share of the processors', async () => {
  const { tree, main } = await world.plant('while :; do :; done', { cpus: 0.2 });
  expect(tree.held().limits).toEqual({ memoryBytes: 'none', cpus: 'enforced', processes: 'none' });
  const used = (): number => {
    const fields = readFileSync(`/proc/${main}/stat`, 'latin1').split(') ')[1]?.split(' ') ?? [];
    return (Number(fields[11]) + Number(fields[12])) * 10;
  };
  const begun = used();
  const at = performance.now();
  await pause(1000);
  expect((used() - begun) / (performance.now() - at)).toBeLessThan(0.5);
});

test('the groups of a run are gone when it is removed, and those of the project with the last run', async () => {
  const all = { memoryBytes: 100 * MEBIBYTE, cpus: 1, processes: 100 };
  const { tree, main } = await world.plant('sleep 1000', all);
  const runs = Number(tree.place[0]?.match(/\d+$/)?.[0]);
  expect(world.trees.heldBy('web', runs)).toEqual(tree.held());
  expect(Object.values(tree.held().limits)).toEqual(['enforced', 'enforced', 'enforced']);
  expect(tree.place.every((place) => readFileSync(join(place, 'cgroup.procs'), 'utf8').includes(`${main}\n`))).toBe(
    true,
  );
  // A tree that still lives keeps what holds it.
  tree.kill();
  await world.empty(tree);
  tree.remove();
  while (tree.place.some((place) => existsSync(dirname(place)))) await pause(5);
  expect(world.trees.heldBy('web', runs)).toBeNull();
});

test('a process that is not in its control group is held by its own signs, and status says so', async () => {
  const { tree, main } = await world.plant('setsid sleep 1000 & echo $! >far; wait');
  const [far = 0] = await world.pids('far', 1);
  const { unified } = findGround(join(world.folder, 'run'));
  const leave = (pid: number): void =>
    writeFileSync(join('base' in unified ? unified.base : '', 'cgroup.procs'), `${pid}`);
  leave(main);
  expect(tree.isEmpty()).toBe(false);
  expect(tree.held().tree).toBe('cgroup');
  // Now nobody is in the group, and the process lives.
  leave(far);
  expect(tree.isEmpty()).toBe(false);
  expect(tree.held()).toMatchObject({ tree: 'session', why: 'its process is not in its control group' });
  expect(tree.members().map(({ pid }) => pid)).toEqual([main, far].toSorted((a, b) => a - b));
  tree.kill();
  await world.empty(tree);
  expect([main, far].filter(lives)).toEqual([]);
});

test('a process that left its control group is killed with those that are still in it', async () => {
  const { tree, main } = await world.plant('setsid sleep 1000 & echo $! >far; wait');
  const [far = 0] = await world.pids('far', 1);
  const { unified } = findGround(join(world.folder, 'run'));
  writeFileSync(join('base' in unified ? unified.base : '', 'cgroup.procs'), `${main}`);
  tree.kill();
  await world.empty(tree);
  expect([main, far].filter(lives)).toEqual([]);
});
