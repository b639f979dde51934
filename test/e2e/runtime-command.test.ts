import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { VirtualClock } from '../../src/clock/virtual.ts';
import type { Command, Execution } from '../../src/model/spec.ts';
import type { KindRuntime } from '../../src/runtime/dispatch.ts';
import { createCommandRuntime } from '../../src/runtime/command.ts';
import type { RuntimeParts } from '../../src/runtime/parts.ts';
import {
  type RuntimeWorld,
  exec,
  gone,
  lives,
  nushell,
  pause,
  runtimeWorld,
  shell,
  stopRule,
} from './runtime-world.ts';

const NU = join(import.meta.dirname, '../../node_modules/@nushell/linux-x64/bin/nu');

let world: RuntimeWorld;
let runtime: KindRuntime;
beforeEach(() => {
  world = runtimeWorld();
  runtime = createCommandRuntime(world.parts());
});
afterEach(async () => {
  const pidFile = join(world.folder, 'daemon.pid');
  const pid = existsSync(pidFile) ? Number(readFileSync(pidFile, 'utf8')) : 0;
  if (pid > 0 && lives(pid)) process.kill(pid, 'SIGKILL');
  await gone(pid);
  world[Symbol.dispose]();
});

const commands = (start: Command, stop: Command | null = null, status: Command | null = null): Execution => ({
  type: 'command',
  start,
  stop,
  status,
});
const byName = (a = '', b = ''): number => a.localeCompare(b);
const withParts = (different: Partial<RuntimeParts>): void => {
  runtime = createCommandRuntime(world.parts(different));
};
/** Lets virtual time pass step by step, with real time for the processes in between, until it is so. */
const passUntil = async (clock: VirtualClock, isSo: () => boolean): Promise<void> => {
  while (!isSo()) {
    clock.advance(500);
    await pause(5);
  }
};

describe('a service managed by start-stop-daemon', () => {
  const pidFile = ['--pidfile', 'daemon.pid'];
  const daemon = (): Execution =>
    commands(
      exec(
        'start-stop-daemon',
        '--start',
        '--background',
        '--make-pidfile',
        ...pidFile,
        '--exec',
        '/bin/sleep',
        '--',
        '1000',
      ),
      exec('start-stop-daemon', '--stop', '--retry', '5', '--remove-pidfile', ...pidFile),
      exec('start-stop-daemon', '--status', ...pidFile),
    );

  test('is up when the start command has ended, and over when the stop command has and the status agrees', async () => {
    const spec = world.spec('db', daemon());
    runtime.start(spec, 1);
    expect(await world.report('started', 'db')).toMatchObject({ pid: null });
    const pid = Number(await world.file('daemon.pid'));
    expect(lives(pid)).toBe(true);
    runtime.stop(spec, 1);
    expect(await world.report('exited', 'db')).toMatchObject({ exitCode: null, signal: null });
    expect(lives(pid)).toBe(false);
  });

  test('that somebody else ended is reported as over, after a second look', async () => {
    const clock = new VirtualClock();
    withParts({ clock });
    runtime.start(world.spec('db', daemon()), 1);
    await world.report('started', 'db');
    const pid = Number(await world.file('daemon.pid'));
    await passUntil(clock, () => clock.monotonic() > 100_000);
    expect(world.reports).toHaveLength(1);
    process.kill(pid, 'SIGKILL');
    await gone(pid);
    await passUntil(clock, () => world.reports.length > 1);
    expect(world.reports.at(-1)).toMatchObject({ type: 'exited', exitCode: null, signal: null });
  });

  test('is taken over by what its status says', async () => {
    runtime.start(world.spec('db', daemon()), 1);
    await world.report('started', 'db');
    await world.file('daemon.pid');
    withParts({});
    runtime.adopt(world.spec('db', daemon()), 1);
    expect(await world.report('recovered', 'db')).toMatchObject({ found: 'alive', pid: null });
    runtime.stop(world.spec('db', daemon()), 1);
    await world.report('exited', 'db');
    runtime.adopt(world.spec('db', daemon()), 2);
    expect(await world.report('exited', 'db', 2)).toMatchObject({ exitCode: null });
  });

  test('is taken over as running without a status command: its health check tells the rest', async () => {
    runtime.adopt(world.spec('db', commands(shell('exit 1'))), 3);
    expect(await world.report('recovered', 'db', 3)).toMatchObject({ found: 'alive', pid: null });
  });
});

