import { readFileSync, readdirSync, statSync, writeFileSync } from 'node:fs';
import { userInfo } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { readyFilePath } from '../../src/model/ready-file.ts';
import type { Spec } from '../../src/model/spec.ts';
import type { KindRuntime } from '../../src/runtime/dispatch.ts';
import { FIXED_PATH } from '../../src/runtime/host.ts';
import { createProcessRuntime } from '../../src/runtime/process.ts';
import { type RuntimeWorld, exec, gone, lives, pause, runtimeWorld, shell, stopRule } from './runtime-world.ts';

let world: RuntimeWorld;
let runtime: KindRuntime;
beforeEach(() => {
  world = runtimeWorld();
  runtime = createProcessRuntime(world.parts());
});
afterEach(async () => {
  for (const report of world.reports) if (report.type === 'started') runtime.kill(report.service, report.run);
  for (const report of world.reports)
    if (report.type === 'started') await world.report('exited', report.service, report.run);
  world[Symbol.dispose]();
});

const started = async (spec: Spec): Promise<number> => {
  runtime.start(spec, 1);
  return (await world.report('started', spec.name)).pid ?? 0;
};
const stat = (pid: number): string[] => {
  const text = readFileSync(`/proc/${pid}/stat`, 'latin1');
  return text.slice(text.lastIndexOf(')') + 2).split(' ');
};

describe('an end', () => {
  test('is reported with the exit code as it was observed', async () => {
    runtime.start(world.spec('good', exec('true')), 1);
    runtime.start(world.spec('bad', shell('exit 7')), 1);
    expect(await world.report('exited', 'good')).toMatchObject({ exitCode: 0, signal: null });
    expect(await world.report('exited', 'bad')).toMatchObject({ exitCode: 7, signal: null });
  });

  test('is reported with the signal as it was observed, and no code', async () => {
    runtime.start(world.spec('shot', shell('kill -KILL $$')), 1);
    expect(await world.report('exited', 'shot')).toMatchObject({ exitCode: null, signal: 'SIGKILL' });
  });

  test('comes once, after the start, and with the run it belongs to', async () => {
    runtime.start(world.spec('api', exec('true')), 9);
    await world.report('exited', 'api', 9);
    runtime.kill('api', 9);
    runtime.stop(world.spec('api', exec('true')), 9);
    expect(world.reports.map(({ type, service }) => `${type} ${service}`)).toEqual(['started api', 'exited api']);
  });

  test('of the process ends what it left behind in its group', async () => {
    runtime.start(world.spec('api', shell('sleep 1000 & echo $! > left; exit 3')), 1);
    expect(await world.report('exited', 'api')).toMatchObject({ exitCode: 3 });
    expect(lives(Number(await world.file('left')))).toBe(false);
  });
});

