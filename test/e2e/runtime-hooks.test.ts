import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { Command, HookName, Spec } from '../../src/model/spec.ts';
import { createCommandRuntime } from '../../src/runtime/command.ts';
import { noteCommand } from '../../src/runtime/command-notes.ts';
import { type Hooks, type RunFacts, createHooks } from '../../src/runtime/hooks.ts';
import { identify } from '../../src/runtime/process-group.ts';
import { INSTANCE_VARIABLE } from '../../src/runtime/tree-scan.ts';
import { type RuntimeWorld, exec, gone, lives, pause, runtimeWorld, shell } from './runtime-world.ts';

const NO_HOOKS: Spec['hooks'] = { beforeStart: null, afterReady: null, beforeStop: null, afterStop: null };
const UNKNOWN: RunFacts = { pid: null, exitCode: null, exitSignal: null };
const byName = (a = '', b = ''): number => a.localeCompare(b);

let world: RuntimeWorld;
let facts: RunFacts;
let hooks: Hooks;
beforeEach(() => {
  world = runtimeWorld();
  facts = UNKNOWN;
  hooks = createHooks(world.parts(), () => facts);
});
afterEach(() => world[Symbol.dispose]());

const spec = (hook: HookName, command: Command, timeoutMs = 60_000): Spec =>
  world.spec('web', exec('true'), { hooks: { ...NO_HOOKS, [hook]: { command, timeoutMs } } });
const run = (hook: HookName, command: Command, timeoutMs?: number): ReturnType<typeof ended> => {
  hooks.run(spec(hook, command, timeoutMs), 1, hook);
  return ended();
};
const ended = () => world.report('hook-ended', 'web');
/** What a hook sees, but for what every child sees. */
const seen = (): readonly string[] =>
  world
    .output('web')
    .split('\n')
    .filter((line) => /^ROUSE_(?!INSTANCE|RUN|SERVICE)/.test(line))
    .toSorted(byName);

describe('a hook', () => {
  test('runs in the folder, the environment and the output of its service', async () => {
    expect(await run('afterReady', shell('pwd; echo "$ROUSE_SERVICE $ROUSE_RUN $ROUSE_HOOK"'))).toEqual({
      type: 'hook-ended',
      service: 'web',
      run: 1,
      hook: 'afterReady',
      result: 'ok',
      message: 'exit 0',
    });
    expect(world.output('web')).toBe(`${world.folder}\nweb 1 after_ready\n`);
  });

  test.for([
    ['beforeStart', ['ROUSE_HOOK=before_start']],
    ['afterReady', ['ROUSE_HOOK=after_ready', 'ROUSE_PID=4711']],
    ['beforeStop', ['ROUSE_HOOK=before_stop', 'ROUSE_PID=4711']],
    ['afterStop', ['ROUSE_EXIT_CODE=3', 'ROUSE_EXIT_SIGNAL=SIGTERM', 'ROUSE_HOOK=after_stop']],
  ] as const)('%s is told %j of its run', async ([hook, variables]) => {
    facts = { pid: 4711, exitCode: 3, exitSignal: 'SIGTERM' };
    await run(hook, exec('env'));
    expect(seen()).toEqual(variables);
  });

  test('is not told what nobody knows', async () => {
    await run('afterStop', exec('env'));
    expect(seen()).toEqual(['ROUSE_HOOK=after_stop']);
  });

  test.for(['beforeStart', 'afterStop'] as const)('%s that fails is reported with its last lines', async (hook) => {
    writeFileSync(world.parts().logs.open('web', 1).path, 'something older\n');
    expect(await run(hook, shell('echo one; echo two; echo three >&2; echo four; exit 3'))).toMatchObject({
      result: 'failed',
      message: 'exit 3: two | three | four',
    });
  });

  test('that says nothing when it fails is not given the words of others', async () => {
    writeFileSync(world.parts().logs.open('web', 1).path, 'something older\n');
    expect(await run('beforeStart', shell('exit 3'))).toMatchObject({ message: 'exit 3' });
  });

  test('beside a live service is reported without lines that may be the service’s', async () => {
    expect(await run('beforeStop', shell('echo one; exit 3'))).toMatchObject({ message: 'exit 3' });
  });

  test('that cannot be executed is reported with the reason', async () => {
    const message = expect.stringMatching(/^there is no program "no-such-program" on the PATH/);
    expect(await run('beforeStart', exec('no-such-program'))).toMatchObject({ result: 'failed', message });
  });

  test('that takes too long is ended at its limit, with who left its group and lost its parents', async () => {
    const script =
      'setsid sh -c "(trap \\"\\" TERM; sleep 1000 & echo \\$! >far)" & wait; trap "" TERM; while :; do sleep 0.05; done';
    const begun = performance.now();
    const report = run('beforeStop', shell(script), 500);
    const far = Number(await world.file('far'));
    expect(lives(far)).toBe(true);
    expect(await report).toMatchObject({ result: 'failed', message: 'it took longer than 500ms' });
    expect(performance.now() - begun).toBeLessThan(1500);
    expect(lives(far)).toBe(false);
  });

  test('is ended with all that it started when its run is killed, and its end is reported', async () => {
    const report = run('beforeStart', shell('setsid sh -c "echo \\$\\$ >far; exec sleep 1000" & wait'));
    const far = Number(await world.file('far'));
    hooks.kill('web', 1);
    expect(await report).toMatchObject({ result: 'failed', message: 'killed by SIGKILL' });
    expect(lives(far)).toBe(false);
  });

  test('that ends well leaves alone what it has put into the background', async () => {
    await run('beforeStart', shell('setsid sleep 1000 >/dev/null 2>&1 & echo $! >daemon'));
    const daemon = Number(await world.file('daemon'));
    await pause(50);
    expect(lives(daemon)).toBe(true);
    process.kill(daemon, 'SIGKILL');
    await gone(daemon);
  });

  test('is noted while it is on its way, and not longer', async () => {
    const notes = (): readonly string[] => readdirSync(join(world.folder, 'run/.commands'));
    const report = run('beforeStart', shell('echo up >up; while [ ! -e go ]; do sleep 0.01; done'));
    await world.file('up');
    expect(notes()).toHaveLength(1);
    writeFileSync(join(world.folder, 'go'), '');
    await report;
    expect(notes()).toEqual([]);
  });
});

