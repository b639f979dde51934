// What a run of a process does with its whole tree, by the runtime as it is used.
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { systemClock } from '../../src/clock/system.ts';
import type { Spec } from '../../src/model/spec.ts';
import { NO_GROUND } from '../../src/runtime/cgroup-ground.ts';
import type { KindRuntime } from '../../src/runtime/dispatch.ts';
import { createProcessRuntime } from '../../src/runtime/process.ts';
import type { Tree, Trees } from '../../src/runtime/tree.ts';
import { createTrees } from '../../src/runtime/trees.ts';
import { type RuntimeWorld, exec, lives, pause, runtimeWorld, shell, stopRule } from './runtime-world.ts';

const MEBIBYTE = 2 ** 20;
/** A process that left session and group, lost its parents and does not heed SIGTERM. */
const FAR = 'setsid sh -c "(trap \\"\\" TERM; sleep 1000 & echo \\$! >far)" & while [ ! -s far ]; do sleep 0.01; done';

describe.for(['cgroup', 'session'] as const)('a run held by %s', (way) => {
  let world: RuntimeWorld;
  let trees: Trees;
  let runtime: KindRuntime;
  beforeEach(() => {
    world = runtimeWorld();
    const runDirectory = join(world.folder, 'run');
    const ground = way === 'session' ? { ground: NO_GROUND } : {};
    trees = createTrees({ clock: systemClock(), runDirectory, ...ground });
    runtime = createProcessRuntime(world.parts({ trees }));
  });
  afterEach(async () => {
    for (const { type, service, run } of world.reports) {
      if (type !== 'started') continue;
      runtime.kill(service, run);
      await world.report('exited', service, run);
      runtime.release(service, run);
      while (trees.heldBy(service, run) !== null) await pause(5);
    }
    world[Symbol.dispose]();
  });
  const started = async (spec: Spec): Promise<number> => {
    runtime.start(spec, 1);
    return (await world.report('started', spec.name)).pid ?? 0;
  };

  test('tells how it is held while it is there', async () => {
    await started(world.spec('api', exec('sleep', '1000')));
    expect(trees.heldBy('api', 1)).toMatchObject({ tree: way });
    expect(trees.heldBy('api', 2)).toBeNull();
  });

  test('that ends by itself is over when who went far away is ended too', async () => {
    runtime.start(world.spec('api', shell(`${FAR}; exit 3`)), 1);
    expect(await world.report('exited', 'api')).toMatchObject({ exitCode: 3, signal: null });
    expect(lives(Number(await world.file('far')))).toBe(false);
  });

  test('that is asked to end is not over while somebody far away goes on, and a kill ends that', async () => {
    const spec = world.spec('api', shell(`${FAR}; exec sleep 1000`));
    const pid = await started(spec);
    const far = Number(await world.file('far'));
    runtime.stop(spec, 1);
    while (lives(pid)) await pause(5);
    await pause(100);
    expect(world.reports.map(({ type }) => type)).toEqual(['started']);
    expect(lives(far)).toBe(true);
    runtime.kill('api', 1);
    expect(await world.report('exited', 'api')).toMatchObject({ exitCode: null, signal: 'SIGTERM' });
    expect(lives(far)).toBe(false);
  });

  test('that is killed is known to be ended by SIGKILL, for its shim is spared', async () => {
    await started(world.spec('api', shell(`trap "" TERM; ${FAR}; while :; do sleep 0.05; done`)));
    const far = Number(await world.file('far'));
    runtime.kill('api', 1);
    expect(await world.report('exited', 'api')).toMatchObject({ exitCode: null, signal: 'SIGKILL' });
    expect(lives(far)).toBe(false);
  });

  test('of 25 processes in 23 sessions is ended as a whole', async () => {
    const many =
      'for i in $(seq 23); do setsid sh -c "trap : TERM; echo \\$\\$ >>all; exec sleep 1000" & done; sleep 1000 & wait';
    const pid = await started(world.spec('api', shell(many)));
    let all: readonly number[] = [];
    while (all.length < 23) {
      all = (await world.file('all')).split('\n').slice(0, -1).map(Number);
      await pause(5);
    }
    runtime.kill('api', 1);
    await world.report('exited', 'api');
    expect([pid, ...all].filter(lives)).toEqual([]);
  });

  test('whose stop command ends well goes on to signals for all that still lives', async () => {
    const stop = stopRule({ command: exec('true') });
    const spec = world.spec('api', shell('setsid sleep 1000 & echo $! >far; sleep 1000'), { stop });
    await started(spec);
    const far = Number(await world.file('far'));
    runtime.stop(spec, 1);
    expect(await world.report('exited', 'api')).toMatchObject({ signal: 'SIGTERM' });
    expect(lives(far)).toBe(false);
  });
});

