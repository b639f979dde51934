import { describe, expect, test } from 'vitest';
import { document, faultsOf, specOf } from './given.ts';

const a = (lines: string): string => `[services.a]\ncommand = "x"\n${lines}`;
const task = (lines: string): string => `[services.a]\ntype = "task"\ncommand = "x"\n${lines}`;
const short = async (text: string): Promise<string[]> =>
  (await faultsOf(text)).map((fault) => fault.replace('rouse.toml:', ''));

describe('what is left out', () => {
  test('a service has no hooks, limits, schedule, watch, watchdog, conflicts or profiles', async () => {
    expect(await specOf(a(''))).toMatchObject({
      hooks: { beforeStart: null, afterReady: null, beforeStop: null, afterStop: null },
      limits: { memoryBytes: null, cpus: null, processes: null },
      schedule: null,
      watch: null,
      watchdogMs: null,
      conflicts: [],
      profiles: [],
      replica: null,
      restartCodes: [],
      stop: { drainMs: 0 },
    });
  });
});

describe('a hook', () => {
  test('is a command with half a minute, or a table', async () => {
    const { hooks } = await specOf(
      a(
        '[services.a.hooks]\nbefore_start = "prepare --now"\nbefore_stop = { command = ["drain", "a b"], timeout = "1m" }',
      ),
    );
    expect(hooks.beforeStart).toMatchObject({
      command: { argv: ['prepare', '--now'], via: 'exec' },
      timeoutMs: 30_000,
    });
    expect(hooks.beforeStop).toMatchObject({ command: { argv: ['drain', 'a b'] }, timeoutMs: 60_000 });
    expect(hooks.afterReady).toBeNull();
  });

  test('is split into words before variables are filled in', async () => {
    const { hooks } = await specOf(a('hooks = { after_stop = "rm -f ${F}" }'), { environment: { F: 'a b' } });
    expect(hooks.afterStop?.command.argv).toEqual(['rm', '-f', 'a b']);
  });

  test('goes to a shell where the service says so', async () => {
    const { hooks } = await specOf(a('shell = true\nhooks = { after_ready = "a | b" }'));
    expect(hooks.afterReady?.command).toMatchObject({ argv: ['a | b'], via: 'shell' });
  });

  test('has camelCase names in programs', () => {
    const { definition } = document({
      services: { a: { command: 'x', hooks: { beforeStart: ['p'] }, watch: { paths: 'src/*' }, limits: { cpus: 2 } } },
    });
    expect(definition.services[0]).toMatchObject({
      hooks: { beforeStart: { command: { argv: ['p'] } } },
      watch: { paths: ['/srv/shop/src/*'] },
      limits: { cpus: 2 },
    });
  });

  test.for([
    [
      'hooks = { before_start = "a && b" }',
      'RSE1107 3:29+2 "&&" is shell syntax, and this command runs without a shell',
    ],
    ['hooks = { before_start = { timeout = "1s" } }', 'RSE1103 3:11+12 hook "before_start" of "a" needs "command"'],
    ['hooks = { before_begin = "a" }', 'RSE1104 3:11+12 unknown key "before_begin" in "hooks" of "a"'],
    [
      'hooks = { after_stop = { command = "a", timeout = 3 } }',
      'RSE1111 3:51+1 "hooks.after_stop.timeout" of "a" needs its unit',
    ],
  ] as const)('is refused: %s', async ([line, fault]) => {
    expect(await short(a(line))).toEqual([fault]);
  });
});

describe('limits', () => {
  test('are bytes, processors and processes', async () => {
    expect((await specOf(a('limits = { memory = "256MiB", cpus = 0.5, processes = 64 }'))).limits).toEqual({
      memoryBytes: 256 * 1024 ** 2,
      cpus: 0.5,
      processes: 64,
    });
  });

  test.for([
    ['limits = { memory = 512 }', 'RSE1111 3:21+3 "limits.memory" of "a" needs its unit'],
    ['limits = { cpus = 0 }', 'RSE1102 3:19+1 "limits.cpus" of "a" must be at least 0.01'],
    ['limits = { swap = "1MiB" }', 'RSE1105 3:12+4 "swap" in "limits" of "a" is not yet supported in this version'],
  ] as const)('are refused: %s', async ([line, fault]) => {
    expect(await short(a(line))).toEqual([fault]);
  });
});

describe('ready by notification', () => {
  test.for([
    ['"notify"', 'main'],
    ['{ notify = true }', 'main'],
    ['{ notify = "main" }', 'main'],
    ['{ notify = "all", timeout = "1s" }', 'all'],
  ] as const)('%s takes the word of %s', async ([written, access]) => {
    expect(await specOf(a(`ready = ${written}`))).toMatchObject({
      readiness: { type: 'probe', probe: { target: { type: 'notify', access } } },
      liveness: null,
      startTimeoutMs: 30_000,
    });
  });

  test('over a check in the defaults replaces the question', async () => {
    const spec = await specOf(`[defaults]\nready = { log = "up", interval = "3s" }\n${a('ready = "notify"')}`);
    expect(spec.readiness).toMatchObject({ probe: { target: { type: 'notify', access: 'main' }, intervalMs: 3000 } });
  });

  test('is refused for what Rouse does not run itself, and under health', async () => {
    expect(await short('[services.a]\nstart_command = "x"\nready = "notify"')).toEqual([
      'RSE1106 3:1+5 "ready" of "a" cannot be "notify": Rouse does not run it itself',
    ]);
    expect(await short(a('health = { notify = true }'))).toEqual([
      'RSE1105 3:12+6 "notify" in "health" of "a" is not yet supported in this version',
    ]);
  });
});