describe('a process', () => {
  test('sees the clean environment, what it inherits by name, and what its definition says, and nothing else', async () => {
    const host = { ...world.parts().host, environment: { TZ: 'UTC', SECRET: 'x' }, lang: 'C.UTF-8' };
    runtime = createProcessRuntime(world.parts({ host }));
    const spec = world.spec('api', exec('env'), { env: { GREETING: 'hello world' }, inheritEnv: ['TZ', 'MISSING'] });
    runtime.start(spec, 1);
    await world.report('exited', 'api');
    const { username, homedir } = userInfo();
    const lines = world.output('api').trim().split('\n');
    const named = lines.map((line) => line.replace(/^(ROUSE_INSTANCE)=[0-9a-f]{8}\.[0-9A-Z]{26}$/, '$1 of the run'));
    expect(named.toSorted()).toEqual(
      [
        `PATH=${FIXED_PATH}`,
        `HOME=${homedir}`,
        `USER=${username}`,
        `LOGNAME=${username}`,
        'SHELL=/bin/sh',
        'LANG=C.UTF-8',
        'ROUSE_SERVICE=api',
        'ROUSE_RUN=1',
        'ROUSE_INSTANCE of the run',
        'TZ=UTC',
        'GREETING=hello world',
      ].toSorted(),
    );
  });

  test('reads nothing from its standard input, writes to its file, and has no other descriptor that leads anywhere', async () => {
    runtime.start(world.spec('api', exec('ls', '-l', '/proc/self/fd')), 1);
    await world.report('exited', 'api');
    const targets = [...world.output('api').matchAll(/(\d+) -> (.*)/g)].map(([, fd, target]) => ({ fd, target }));
    const log = join(world.folder, 'logs', 'api', '1.log');
    const standard = ['0', '1', '2'].map((number) => targets.find(({ fd }) => fd === number)?.target);
    expect(standard).toEqual(['/dev/null', log, log]);
    const others = targets.filter(({ fd }) => Number(fd) > 2).map(({ target }) => target);
    // One is the folder that ls reads.
    expect(others.filter((target) => target !== '/dev/null')).toEqual([expect.stringMatching(/^\/proc\/\d+\/fd$/)]);
  });

  test('leads a session and a group of its own, without a terminal, in its working directory', async () => {
    const pid = await started(world.spec('api', exec('sleep', '1000')));
    const [, , group, session, terminal] = stat(pid);
    expect([group, session, terminal]).toEqual([String(pid), String(pid), '0']);
    runtime.kill('api', 1);
    runtime.start(world.spec('where', exec('pwd')), 1);
    await world.report('exited', 'where');
    expect(world.output('where')).toBe(`${world.folder}\n`);
  });

  test('has the file mode mask of its definition, and its environment is the same with one', async () => {
    runtime.start(world.spec('api', shell('touch made; env'), { umask: 0o027 }), 1);
    runtime.start(world.spec('bare', exec('env'), { umask: 0o077 }), 1);
    await world.report('exited', 'api');
    await world.report('exited', 'bare');
    expect(statSync(join(world.folder, 'made')).mode & 0o777).toBe(0o640);
    expect(world.output('bare')).not.toMatch(/^(PWD|SHLVL|OLDPWD|_)=/m);
  });

  test('has default dispositions for signals, whatever this program ignores', async () => {
    process.on('SIGUSR1', () => undefined);
    const pid = await started(world.spec('api', exec('sleep', '1000')));
    expect(/^SigIgn:\s*(\S+)/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]).toMatch(/^0+$/);
    process.removeAllListeners('SIGUSR1');
  });

  test('says that it is ready through the descriptor named by ROUSE_READY_FD', async () => {
    const probe = {
      target: { type: 'fd', fd: 5 },
      intervalMs: 1,
      startIntervalMs: 1,
      timeoutMs: 1,
      failureThreshold: 1,
      successThreshold: 1,
      graceMs: 0,
    } as const;
    const spec = world.spec('api', shell('echo "fd $ROUSE_READY_FD"; echo >&5; ls /proc/self/fd; sleep 1000'), {
      readiness: { type: 'probe', probe },
    });
    await started(spec);
    const path = readyFilePath(join(world.folder, 'run'), 'api', 1);
    while (readFileSync(path, 'utf8') === '') await pause(5);
    expect(readFileSync(path, 'utf8')).toBe('\n');
    expect(statSync(path).mode & 0o777).toBe(0o600);
    expect(world.output('api')).toMatch(/^fd 5$/m);
    runtime.kill('api', 1);
    await world.report('exited', 'api');
    runtime.release('api', 1);
    expect(readdirSync(join(world.folder, 'run')).filter((name) => !name.startsWith('.'))).toEqual([]);
  });
});