describe('starting', () => {
  test('fails with the exit code and the last lines of the command', async () => {
    runtime.start(world.spec('db', commands(shell('echo one; echo two >&2; echo three; echo four; exit 5'))), 1);
    expect(await world.report('start-failed', 'db')).toMatchObject({
      fault: {
        code: 'command-failed',
        message: expect.stringMatching(/ended with exit code 5: two \| three \| four$/),
      },
    });
  });

  test('fails when the command takes longer than the start may, and ends it', async () => {
    const start = commands(shell('echo $$ > starter; exec sleep 1000'));
    runtime.start(world.spec('db', start, { startTimeoutMs: 200 }), 1);
    expect(await world.report('start-failed', 'db')).toMatchObject({ fault: { code: 'command-timeout' } });
    expect(lives(Number(await world.file('starter')))).toBe(false);
  });

  test('kills a command that does not heed the limit', async () => {
    const start = commands(shell('trap "" TERM; echo $$ > starter; while :; do sleep 0.05; done'));
    runtime.start(world.spec('db', start, { startTimeoutMs: 200 }), 1);
    await world.report('start-failed', 'db');
    expect(lives(Number(await world.file('starter')))).toBe(false);
  });

  test('fails like any program when there is no such command', async () => {
    runtime.start(world.spec('db', commands(exec('systemctll', 'start', 'db'))), 1);
    expect(await world.report('start-failed', 'db')).toMatchObject({
      fault: { code: 'not-found', program: 'systemctll' },
    });
  });

  test('leaves what the command put into the background alone', async () => {
    runtime.start(world.spec('db', commands(shell('sleep 1000 & echo $! > daemon.pid'))), 1);
    await world.report('started', 'db');
    await pause(50);
    expect(lives(Number(await world.file('daemon.pid')))).toBe(true);
  });

  test('gives commands a clean environment without pager and colours, and the provisioning path', async () => {
    withParts({ settings: () => ({ nuPath: null, provisioningPath: '/opt/provisioning' }) });
    runtime.start(world.spec('db', commands(exec('env'))), 1);
    await world.report('started', 'db');
    const names = world
      .output('db')
      .split('\n')
      .map((line) => line.split('=')[0]);
    expect(world.output('db')).toMatch(/^PROVISIONING=\/opt\/provisioning$/m);
    expect(names.filter((name) => name !== undefined && name !== '').toSorted(byName)).toEqual(
      'HOME LANG LOGNAME PATH PROVISIONING ROUSE_INSTANCE ROUSE_RUN ROUSE_SERVICE SHELL SYSTEMD_COLORS SYSTEMD_PAGER USER'.split(
        ' ',
      ),
    );
  });

  test('runs Nushell scripts for start and stop', async () => {
    withParts({ settings: () => ({ nuPath: NU, provisioningPath: null }) });
    const text =
      'def main [--background, --stop] { print (if $stop { "stopped" } else { $"background ($background)" }) }\n';
    writeFileSync(join(world.folder, 'orchestrator.nu'), text);
    const execution = commands(nushell('./orchestrator.nu', '--background'), nushell('./orchestrator.nu', '--stop'));
    runtime.start(world.spec('orchestrator', execution), 1);
    await world.report('started', 'orchestrator');
    runtime.stop(world.spec('orchestrator', execution), 1);
    await world.report('exited', 'orchestrator');
    expect(world.output('orchestrator')).toBe('background true\nstopped\n');
  });
});

