import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { Member } from '../../src/runtime/tree.ts';
import { identify } from '../../src/runtime/process-group.ts';
import { lives, pause } from './runtime-world.ts';
import { type TreeWorld, UNLIMITED, type Way, treeWorld } from './tree-world.ts';

const stateOf = (pid: number): string => readFileSync(`/proc/${pid}/stat`, 'latin1').split(') ')[1]?.[0] ?? '';
async function isIn(state: string, pid: number): Promise<void> {
  while (stateOf(pid) !== state) await pause(5);
}

describe.for(['cgroup', 'session'] as const)('a tree held by %s', (way: Way) => {
  let world: TreeWorld;
  beforeEach(() => {
    world = treeWorld(way);
  });
  afterEach(() => world[Symbol.asyncDispose]());

  test('says how it is held', async () => {
    const { tree } = await world.plant('sleep 1000');
    expect(tree.held()).toMatchObject({ tree: way, why: way === 'cgroup' ? null : 'control groups are not used' });
    expect(tree.place.length).toBe(way === 'cgroup' ? 1 : 0);
  });

  test('has its members with their state and what they wait in', async () => {
    const { tree, main } = await world.plant('sleep 1000 & echo $! >child; wait');
    const [child = 0] = await world.pids('child', 1);
    const look = (): Member | undefined => tree.members().find(({ pid }) => pid === child);
    while (look()?.waits?.includes('sleep') !== true) await pause(5);
    expect(look()).toMatchObject({ name: 'sleep', state: 'S' });
    expect(tree.members().map(({ pid }) => pid)).toEqual([main, child].toSorted((a, b) => a - b));
  });

  test('loses nobody who makes itself a session of its own', async () => {
    const { tree } = await world.plant('setsid sh -c "echo \\$\\$ >far; exec sleep 1000" & wait');
    const [far = 0] = await world.pids('far', 1);
    expect(tree.isEmpty()).toBe(false);
    tree.kill();
    await world.empty(tree);
    expect(lives(far)).toBe(false);
  });

  test('is not empty while a descendant lives that forked twice and lost its parents', async () => {
    const { tree, status } = await world.plant('setsid sh -c "sleep 1000 & echo \\$! >far" & wait; exit 7');
    const [far = 0] = await world.pids('far', 1);
    expect(await status).toBe(7);
    expect(lives(far)).toBe(true);
    expect(tree.isEmpty()).toBe(false);
    tree.kill();
    await world.empty(tree);
    expect(lives(far)).toBe(false);
  });

  test('ends by SIGKILL what ignores SIGTERM, and its shim notes that', async () => {
    const { tree, main, shim, status } = await world.plant('trap "" TERM; echo >up; while :; do sleep 0.05; done');
    await world.pids('up', 1);
    tree.ask('SIGTERM', 'tree');
    await pause(100);
    expect(lives(main)).toBe(true);
    expect(lives(shim.pid ?? 0)).toBe(true);
    tree.kill();
    await world.empty(tree);
    expect(await status).toBe(137);
  });

  test.for(['main', 'tree'] as const)(
    'asks a stopped process to end, scope %s: it is continued, and hears it',
    async (scope) => {
      const { tree, main, status } = await world.plant('trap "echo heard >heard; exit 3" TERM; kill -STOP $$');
      await isIn('T', main);
      expect(tree.ask('SIGTERM', scope)).toBe('sent');
      expect(await status).toBe(3);
      expect(existsSync(join(world.folder, 'heard'))).toBe(true);
    },
  );

  test('asks every member once, wherever it went', async () => {
    const count = 'trap "echo >>$0" TERM; echo >>up; while :; do sleep 0.05; done';
    const { tree, main } = await world.plant(
      `sh -c '${count}' one & setsid sh -c '${count}' two & trap "echo >>three; exit" TERM; echo >>up; wait; wait`,
    );
    await world.pids('up', 3);
    tree.ask('SIGTERM', 'tree');
    await Promise.all(['one', 'two', 'three'].map((name) => world.pids(name, 1)));
    while (lives(main)) await pause(5);
    await pause(100);
    expect(['one', 'two', 'three'].map((name) => readFileSync(join(world.folder, name), 'utf8'))).toEqual([
      '\n',
      '\n',
      '\n',
    ]);
  });

  test('of 25 processes in 23 sessions is killed as a whole', async () => {
    const script =
      'for i in $(seq 23); do setsid sh -c "trap : TERM; echo \\$\\$ >>all; exec sleep 1000" & done; sleep 1000 & wait';
    const { tree, main } = await world.plant(script);
    const all = await world.pids('all', 23);
    expect(tree.members().length).toBe(25);
    tree.kill();
    await world.empty(tree);
    expect([main, ...all].filter(lives)).toEqual([]);
  });

  test('dies while its members go on forking', async () => {
    const grow =
      'g() { echo >>grown; [ $1 -gt 0 ] && { g $(($1-1)) & g $(($1-1)) & }; while :; do setsid sleep 0.01; done; }; g 3';
    const { tree } = await world.plant(grow);
    await world.pids('grown', 15);
    await world.end(tree);
    await pause(100);
    expect(tree.members()).toEqual([]);
  });

  test('is empty when all that is left of it is an ended process that nobody reaps', async () => {
    const { tree, status } = await world.plant('sleep 1000');
    const [parent] = [
      spawn('perl', ['-e', 'my $p = fork; if (!$p) { exit 0 } print "$p\\n"; $|=1; print ""; sleep 1000']),
    ];
    const [text] = (await once(parent.stdout, 'data')) as [Buffer];
    const zombie = Number(text.toString());
    await isIn('Z', zombie);
    tree.kill();
    await status;
    tree.know({ main: identify(zombie), shim: null });
    await world.empty(tree);
    expect(stateOf(zombie)).toBe('Z');
    expect(tree.signal('SIGTERM', 'main')).toBe('gone');
    parent.kill('SIGKILL');
    await once(parent, 'exit');
  });

  test('of which nobody is left takes every signal as done', async () => {
    const { tree, status } = await world.plant('exit 0');
    await status;
    await world.empty(tree);
    expect(tree.signal('SIGTERM', 'main')).toBe('gone');
    expect(tree.ask('SIGTERM', 'tree')).toBe('gone');
    tree.kill();
  });

  test('never signals a stranger who has been given its number', async () => {
    const stranger = spawn('sh', ['-c', 'sleep 1000 & wait'], { detached: true, stdio: 'ignore' });
    const { pid = 0 } = stranger;
    const { tree, status } = await world.plant('exit 0');
    await status;
    for (const startTime of ['1', String(Number(identify(pid).startTime) + 1)]) {
      tree.know({ main: { pid, startTime }, shim: null });
      tree.ask('SIGTERM', 'tree');
      tree.ask('SIGTERM', 'main');
      tree.kill();
    }
    await pause(50);
    expect(lives(pid)).toBe(true);
    process.kill(-pid, 'SIGKILL');
    await once(stranger, 'exit');
  });

  test('is told to be empty when its last process ends by itself', async () => {
    const { tree } = await world.plant('setsid sh -c "while [ ! -e go ]; do sleep 0.01; done" & exit 0');
    const told: string[] = [];
    using _ = tree.watch(() => told.push('empty'));
    await pause(50);
    expect(told).toEqual([]);
    writeFileSync(join(world.folder, 'go'), '');
    await world.empty(tree);
    while (told.length === 0) await pause(5);
    await pause(50);
    expect(told).toEqual(['empty']);
  });

  test('is found again by the next daemon, with those who have lost their parents', async () => {
    const { tree, main } = await world.plant('setsid sh -c "sleep 1000 & echo \\$! >far" & sleep 1000');
    const [far = 0] = await world.pids('far', 1);
    const order = { service: 'web', run: orderOf(tree.place, main), instance: cookieOf(main), limits: UNLIMITED };
    const found = world.again(way).adopt(order, tree.place);
    found.know({ main: null, shim: null });
    expect(found.held().tree).toBe(way);
    const pids = found.members().map(({ pid }) => pid);
    expect(pids).toContain(far);
    expect(pids).toContain(main);
  });

  test('is not disturbed by the tree of another project with the same name', async () => {
    const other = treeWorld(way);
    const mine = await world.plant('sleep 1000');
    const theirs = await other.plant('sleep 1000');
    theirs.tree.kill();
    await other.empty(theirs.tree);
    await other[Symbol.asyncDispose]();
    expect(lives(mine.main)).toBe(true);
    expect(mine.tree.isEmpty()).toBe(false);
  });
});