describe('a run with limits', () => {
  let world: RuntimeWorld;
  beforeEach(() => {
    world = runtimeWorld();
  });
  afterEach(() => world[Symbol.dispose]());

  test('that eats more memory than it may is reported to have ended for that', async () => {
    const { trees } = world.parts();
    const runtime = createProcessRuntime(world.parts());
    const limits = { memoryBytes: 40 * MEBIBYTE, cpus: null, processes: 50 };
    const eat = `my @all; for (1..200) { push @all, "x" x ${MEBIBYTE} } sleep 1000`;
    runtime.start(world.spec('hungry', exec('perl', '-e', eat), { limits }), 1);
    await world.report('started', 'hungry');
    expect(trees.heldBy('hungry', 1)?.limits).toEqual({ memoryBytes: 'enforced', cpus: 'none', processes: 'enforced' });
    expect(await world.report('exited', 'hungry')).toEqual({
      type: 'exited',
      service: 'hungry',
      run: 1,
      exitCode: null,
      signal: 'SIGKILL',
      cause: 'memory',
    });
    runtime.release('hungry', 1);
    while (trees.heldBy('hungry', 1) !== null) await pause(5);
  });

  test('starts all the same where nothing can hold it to them, and says so', async () => {
    const trees = createTrees({ clock: systemClock(), runDirectory: join(world.folder, 'run'), ground: NO_GROUND });
    const runtime = createProcessRuntime(world.parts({ trees }));
    const limits = { memoryBytes: MEBIBYTE, cpus: 0.01, processes: 1 };
    runtime.start(world.spec('free', shell('echo up >up; while [ ! -e go ]; do sleep 0.01; done'), { limits }), 1);
    await world.file('up');
    const unavailable = { unavailable: 'there is no control group to hold it to' };
    expect(trees.heldBy('free', 1)).toEqual({
      tree: 'session',
      why: 'control groups are not used',
      limits: { memoryBytes: unavailable, cpus: unavailable, processes: unavailable },
    });
    runtime.kill('free', 1);
    await world.report('exited', 'free');
    expect(existsSync(join(world.folder, 'go'))).toBe(false);
  });
});

test('a run of which something survives SIGKILL is reported as lingering, and ends when that has gone after all', async () => {
  using world = runtimeWorld();
  const { trees } = world.parts();
  let left: 'something' | 'nothing' = 'something';
  // A process in an uninterruptible sleep cannot be had at will, so one is made up beside the real ones.
  const haunted = (tree: Tree): Tree => ({
    place: tree.place,
    held: () => tree.held(),
    know: (leaders) => tree.know(leaders),
    fallBack: (why) => tree.fallBack(why),
    isEmpty: () => left === 'nothing' && tree.isEmpty(),
    members: () => [
      ...tree.members(),
      ...(left === 'something' ? [{ pid: 4711, name: 'nfsd', state: 'D', waits: 'rpc_wait' }] : []),
    ],
    signal: (name, scope) => tree.signal(name, scope),
    ask: (name, scope) => tree.ask(name, scope),
    kill: () => tree.kill(),
    watch: () => ({ [Symbol.dispose]: () => undefined }),
    causeOf: (ending) => tree.causeOf(ending),
    remove: () => tree.remove(),
  });
  const runtime = createProcessRuntime(
    world.parts({ trees: { ...trees, plant: (order) => haunted(trees.plant(order)) } }),
  );
  runtime.start(world.spec('api', exec('sleep', '1000')), 1);
  await world.report('started', 'api');
  runtime.kill('api', 1);
  expect(await world.report('lingering', 'api')).toEqual({
    type: 'lingering',
    service: 'api',
    run: 1,
    pids: [4711],
    text: '4711 nfsd (state D, waits in rpc_wait)',
  });
  expect(world.reports.map(({ type }) => type)).toEqual(['started', 'lingering']);
  left = 'nothing';
  expect(await world.report('exited', 'api')).toMatchObject({ signal: 'SIGKILL' });
  while (trees.heldBy('api', 1) !== null) await pause(5);
});