describe('a schedule', () => {
  test('is a cron text, or a table', async () => {
    const usual = { cron: '@daily', timezone: null, overlap: 'skip', catchUp: 'skip' };
    expect((await specOf(task('schedule = "@daily"'))).schedule).toEqual(usual);
    const table = '{ cron = "0 4 * * *", timezone = "UTC", overlap = "replace", catch_up = "once" }';
    expect((await specOf(task(`schedule = ${table}`))).schedule).toEqual({
      cron: '0 4 * * *',
      timezone: 'UTC',
      overlap: 'replace',
      catchUp: 'once',
    });
  });

  test('over one in the defaults sets only the text', async () => {
    const text = `[defaults]\nschedule = { cron = "@hourly", overlap = "queue" }\n${task('schedule = "@daily"')}`;
    expect((await specOf(text)).schedule).toMatchObject({ cron: '@daily', overlap: 'queue' });
  });

  test.for([
    ['schedule = "* * *"', 'RSE1119 4:12+7 "schedule" of "a" has 3 fields, not five or six'],
    [
      'schedule = { cron = "61 * * * *" }',
      'RSE1119 4:21+12 "schedule" of "a" has "61" as its minute, which goes from 0 to 59',
    ],
    ['schedule = { overlap = "skip" }', 'RSE1103 4:1+8 "schedule" of "a" needs "cron"'],
    [
      'schedule = { cron = "@daily", timezone = "Mars/Olympus" }',
      'RSE1119 4:42+14 this machine knows no time zone "Mars/Olympus"',
    ],
  ] as const)('is refused: %s', async ([line, fault]) => {
    expect(await short(task(line))).toEqual([fault]);
  });

  test('is for tasks', async () => {
    expect(await short(a('schedule = "@daily"'))).toEqual([
      'RSE1106 3:1+8 "schedule" does not go with "a", which is kept up, and a schedule is for tasks',
    ]);
  });
});

describe('a watch', () => {
  test('is globs, or a table, relative to the file', async () => {
    const spec = await specOf(a('watch = ["dist/**", "/etc/a.conf"]'));
    expect(spec.watch).toEqual({
      paths: [`${spec.cwd}/dist/**`, '/etc/a.conf'],
      ignore: [],
      debounceMs: 200,
      action: 'restart',
      cascade: 'no',
    });
    expect((await specOf(a('watch = { paths = "a", action = "hup" }').replace('hup', 'HUP'))).watch?.action).toBe(
      'SIGHUP',
    );
  });

  test.for([
    ['watch = { ignore = ["a"] }', 'RSE1103 3:1+5 "watch" of "a" needs "paths"'],
    ['watch = { paths = "a", action = "reload" }', 'RSE1102 3:33+8 there is no signal "reload"'],
    ['watch = { paths = "a", debounce = "1" }', 'RSE1111 3:35+3 "watch.debounce" of "a" is not a duration'],
  ] as const)('is refused: %s', async ([line, fault]) => {
    expect(await short(a(line))).toEqual([fault]);
  });
});

describe('a watchdog', () => {
  test('is a time of at least 100ms', async () => {
    expect((await specOf(a('watchdog = "100ms"'))).watchdogMs).toBe(100);
    expect(await short(a('watchdog = "99ms"'))).toEqual(['RSE1102 3:1+8 "watchdog" of "a" is shorter than 100ms']);
    expect(await short(a('watchdog = "0s"'))).toHaveLength(1);
  });
});

describe('a key that does not fit how a service runs', () => {
  test.for([
    ['external = true\nhealth = "tcp://localhost:1"', 'hooks = { before_start = "x" }', 'is external'],
    ['start_command = "x"', 'limits = { cpus = 1 }', 'is not run by Rouse itself'],
    ['start_command = "x"', 'watchdog = "3s"', 'is not run by Rouse itself'],
    ['type = "task"\ncommand = "x"', 'watchdog = "3s"', 'is a task, and a watchdog is for what is kept up'],
  ] as const)('is refused: %s with %s', async ([way, line, why]) => {
    const faults = await short(`[services.a]\n${way}\n${line}`);
    const [key = ''] = line.split(' ');
    expect(faults.map((fault) => fault.replace(/ \d+:\d+\+\d+/, ''))).toEqual([
      `RSE1106 "${key}" does not go with "a", which ${why}`,
    ]);
  });
});

describe('restart codes', () => {
  test('cannot be codes that forbid a restart', async () => {
    expect(await short(a('restart_codes = [75, 78]\nno_restart_codes = [78]'))).toEqual([
      'RSE1106 3:1+13 exit code 78 of "a" is in "restart_codes" and in "no_restart_codes"',
    ]);
  });
});