describe('stopping', () => {
  test('sends the signal of the definition', async () => {
    const spec = world.spec(
      'api',
      shell('trap "echo interrupted; exit 4" INT; echo up > up; while :; do sleep 0.01; done'),
      {
        stop: stopRule({ signal: 'SIGINT' }),
      },
    );
    await started(spec);
    await world.file('up');
    runtime.stop(spec, 1);
    expect(await world.report('exited', 'api')).toMatchObject({ exitCode: 4, signal: null });
    expect(world.output('api')).toContain('interrupted');
  });

  test('reaches grandchildren, and the end is reported when all of them are gone', async () => {
    const line = 'sh -c "sleep 1000 & echo \\$! > deep; wait" & echo $! > child; wait';
    const spec = world.spec('api', shell(line));
    await started(spec);
    const pids = [Number(await world.file('deep')), Number(await world.file('child'))];
    expect(pids.every(lives)).toBe(true);
    runtime.stop(spec, 1);
    expect(await world.report('exited', 'api')).toMatchObject({ exitCode: null, signal: 'SIGTERM' });
    expect(pids.some(lives)).toBe(false);
  });

  test('leaves the rest of the tree its grace when the process itself has ended first', async () => {
    const slow = 'trap "sleep 0.2; echo clean > clean; exit" TERM; echo > up; while :; do sleep 0.01; done';
    const spec = world.spec('api', shell(`trap "exit 0" TERM; sh -c '${slow}' & wait`));
    await started(spec);
    await world.file('up');
    runtime.stop(spec, 1);
    expect(await world.report('exited', 'api')).toMatchObject({ exitCode: 0 });
    expect(await world.file('clean')).toBe('clean\n');
  });

  test('with scope main leaves the others alone until the process has ended, and then ends them', async () => {
    const child = 'trap "echo signalled > signalled" TERM; echo $$ > child; while :; do sleep 0.01; done';
    const spec = world.spec('api', shell(`trap "exit 0" TERM; sh -c '${child}' & wait`), {
      stop: stopRule({ scope: 'main' }),
    });
    await started(spec);
    const pid = Number(await world.file('child'));
    runtime.stop(spec, 1);
    await world.report('exited', 'api');
    expect(lives(pid)).toBe(false);
    expect(readdirSync(world.folder)).not.toContain('signalled');
  });

  test('waits for a process that ignores the signal until it is killed', async () => {
    const spec = world.spec('api', shell('trap "" TERM; echo > up; while :; do sleep 0.01; done'));
    const pid = await started(spec);
    await world.file('up');
    runtime.stop(spec, 1);
    await pause(100);
    expect(lives(pid)).toBe(true);
    runtime.kill('api', 1);
    expect(await world.report('exited', 'api')).toMatchObject({ exitCode: null, signal: 'SIGKILL' });
  });

  test('wakes a process that was halted, which would not see the signal otherwise', async () => {
    const spec = world.spec('api', exec('sleep', '1000'));
    const pid = await started(spec);
    runtime.signal('api', 1, 'SIGSTOP', 'main');
    while (stat(pid)[0] !== 'T') await pause(5);
    runtime.stop(spec, 1);
    expect(await world.report('exited', 'api')).toMatchObject({ signal: 'SIGTERM' });
  });

  test('by a command hands it the process id and waits for the process, without a signal of its own', async () => {
    const spec = world.spec('api', shell('trap "echo asked; exit 0" USR1; echo > up; while :; do sleep 0.01; done'), {
      stop: stopRule({ command: shell('echo "stopping $ROUSE_SERVICE"; kill -USR1 $ROUSE_PID; sleep 0.2') }),
    });
    await started(spec);
    await world.file('up');
    runtime.stop(spec, 1);
    expect(await world.report('exited', 'api')).toMatchObject({ exitCode: 0, signal: null });
    expect(world.output('api').split('\n')).toEqual(expect.arrayContaining(['stopping api', 'asked']));
  });

  test('goes on with the signal when the command has ended and the process lives', async () => {
    const stop = stopRule({ command: shell('echo nothing done; exit 1') });
    const spec = world.spec('api', exec('sleep', '1000'), { stop });
    await started(spec);
    runtime.stop(spec, 1);
    expect(await world.report('exited', 'api')).toMatchObject({ signal: 'SIGTERM' });
    expect(world.output('api')).toBe('nothing done\n');
  });

  test('goes on with the signal when the command cannot be executed or takes too long', async () => {
    const missing = world.spec('one', exec('sleep', '1000'), { stop: stopRule({ command: exec('no-such-program') }) });
    const slow = world.spec('two', exec('sleep', '1000'), {
      stop: stopRule({ command: shell('echo $$ > slow; exec sleep 1000'), timeoutMs: 100 }),
    });
    await started(missing);
    await started(slow);
    runtime.stop(missing, 1);
    runtime.stop(slow, 1);
    expect(await world.report('exited', 'one')).toMatchObject({ signal: 'SIGTERM' });
    expect(await world.report('exited', 'two')).toMatchObject({ signal: 'SIGTERM' });
    expect(lives(Number(await world.file('slow')))).toBe(false);
  });

  test('is over only when its command has ended too, so that it never meets the next run', async () => {
    const command = shell('kill -TERM $ROUSE_PID; while [ ! -e go ]; do sleep 0.01; done; echo > done');
    const spec = world.spec('api', exec('sleep', '1000'), { stop: stopRule({ command }) });
    const pid = await started(spec);
    runtime.stop(spec, 1);
    await gone(pid);
    await pause(100);
    expect(world.reports).toHaveLength(1);
    writeFileSync(join(world.folder, 'go'), '');
    await world.report('exited', 'api');
    expect(readdirSync(world.folder)).toContain('done');
  });

  test('killing ends the stop command too', async () => {
    const spec = world.spec('api', exec('sleep', '1000'), {
      stop: stopRule({ command: shell('trap "" TERM; echo $$ > stopper; while :; do sleep 0.01; done') }),
    });
    await started(spec);
    runtime.stop(spec, 1);
    const stopper = Number(await world.file('stopper'));
    runtime.kill('api', 1);
    await world.report('exited', 'api');
    await gone(stopper);
    expect(lives(stopper)).toBe(false);
  });

  test('a signal reaches the process alone', async () => {
    const child = 'trap "echo child > child-heard" HUP; while :; do sleep 0.01; done';
    await started(
      world.spec(
        'api',
        shell(`trap "echo main > heard" HUP; sh -c '${child}' & echo > up; while :; do sleep 0.01; done`),
      ),
    );
    await world.file('up');
    runtime.signal('api', 1, 'SIGHUP', 'main');
    expect(await world.file('heard')).toBe('main\n');
    await pause(50);
    expect(readdirSync(world.folder)).not.toContain('child-heard');
  });
});