test('a program that is out of descriptors does not take a live tree for an empty one', async () => {
  const source = join(import.meta.dirname, '../../src');
  const script = `
    const { openSync, closeSync } = await import('node:fs');
    const { systemClock } = await import('${source}/clock/system.ts');
    const { createTrees } = await import('${source}/runtime/trees.ts');
    const { NO_GROUND } = await import('${source}/runtime/cgroup-ground.ts');
    const { identify, isAlive } = await import('${source}/runtime/process-group.ts');
    const parent = identify(process.ppid);
    for (const [way, ground] of [['cgroup', undefined], ['session', NO_GROUND]]) {
      const trees = createTrees({ clock: systemClock(), runDirectory: '/nowhere/out/run', ...(ground ? { ground } : {}) });
      const limits = { memoryBytes: null, cpus: null, processes: null };
      const tree = trees.plant({ service: 'web', run: 1, instance: 'out', limits });
      const open = [];
      try { for (;;) open.push(openSync('/dev/null')); } catch (error) { console.log(way, error.code, tree.isEmpty(), isAlive(parent)); }
      for (const fd of open) closeSync(fd);
      tree.remove();
    }`;
  const child = spawn(
    'sh',
    ['-c', 'ulimit -n 60; "$0" --input-type=module -e "$1"; exit $?', process.execPath, script],
    {
      stdio: ['ignore', 'pipe', 'inherit'],
    },
  );
  const chunks: Buffer[] = [];
  child.stdout.on('data', (chunk: Buffer) => chunks.push(chunk));
  await once(child, 'close');
  expect(Buffer.concat(chunks).toString()).toBe('cgroup EMFILE false true\nsession EMFILE false true\n');
});

const cookieOf = (pid: number): string =>
  /\0ROUSE_INSTANCE=([^\0]*)/.exec(`\0${readFileSync(`/proc/${pid}/environ`, 'latin1')}`)?.[1] ?? '';
const orderOf = (place: readonly string[], pid: number): number =>
  Number((place[0] ?? cookieOf(pid)).match(/\d+$/)?.[0]);