describe('a command that was on its way when its daemon was killed', () => {
  /** A command of a daemon that is no more: noted, and never waited for. */
  async function left(purpose: 'start' | 'stop' | 'hook', script: string): Promise<{ pid: number; far: number }> {
    const cookie = `command:test:${process.pid}-0:web.1:${purpose}`;
    mkdirSync(join(world.folder, 'run'), { recursive: true });
    const note = noteCommand(world.parts().runDirectory, { purpose, service: 'web', run: 1, cookie });
    const env = { PATH: '/usr/bin:/bin', [INSTANCE_VARIABLE]: cookie };
    const child = spawn('/bin/sh', ['-c', script], { cwd: world.folder, detached: true, stdio: 'ignore', env });
    void once(child, 'exit');
    note.began(identify(child.pid ?? 0));
    return { pid: child.pid ?? 0, far: Number(await world.file('far')) };
  }
  const FAR = 'setsid sh -c "(sleep 1000 & echo \\$! >far)" & wait';

  test.for(['hook', 'stop'] as const)(
    'as a %s is ended with all that it had started, before any hook begins',
    async (purpose) => {
      const { pid, far } = await left(purpose, `${FAR}; sleep 1000`);
      expect([lives(pid), lives(far)]).toEqual([true, true]);
      hooks = createHooks(world.parts(), () => UNKNOWN);
      const look = (it: number): string => `grep -q "State:.[RSDT]" /proc/${it}/status 2>/dev/null && echo still`;
      await run('beforeStart', shell(`${look(pid)}; ${look(far)}; true`));
      expect(world.output('web')).toBe('');
      expect(readdirSync(join(world.folder, 'run/.commands'))).toEqual([]);
    },
  );

  test('as an order to start is carried out, and only then the run is taken over', async () => {
    const { pid, far } = await left('start', `${FAR}; while [ ! -e go ]; do sleep 0.01; done; echo done >done`);
    hooks = createHooks(world.parts(), () => UNKNOWN);
    const status = shell('echo >>asked; test -e done');
    const execution = { type: 'command', start: exec('true'), stop: null, status } as const;
    createCommandRuntime(world.parts()).adopt(world.spec('web', execution), 1);
    await pause(100);
    expect([lives(pid), existsSync(join(world.folder, 'asked'))]).toEqual([true, false]);
    writeFileSync(join(world.folder, 'go'), '');
    expect(await world.report('recovered', 'web')).toMatchObject({ found: 'alive' });
    expect(readFileSync(join(world.folder, 'asked'), 'utf8')).toBe('\n');
    expect(lives(far)).toBe(true);
    process.kill(far, 'SIGKILL');
    await gone(far);
  });

  test('as an order to start is ended when the start takes too long', async () => {
    const { pid, far } = await left('start', `${FAR}; sleep 1000`);
    const execution = { type: 'command', start: exec('true'), stop: null, status: null } as const;
    createCommandRuntime(world.parts()).adopt(world.spec('web', execution, { startTimeoutMs: 200 }), 1);
    await world.report('recovered', 'web');
    expect([lives(pid), lives(far)]).toEqual([false, false]);
  });

  test('of an earlier boot is forgotten, and nobody is signalled for it', async () => {
    const { pid, far } = await left('hook', `${FAR}; sleep 1000`);
    const folder = join(world.folder, 'run/.commands');
    const [name = ''] = readdirSync(folder);
    const text = readFileSync(join(folder, name), 'utf8');
    writeFileSync(join(folder, name), text.replace(/[\da-f-]{36}/, '00000000-0000-0000-0000-000000000000'));
    hooks = createHooks(world.parts(), () => UNKNOWN);
    await run('beforeStart', exec('true'));
    expect([lives(pid), lives(far)]).toEqual([true, true]);
    expect(readdirSync(folder)).toEqual([]);
    process.kill(-pid, 'SIGKILL');
    process.kill(far, 'SIGKILL');
    await Promise.all([gone(pid), gone(far)]);
  });
});