describe('many at once', () => {
  test('all come up, and what is stopped before its turn never exists', async () => {
    const specs = Array.from({ length: 30 }, (_, index) => world.spec(`s${index}`, exec('sleep', '1000')));
    for (const spec of specs) runtime.start(spec, 1);
    const last = world.spec('s29', exec('sleep', '1000'));
    runtime.stop(last, 1);
    expect(await world.report('start-failed', 's29')).toMatchObject({ fault: { code: 'refused' } });
    await Promise.all(specs.slice(0, -1).map(({ name }) => world.report('started', name)));
    expect(world.reports.some(({ type, service }) => type === 'started' && service === 's29')).toBe(false);
  });

  test('two hundred starts leave no descriptor open in this program', async () => {
    const descriptors = (): number => readdirSync('/proc/self/fd').length;
    runtime.start(world.spec('warm', exec('true')), 1);
    await world.report('exited', 'warm');
    const before = descriptors();
    for (let run = 1; run <= 200; run += 1) runtime.start(world.spec('api', exec('true')), run);
    await Promise.all(Array.from({ length: 200 }, (_, index) => world.report('exited', 'api', index + 1)));
    for (let run = 1; run <= 200; run += 1) runtime.release('api', run);
    runtime.start(world.spec('none', exec('no-such-program')), 1);
    await world.report('start-failed', 'none');
    expect(descriptors()).toBe(before);
  });

  test('starting one that is started, and anything about one that is not, does nothing', async () => {
    const spec = world.spec('api', exec('sleep', '1000'));
    const pid = await started(spec);
    runtime.start(spec, 1);
    runtime.stop(spec, 2);
    runtime.kill('web', 1);
    runtime.signal('web', 1, 'SIGHUP', 'main');
    runtime.release('api', 1);
    await pause(50);
    expect(lives(pid)).toBe(true);
    expect(world.reports).toHaveLength(1);
  });
});