describe('stopping', () => {
  test('while starting waits until the start command has ended', async () => {
    const start = shell('echo begun > begun; while [ ! -e go ]; do sleep 0.01; done; echo started');
    const spec = world.spec('db', commands(start, shell('echo stopped')));
    runtime.start(spec, 1);
    await world.file('begun');
    runtime.stop(spec, 1);
    await pause(50);
    expect(world.reports).toEqual([]);
    writeFileSync(join(world.folder, 'go'), '');
    await world.report('exited', 'db');
    expect(world.reports.map(({ type }) => type)).toEqual(['started', 'exited']);
    expect(world.output('db')).toBe('started\nstopped\n');
  });

  test('by a command that fails leaves it running, until it is asked again', async () => {
    const spec = world.spec('db', commands(exec('true'), shell('[ -e willing ] || { echo no > refused; exit 1; }')));
    runtime.start(spec, 1);
    await world.report('started', 'db');
    runtime.stop(spec, 1);
    await world.file('refused');
    await pause(100);
    expect(world.reports).toHaveLength(1);
    writeFileSync(join(world.folder, 'willing'), '');
    runtime.stop(spec, 1);
    await world.report('exited', 'db');
  });

  test('by a command that fails ends when it is given up, unless the status still says active', async () => {
    const failing = shell('echo no > refused; exit 1');
    const plain = world.spec('plain', commands(exec('true'), failing));
    runtime.start(plain, 1);
    await world.report('started', 'plain');
    runtime.stop(plain, 1);
    await world.file('refused');
    runtime.kill('plain', 1);
    await world.report('exited', 'plain');

    const asked = world.spec('asked', commands(exec('true'), failing, shell('[ ! -e over ]')));
    runtime.start(asked, 1);
    await world.report('started', 'asked');
    runtime.kill('asked', 1);
    await pause(200);
    expect(world.reports.filter(({ service }) => service === 'asked')).toHaveLength(1);
    writeFileSync(join(world.folder, 'over'), '');
    expect(await world.report('exited', 'asked')).toMatchObject({ exitCode: null, signal: null });
  });

  test('takes as long as the status says active after the stop command', async () => {
    const slow = commands(exec('true'), shell('echo > asked'), shell('[ ! -e over ]'));
    const spec = world.spec('db', slow);
    runtime.start(spec, 1);
    await world.report('started', 'db');
    runtime.stop(spec, 1);
    await world.file('asked');
    await pause(100);
    expect(world.reports).toHaveLength(1);
    writeFileSync(join(world.folder, 'over'), '');
    await world.report('exited', 'db');
  });

  test('by a command that takes too long ends the command and waits to be given up', async () => {
    const stop = stopRule({ timeoutMs: 100 });
    const execution = commands(exec('true'), shell('echo $$ > stopper; exec sleep 1000'));
    const spec = world.spec('db', execution, { stop });
    runtime.start(spec, 1);
    await world.report('started', 'db');
    runtime.stop(spec, 1);
    await gone(Number(await world.file('stopper')));
    expect(world.reports).toHaveLength(1);
    runtime.kill('db', 1);
    await world.report('exited', 'db');
  });

  test('without a stop command lets go of it', async () => {
    const spec = world.spec('db', commands(exec('true')));
    runtime.start(spec, 1);
    await world.report('started', 'db');
    runtime.stop(spec, 1);
    expect(await world.report('exited', 'db')).toMatchObject({ exitCode: null, signal: null });
  });

  test('a start that is killed has failed, and its command is gone', async () => {
    runtime.start(world.spec('db', commands(shell('echo $$ > starter; exec sleep 1000'))), 1);
    const starter = Number(await world.file('starter'));
    runtime.kill('db', 1);
    expect(await world.report('start-failed', 'db')).toMatchObject({
      fault: { code: 'command-failed', message: expect.stringContaining('SIGKILL') },
    });
    expect(lives(starter)).toBe(false);
  });
});
