import { execFileSync, spawnSync } from 'node:child_process';
import { chmodSync, mkdirSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { Spec } from '../../src/model/spec.ts';
import type { KindRuntime } from '../../src/runtime/dispatch.ts';
import { createProcessRuntime } from '../../src/runtime/process.ts';
import { readRecord } from '../../src/runtime/run-record.ts';
import { type RuntimeWorld, exec, gone, lives, pause, runtimeWorld, shell } from './runtime-world.ts';

let world: RuntimeWorld;
let runtime: KindRuntime;
const mounted: string[] = [];
beforeEach(() => {
  world = runtimeWorld();
  runtime = createProcessRuntime(world.parts());
});
afterEach(async () => {
  for (const report of world.reports) {
    if (report.type !== 'started') continue;
    runtime.kill(report.service, report.run);
    await gone(report.pid ?? 0);
  }
  for (const folder of mounted.splice(0)) execFileSync('umount', ['--lazy', folder]);
  world[Symbol.dispose]();
});

// Full and read-only file systems, and a user with few processes, only root can make.
const isRoot = process.getuid?.() === 0;
const sleeper = (name: string): Spec => world.spec(name, exec('sleep', '1000'));
const started = async (spec: Spec, run = 1): Promise<number> => {
  runtime.start(spec, run);
  return (await world.report('started', spec.name, run)).pid ?? 0;
};
const ending = async (line: string): Promise<unknown> => {
  const name = `s${world.reports.length}`;
  runtime.start(world.spec(name, shell(line)), 1);
  const { exitCode, signal } = await world.report('exited', name);
  return { exitCode, signal };
};

describe('how a run ended', () => {
  test('a code is told from the signal that a shell counts alike', async () => {
    expect(await ending('exit 143')).toEqual({ exitCode: 143, signal: null });
    expect(await ending('kill -TERM $$')).toEqual({ exitCode: null, signal: 'SIGTERM' });
    expect(await ending('exit 137')).toEqual({ exitCode: 137, signal: null });
  });

  test('a real-time signal is told, which Node itself cannot name', async () => {
    expect(await ending('kill -36 $$')).toEqual({ exitCode: null, signal: 'SIGRTMIN+2' });
  });

  test('the codes of shells for what cannot be executed are codes when the program itself ends with them', async () => {
    expect(await ending('exit 126')).toEqual({ exitCode: 126, signal: null });
    expect(await ending('no-such-program')).toEqual({ exitCode: 127, signal: null });
  });
});

test('variables with names that no shell may export arrive, with whatever they hold', async () => {
  const env = { 'A.B': 'dotted', UID: '77', SHLVL: '9', PWD: '/given', IFS: 'x', LINES: "it's\n$HOME `no`" };
  Object.assign(env, {
    '-n': 'dash',
    ENV: '/nowhere',
    BASH_ENV: '$(exit)',
    PS4: '`exit`',
    d: '1',
    runs: '2',
    stat: '3',
  });
  runtime.start(world.spec('api', exec('env', '-0'), { env }), 1);
  await world.report('exited', 'api');
  const found = new Set(world.output('api').split('\0'));
  for (const [name, value] of Object.entries(env)) expect(found).toContain(`${name}=${value}`);
  expect([...found].filter((each) => /^(OLDPWD|_)=/.test(each))).toEqual([]);
});

describe('between two runs', () => {
  test('a program that was removed is named', async () => {
    const program = join(world.folder, 'server');
    writeFileSync(program, '#!/bin/sh\nexit 3\n');
    chmodSync(program, 0o755);
    runtime.start(world.spec('api', exec('./server')), 1);
    expect(await world.report('exited', 'api')).toMatchObject({ exitCode: 3 });
    rmSync(program);
    runtime.start(world.spec('api', exec('./server')), 2);
    expect((await world.report('start-failed', 'api', 2)).fault).toMatchObject({ code: 'not-found' });
  });

  test('a working directory that was removed is named', async () => {
    const cwd = join(world.folder, 'work');
    mkdirSync(cwd);
    runtime.start(world.spec('api', exec('true'), { cwd }), 1);
    expect(await world.report('exited', 'api')).toMatchObject({ exitCode: 0 });
    rmSync(cwd, { recursive: true });
    runtime.start(world.spec('api', exec('true'), { cwd }), 2);
    expect((await world.report('start-failed', 'api', 2)).fault).toMatchObject({ code: 'bad-directory' });
  });

  test('a file that cannot be executed is found out when it is tried', async () => {
    const program = join(world.folder, 'server');
    // An ELF file for another machine, and nothing in it.
    const header = Buffer.alloc(64);
    header.write('\x7fELF\x02\x01\x01', 'latin1');
    header.writeUInt16LE(2, 16);
    header.writeUInt16LE(0x1234, 18);
    writeFileSync(program, header);
    chmodSync(program, 0o755);
    runtime.start(world.spec('api', exec('./server')), 1);
    const [failed, exited] = [world.report('start-failed', 'api'), world.report('exited', 'api')];
    // execvp(3) hands a file of unknown format to a shell, which does not understand it either.
    const first = await Promise.race([failed, exited]);
    expect(first.type === 'start-failed' ? first.fault.code : first.exitCode).not.toBe(0);
  });
});

describe('a run directory', () => {
  test('that cannot be made is a reason not to start, with what to do', async () => {
    writeFileSync(join(world.folder, 'file'), '');
    const other = createProcessRuntime(world.parts({ runDirectory: join(world.folder, 'file', 'run') }));
    other.start(sleeper('api'), 1);
    expect((await world.report('start-failed', 'api')).fault).toMatchObject({
      code: 'refused',
      message: expect.stringMatching(/^cannot make the folder of the run: /) as string,
      hint: expect.stringContaining('ROUSE_RUNTIME_DIR') as string,
    });
  });

  test('that is full is a reason not to start, and an end is noted in it all the same', async () => {
    if (!isRoot) return expect(isRoot).toBe(false);
    const small = mount('size=256k');
    runtime = createProcessRuntime(world.parts({ runDirectory: small }));
    const pid = await started(sleeper('api'));
    expect(spawnSync('sh', ['-c', `cat /dev/zero > '${small}/filler' 2>/dev/null`]).status).not.toBe(0);
    runtime.start(sleeper('web'), 1);
    expect((await world.report('start-failed', 'web')).fault).toMatchObject({
      code: 'refused',
      message: 'cannot make the folder of the run: the disk is full (ENOSPC)',
      hint: 'make room on it',
    });
    rmSync(join(small, 'filler'));
    runtime.start(sleeper('web'), 2);
    await world.report('started', 'web', 2);
    expect(spawnSync('sh', ['-c', `cat /dev/zero > '${small}/filler' 2>/dev/null`]).status).not.toBe(0);
    process.kill(pid, 'SIGUSR2');
    expect(await world.report('exited', 'api')).toMatchObject({ exitCode: null, signal: 'SIGUSR2' });
  });

  test('that became read-only is a reason not to start', async () => {
    if (!isRoot) return expect(isRoot).toBe(false);
    const folder = mount('size=256k');
    runtime = createProcessRuntime(world.parts({ runDirectory: folder }));
    await started(sleeper('api'));
    runtime.kill('api', 1);
    await world.report('exited', 'api');
    execFileSync('mount', ['-o', 'remount,ro', folder]);
    runtime.start(sleeper('web'), 1);
    expect((await world.report('start-failed', 'web')).fault).toMatchObject({
      message: 'cannot make the folder of the run: the file system is read-only (EROFS)',
    });
  });

  test('whose events were deleted by hand still tells of what happens', async () => {
    await started(sleeper('api'));
    rmSync(join(world.folder, 'run', '.events', 'log'));
    await started(sleeper('web'));
    runtime.kill('web', 1);
    expect(await world.report('exited', 'web')).toMatchObject({ signal: 'SIGKILL' });
  });

  test('that was deleted by hand does not hide the end of what runs', async () => {
    const pid = await started(sleeper('api'));
    rmSync(join(world.folder, 'run'), { recursive: true });
    process.kill(pid, 'SIGKILL');
    expect(await world.report('exited', 'api')).toMatchObject({ exitCode: null, signal: null });
  });

  test('that was deleted by hand loses nobody: what runs can be stopped, and what comes can be started', async () => {
    await started(sleeper('api'));
    rmSync(join(world.folder, 'run'), { recursive: true });
    runtime.kill('api', 1);
    expect(await world.report('exited', 'api')).toMatchObject({ exitCode: null, signal: null });
    await started(sleeper('web'));
  });

  test('holds nothing of runs that are let go of', async () => {
    for (const name of ['a', 'b', 'c']) await started(sleeper(name));
    for (const name of ['a', 'b', 'c']) {
      runtime.kill(name, 1);
      await world.report('exited', name);
      runtime.release(name, 1);
    }
    const held = (): string[] => readdirSync(join(world.folder, 'run')).toSorted();
    // What stands ready is no run.
    const runs = (): string[] => held().filter((name) => name !== '.spare');
    while (runs().length > 2) await pause(5);
    expect(runs()).toEqual(['.events', '.shim']);
  });
});

describe('the launcher', () => {
  test('that is killed is replaced, and what it had been handed is begun all the same', async () => {
    await started(sleeper('first'));
    const specs = Array.from({ length: 20 }, (_, index) => sleeper(`s${index}`));
    process.kill(launcher(), 'SIGSTOP');
    for (const spec of specs) runtime.start(spec, 1);
    process.kill(launcher(), 'SIGKILL');
    const begun = await Promise.all(specs.map(({ name }) => world.report('started', name)));
    expect(begun.every(({ pid }) => lives(pid ?? 0))).toBe(true);
    expect(lives(await started(sleeper('last')))).toBe(true);
  });

  test('that hangs is gone round, and begins nothing twice when it goes on', async () => {
    await started(sleeper('first'));
    const pid = launcher();
    process.kill(pid, 'SIGSTOP');
    const spec = world.spec('api', shell('echo begun >> begun; exec sleep 1000'));
    await started(spec);
    process.kill(pid, 'SIGCONT');
    await started(sleeper('last'));
    expect(await world.file('begun')).toBe('begun\n');
    expect(world.reports.filter(({ service }) => service === 'api')).toHaveLength(1);
  });

  test('ends when this program ends, and its shims do not', async () => {
    const line = `import(${JSON.stringify(pathToFileURL(join(import.meta.dirname, 'runtime-process-alone.ts')).href)})`;
    const child = spawnSync(process.execPath, ['--input-type=module', '-e', line], {
      env: { ...process.env, ALONE_FOLDER: world.folder, ALONE_COUNT: '1' },
      encoding: 'utf8',
    });
    const pid = Number(/started (\d+)/.exec(child.stdout)?.[1]);
    expect(lives(pid)).toBe(true);
    while (processesWith(`${world.folder}/run`).some((args) => args.includes('launch'))) await pause(5);
    const shim = readRecord(join(world.folder, 'run', 's0', '1', 'record'))?.shim?.pid ?? 0;
    expect(lives(shim)).toBe(true);
    process.kill(pid, 'SIGKILL');
    await gone(shim);
    expect(readRecord(join(world.folder, 'run', 's0', '1', 'record'))).toMatchObject({
      status: 137,
      words: ['Killed'],
    });
  });
});

describe('where the system refuses', () => {
  const alone = (command: string, args: readonly string[], count: number): string => {
    chmodSync(dirname(world.folder), 0o711);
    chmodSync(world.folder, 0o777);
    chmodSync(join(world.folder, 'run'), 0o777);
    const file = join(import.meta.dirname, 'runtime-process-alone.ts');
    const { stdout, stderr } = spawnSync(command, [...args, process.execPath, file], {
      env: { ...process.env, ALONE_FOLDER: world.folder, ALONE_COUNT: String(count) },
      encoding: 'utf8',
    });
    for (const [, pid] of stdout.matchAll(/started (\d+)/g)) process.kill(Number(pid), 'SIGKILL');
    return stdout + stderr;
  };

  test('another process, the fault says so and what to do, and every start is answered', () => {
    if (!isRoot) return expect(isRoot).toBe(false);
    const limit = 'exec prlimit --nproc=40 setpriv --reuid 65534 --regid 65534 --clear-groups "$0" "$@"';
    const said = alone('/bin/sh', ['-c', limit], 30);
    expect(said.match(/^(started|failed)/gm)).toHaveLength(30);
    expect(said).toMatch(/^failed refused .*no more processes are allowed here \(EAGAIN\)/m);
    expect(said).not.toContain('undefined');
  });

  test('another descriptor, the fault says so and what to do', () => {
    const said = alone('/bin/sh', ['-c', 'ulimit -n 64; exec "$0" "$@"'], -40);
    expect(said).toMatch(/^failed refused .*too many files open \(EMFILE\)/m);
  });
});

function launcher(): number {
  const [first = ''] = processesWith(`${world.folder}/run`).filter((each) => / launch /.test(each));
  return Number(first.split(' ')[0]);
}

/** `<pid> <words>` of all processes that have that word; shims are forks of the launcher and look like it. */
function processesWith(word: string): readonly string[] {
  const shims = new Set(
    readdirSync(word, { withFileTypes: true })
      .filter((each) => each.isDirectory() && !each.name.startsWith('.'))
      .map(({ name }) => readRecord(join(word, name, '1', 'record'))?.shim?.pid),
  );
  return readdirSync('/proc').flatMap((pid) => {
    if (!/^\d+$/.test(pid) || shims.has(Number(pid)) || !lives(Number(pid))) return [];
    try {
      const words = readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0');
      return words.includes(word) ? [`${pid} ${words.join(' ')}`] : [];
    } catch {
      return [];
    }
  });
}

function mount(options: string): string {
  const folder = join(world.folder, 'small');
  mkdirSync(folder);
  execFileSync('mount', ['-t', 'tmpfs', '-o', options, 'rouse-test', folder]);
  mounted.push(folder);
  return folder;
}
