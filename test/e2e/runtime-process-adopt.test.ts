import { execFileSync, spawn, spawnSync } from 'node:child_process';
import { mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { Spec } from '../../src/model/spec.ts';
import type { RuntimeReport } from '../../src/ports/runtime.ts';
import { findGround } from '../../src/runtime/cgroup-ground.ts';
import type { KindRuntime } from '../../src/runtime/dispatch.ts';
import { readRuns } from '../../src/runtime/found-runs.ts';
import { createProcessRuntime } from '../../src/runtime/process.ts';
import { bootId, runFolder } from '../../src/runtime/run-folder.ts';
import { readRecord } from '../../src/runtime/run-record.ts';
import { type RuntimeWorld, exec, gone, lives, pause, runtimeWorld, shell, stopRule } from './runtime-world.ts';

let world: RuntimeWorld;
let runtime: KindRuntime;
let later: KindRuntime;
let told: RuntimeReport[];
beforeEach(() => {
  world = runtimeWorld();
  runtime = createProcessRuntime(world.parts());
  told = [];
  later = createProcessRuntime(world.parts({ report: (report) => void told.push(report) }));
});
afterEach(async () => {
  for (const report of world.reports) {
    if (report.type !== 'started') continue;
    runtime.kill(report.service, report.run);
    await gone(report.pid ?? 0);
  }
  world[Symbol.dispose]();
});

const started = async (spec: Spec): Promise<number> => {
  runtime.start(spec, 1);
  return (await world.report('started', spec.name)).pid ?? 0;
};
/** What the second runtime reports of the run, once it is of that type. */
const heard = async (type: RuntimeReport['type']): Promise<RuntimeReport> => {
  for (;;) {
    const found = told.find((report) => report.type === type);
    if (found !== undefined) return found;
    await pause(5);
  }
};
const folder = (...names: readonly string[]): string => join(world.folder, 'run', 'api', '1', ...names);
const shimOf = (): number => readRecord(folder('record'))?.shim?.pid ?? 0;
const sleeper = (): Spec => world.spec('api', exec('sleep', '1000'));

describe('a run that lives', () => {
  test('is taken over, and how it ends is known', async () => {
    const pid = await started(world.spec('api', shell('trap "exit 9" TERM; echo > up; while :; do sleep 0.01; done')));
    await world.file('up');
    later.adopt(sleeper(), 1);
    expect(await heard('recovered')).toMatchObject({ found: 'alive', pid });
    later.stop(sleeper(), 1);
    expect(await heard('exited')).toMatchObject({ exitCode: 9, signal: null });
    expect(lives(pid)).toBe(false);
  });

  test('is taken over by its process alone when its shim is killed, and nobody knows how it ends', async () => {
    const pid = await started(sleeper());
    const shim = shimOf();
    process.kill(shim, 'SIGKILL');
    await gone(shim);
    later.adopt(sleeper(), 1);
    expect(await heard('recovered')).toMatchObject({ found: 'alive', pid });
    later.stop(sleeper(), 1);
    await gone(pid);
    expect(await heard('exited')).toMatchObject({ exitCode: null, signal: null });
  });

  test('is found by its name among all processes when its folder is gone', async () => {
    const pid = await started(world.spec('api', shell('setsid sleep 1000 & echo $! > deep; wait')));
    const deep = Number(await world.file('deep'));
    rmSync(folder(), { recursive: true });
    later.adopt(sleeper(), 1);
    expect(await heard('recovered')).toMatchObject({ found: 'alive', pid });
    later.kill('api', 1);
    expect(await heard('exited')).toMatchObject({ exitCode: null, signal: null });
    expect([lives(pid), lives(deep)]).toEqual([false, false]);
  });

  test('is found in its control group when its folder is gone and it carries no name any more', async () => {
    const { unified } = findGround(join(world.folder, 'run'));
    const pid = await started(world.spec('api', exec('env', '-i', '/bin/sleep', '1000')));
    while (readFileSync(`/proc/${pid}/cmdline`, 'latin1') !== '/bin/sleep\x001000\0') await pause(5);
    rmSync(folder(), { recursive: true });
    later.adopt(sleeper(), 1);
    if ('why' in unified) return expect(await heard('exited')).toMatchObject({ exitCode: null });
    expect(await heard('recovered')).toMatchObject({ found: 'alive', pid });
    later.kill('api', 1);
    await heard('exited');
    expect(lives(pid)).toBe(false);
  });

  test('is ended by the definition it was started with, which stands beside it', async () => {
    const spec = { ...sleeper(), stop: stopRule({ signal: 'SIGINT' }), startTimeoutMs: Number.POSITIVE_INFINITY };
    await started(spec);
    const [found] = readRuns(join(world.folder, 'run'));
    expect(found).toMatchObject({ service: 'api', run: 1, state: { type: 'live' } });
    expect(found?.spec).toEqual(spec);
    expect(readFileSync(`/proc/${(await world.report('started', 'api')).pid}/environ`, 'latin1')).toContain(
      `ROUSE_INSTANCE=${found?.instance}\0`,
    );
  });
});

describe('a run that has ended meanwhile', () => {
  test('is reported with the code that its shim has noted', async () => {
    runtime.start(world.spec('api', shell('exit 42')), 1);
    await world.report('exited', 'api');
    later.adopt(sleeper(), 1);
    expect(await heard('exited')).toMatchObject({ exitCode: 42, signal: null });
    expect(readRuns(join(world.folder, 'run'))).toMatchObject([
      { state: { type: 'ended', ending: { exitCode: 42, signal: null } } },
    ]);
  });

  test('together with its shim has no code: none is made up', async () => {
    const pid = await started(sleeper());
    const shim = shimOf();
    process.kill(shim, 'SIGKILL');
    process.kill(pid, 'SIGKILL');
    await gone(pid);
    await gone(shim);
    later.adopt(sleeper(), 1);
    expect(await heard('exited')).toMatchObject({ exitCode: null, signal: null });
  });

  test('without a folder has ended when no process carries its name', async () => {
    later.adopt(sleeper(), 1);
    expect(await heard('exited')).toMatchObject({ exitCode: null, signal: null });
  });

  test('under an earlier start of the machine has ended, whoever has its process id now', async () => {
    await started(sleeper());
    const text = readFileSync(folder('spec.json'), 'utf8');
    writeFileSync(folder('spec.json'), text.replace(/"boot":"[^"]*"/, '"boot":"another"'));
    expect(readRuns(join(world.folder, 'run'))).toMatchObject([{ state: { type: 'other-boot' } }]);
    later.adopt(sleeper(), 1);
    expect(await heard('exited')).toMatchObject({ exitCode: null, signal: null });
  });

  test('and whose process id a stranger has is not taken for it, and the stranger is not signalled', async () => {
    const pid = await started(sleeper());
    const shim = shimOf();
    process.kill(shim, 'SIGKILL');
    process.kill(pid, 'SIGKILL');
    await gone(shim);
    await gone(pid);
    const stranger = spawn('sleep', ['1000'], { detached: true, stdio: 'ignore' });
    const text = readFileSync(folder('record'), 'latin1');
    writeFileSync(folder('record'), text.replace(`proc ${pid} `, `proc ${stranger.pid} `), 'latin1');
    later.adopt(sleeper(), 1);
    expect(await heard('exited')).toMatchObject({ exitCode: null, signal: null });
    later.kill('api', 1);
    await pause(50);
    expect(lives(stranger.pid ?? 0)).toBe(true);
    stranger.kill('SIGKILL');
  });
});

describe('a run that nobody has begun', () => {
  test('is fenced off: the claim is taken, and its shim ends without a trace', async () => {
    mkdirSync(folder(), { recursive: true });
    writeFileSync(folder('launch'), `touch '${world.folder}/begun'\n`);
    later.adopt(sleeper(), 1);
    expect(await heard('start-failed')).toMatchObject({ fault: { code: 'never-begun' } });
    spawnSync('/bin/sh', [join(world.folder, 'run', '.shim'), 'run', join(world.folder, 'run'), 'api/1']);
    expect(readRecord(folder('record'))).toMatchObject({ shim: null, failed: 'fenced' });
    expect(() => readFileSync(join(world.folder, 'begun'))).toThrow('ENOENT');
  });

  test('although claimed cannot begin any more when its folder is taken away', async () => {
    const gate = join(world.folder, 'gate');
    execFileSync('mkfifo', [gate]);
    await started(sleeper());
    // Another run whose shim is halted in front of its process.
    mkdirSync(join(world.folder, 'run', 'web', '1'), { recursive: true });
    const launch = `echo >'${world.folder}/halted'; read -r go <'${gate}'; note; printf 'proc %s\\n' "$stat" >>"$d/record" || exit 125\ntouch '${world.folder}/begun'\n`;
    writeFileSync(join(world.folder, 'run', 'web', '1', 'launch'), launch);
    const script = join(world.folder, 'run', '.shim');
    execFileSync('/bin/sh', ['-c', `setsid -f sh '${script}' run '${world.folder}/run' web/1`]);
    await world.file('halted');
    renameSync(join(world.folder, 'run', 'web', '1'), join(world.folder, 'away'));
    writeFileSync(gate, 'go\n');
    while (readRecord(join(world.folder, 'away', 'record'))?.status !== 125) await pause(5);
    expect(readRecord(join(world.folder, 'away', 'record'))?.main).toBeNull();
    expect(() => readFileSync(join(world.folder, 'begun'))).toThrow('ENOENT');
  });
});

test('a run that cannot be kept from being begun now is kept from it as soon as that can be written', async () => {
  const small = join(world.folder, 'small');
  mkdirSync(small);
  execFileSync('mount', ['-t', 'tmpfs', 'tmpfs', small]);
  try {
    const own = runFolder(small, 'api', 1);
    own.make();
    own.write({ instance: 'x', boot: bootId() ?? '', place: [], spec: sleeper() }, 'exec sleep 1000\n');
    later = createProcessRuntime(world.parts({ runDirectory: small, report: (report) => void told.push(report) }));
    execFileSync('mount', ['-o', 'remount,ro', small]);
    later.adopt(sleeper(), 1);
    await pause(100);
    expect(told).toEqual([]);
    execFileSync('mount', ['-o', 'remount,rw', small]);
    expect(await heard('start-failed')).toMatchObject({ fault: { code: 'never-begun' } });
  } finally {
    execFileSync('umount', ['-l', small]);
  }
});

describe('a run whose shim was killed before its process noted itself', () => {
  test('is said to have failed, and its process cannot become the service any more', async () => {
    const gate = join(world.folder, 'gate');
    execFileSync('mkfifo', [gate]);
    await started(world.spec('web', exec('sleep', '1000')));
    const own = runFolder(join(world.folder, 'run'), 'api', 1);
    own.make();
    const halt = `read -r own rest </proc/self/stat; echo $own >'${world.folder}/halted'; read -r go <'${gate}'`;
    const launch = `${halt}; note; printf 'proc %s\\n' "$stat" >>"$d/record" || exit 125\ntouch '${world.folder}/begun'\n`;
    own.write({ instance: 'x', boot: bootId() ?? '', place: [], spec: sleeper() }, launch);
    const script = join(world.folder, 'run', '.shim');
    execFileSync('/bin/sh', ['-c', `setsid -f sh '${script}' run '${world.folder}/run' api/1`]);
    const halted = Number(await world.file('halted'));
    process.kill(shimOf(), 'SIGKILL');
    later.adopt(sleeper(), 1);
    expect(await heard('start-failed')).toMatchObject({ service: 'api' });
    writeFileSync(gate, 'go\n');
    await gone(halted);
    expect(() => readFileSync(join(world.folder, 'begun'))).toThrow('ENOENT');
  });
});

test('two programs that order one run begin it once', async () => {
  const spec = world.spec('api', shell('echo begun >> begun; exec sleep 1000'));
  await started(spec);
  const script = join(world.folder, 'run', '.shim');
  for (let time = 0; time < 5; time += 1) spawnSync('/bin/sh', [script, 'run', join(world.folder, 'run'), 'api/1']);
  expect(await world.file('begun')).toBe('begun\n');
});

test('a folder that cannot be read is said to be damaged, and nothing is thrown', () => {
  mkdirSync(folder(), { recursive: true });
  writeFileSync(folder('spec.json'), '{"instance":"x"');
  mkdirSync(folder('record'));
  mkdirSync(join(world.folder, 'run', 'not a service', '1'), { recursive: true });
  expect(readRuns(join(world.folder, 'run'))).toMatchObject([
    { service: 'api', spec: null, instance: null, state: { type: 'damaged' } },
  ]);
  expect(readRuns(join(world.folder, 'nowhere'))).toEqual([]);
});
