// Real processes as root: a strict sandbox, and how signals, ends and words come through its wall.
import { chownSync, mkdirSync, readFileSync, readdirSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import type { Spec } from '../../src/model/spec.ts';
import type { RuntimeReport } from '../../src/ports/runtime.ts';
import { createConfining } from '../../src/runtime/confining.ts';
import { confineWorld } from '../../src/runtime/confine-tools.ts';
import { runCommand } from '../../src/runtime/run-command.ts';
import { createProcessRuntime } from '../../src/runtime/process.ts';
import { readRecord } from '../../src/runtime/run-record.ts';
import { UID, ground } from './confine-world.ts';
import { exec, gone, lives, pause, shell, stopRule } from './runtime-world.ts';

const STRICT = { sandbox: 'strict' } as const;
const TRAP = 'trap "echo asked; exit 3" TERM; echo up; while :; do sleep 0.01; done';

const readName = (pid: number): string => readFileSync(`/proc/${pid}/comm`, 'latin1').trim();

async function printed(output: () => string, line: string): Promise<void> {
  while (!output().includes(line)) await pause(5);
}

/** Processes of the user that is nobody here. */
function ofUser(): readonly string[] {
  return readdirSync('/proc').filter((name) => /^\d+$/.test(name) && lives(Number(name)) && ownerOf(name) === UID);
}

function ownerOf(pid: string): number | null {
  return statSync(`/proc/${pid}`, { throwIfNoEntry: false })?.uid ?? null;
}

describe('a strict sandbox', () => {
  test('a service reads no secret of root, writes where it may alone, and sees its own processes alone', async () => {
    const { world, runtime, spec, held } = ground();
    const own = join(world.folder, 'own');
    mkdirSync(own);
    chownSync(own, UID, UID);
    const tries = [
      'cat /etc/shadow',
      'ls /root',
      'touch /etc/mine',
      'touch ./mine',
      'touch own/mine && echo own',
      'touch /tmp/mine && echo tmp',
      '[ -z "$(ls /home /run | grep -v :)" ] && echo hidden',
      'ls -d /proc/[0-9]* | wc -l',
    ];
    const line = tries.map((one) => `${one} 2>/dev/null`).join('; ');
    runtime.start(spec('web', `${line}; grep -E "^(Cap|NoNew)" /proc/self/status`, { ...STRICT, writable: [own] }), 1);
    expect(await world.report('exited', 'web')).toMatchObject({ exitCode: 0 });
    const [first, second, third, processes, ...rights] = world.output('web').trim().split('\n');
    expect([first, second, third]).toEqual(['own', 'tmp', 'hidden']);
    expect(Number(processes)).toBeLessThanOrEqual(5);
    expect(rights.filter((one) => /^(CapEff|CapAmb|CapPrm|NoNew)/.test(one)).map((one) => one.split('\t')[1])).toEqual([
      '0'.repeat(16),
      '0'.repeat(16),
      '0'.repeat(16),
      '1',
    ]);
    expect(held('web')).toMatchObject({ sandbox: 'strict', user: { uid: UID }, gains: 'enforced' });
  });

  test('root keeps nothing from itself: a strict sandbox without a user is refused', async () => {
    const { world, runtime, spec } = ground();
    for (const [name, user] of [
      ['none', null],
      ['typed', 'root'],
    ] as const) {
      runtime.start(spec(name, 'cat /etc/shadow', { ...STRICT, user }), 1);
      expect((await world.report('start-failed', name)).fault).toMatchObject({ code: 'isolation' });
    }
  });

  test('a wall that cannot be built is a start that failed, with the package to install', async () => {
    const { world, spec } = ground();
    const without = { ...confineWorld(), find: (tool: string) => (tool === 'bwrap' ? null : `/usr/bin/${tool}`) };
    const other = createProcessRuntime(world.parts({ confining: createConfining(without) }));
    other.start(spec('web', 'true', STRICT), 1);
    expect((await world.report('start-failed', 'web')).fault).toMatchObject({
      code: 'isolation',
      program: 'bwrap',
      hint: 'install the package bubblewrap',
    });
    other.release('web', 1);
  });

  test('a folder to be written that is not there is a start that failed', async () => {
    const { world, runtime, spec } = ground();
    runtime.start(spec('web', 'true', { ...STRICT, writable: ['/nowhere/at/all'] }), 1);
    expect((await world.report('start-failed', 'web')).fault).toMatchObject({ code: 'isolation' });
  });

  test('a program that is not there is told as one, in a sandbox or out of it', async () => {
    const { world, runtime, spec } = ground();
    const { confinement } = spec('web', 'true', STRICT);
    const gonePath = join(world.folder, 'gone');
    runtime.start(world.spec('web', exec(gonePath), { confinement }), 1);
    expect((await world.report('start-failed', 'web')).fault).toMatchObject({ code: 'not-found', program: gonePath });
  });
});

describe('signals and ends', () => {
  for (const scope of ['main', 'tree'] as const)
    test(`SIGTERM reaches the program behind a wall, and its exit code comes through (${scope})`, async () => {
      const { world, runtime, spec } = ground();
      const web = spec('web', TRAP, STRICT, { stop: stopRule({ scope }) });
      runtime.start(web, 1);
      const { pid } = await world.report('started', 'web');
      await printed(() => world.output('web'), 'up');
      runtime.stop(web, 1);
      expect(await world.report('exited', 'web')).toMatchObject({ exitCode: 3, signal: null });
      expect(world.output('web')).toMatch(/^up\n[^]*asked\n$/);
      expect(lives(pid ?? 0)).toBe(false);
    });

  test('the process that is shown is the program itself', async () => {
    const { world, runtime, spec } = ground();
    const { confinement } = spec('web', 'true', STRICT);
    runtime.start(world.spec('web', exec('sleep', '1000'), { confinement }), 1);
    const { pid } = await world.report('started', 'web');
    expect(readName(pid ?? 0)).toBe('sleep');
  });

  for (const signal of ['SIGKILL', 'SIGTERM'] as const)
    test(`an end by ${signal} is known as one, and not as an exit code`, async () => {
      const { world, runtime, spec } = ground();
      const { confinement } = spec('web', 'true', STRICT);
      runtime.start(world.spec('web', exec('sleep', '1000'), { confinement }), 1);
      await world.report('started', 'web');
      runtime.signal('web', 1, signal, 'main');
      expect(await world.report('exited', 'web')).toMatchObject({ exitCode: null, signal });
    });

  test('an exit code that looks like a signal stays a code', async () => {
    const { world, runtime, spec } = ground();
    runtime.start(spec('web', 'exit 143', STRICT), 1);
    expect(await world.report('exited', 'web')).toMatchObject({ exitCode: 143, signal: null });
  });

  test('nothing is left when the program ends, and nothing when it is killed', async () => {
    const { world, runtime, spec } = ground();
    runtime.start(spec('web', 'setsid sleep 1000 & exit 0', STRICT), 1);
    await world.report('exited', 'web');
    runtime.start(spec('api', 'sleep 1000', STRICT), 1);
    await world.report('started', 'api');
    const watcher = readRecord(join(world.folder, 'run/api/1/record'))?.main?.pid ?? 0;
    process.kill(watcher, 'SIGKILL');
    await world.report('exited', 'api');
    await gone(watcher);
    expect(ofUser()).toEqual([]);
  });
});

describe('a daemon that comes later', () => {
  const heard = async (told: RuntimeReport[], type: RuntimeReport['type']): Promise<RuntimeReport> => {
    for (;;) {
      const found = told.find((report) => report.type === type);
      if (found !== undefined) return found;
      await pause(5);
    }
  };

  for (const left of ['whole', 'without its folder', 'without its shim'] as const)
    test(`a run behind a wall is taken over ${left}, and ends as it is asked to`, async () => {
      const { world, runtime, spec } = ground();
      const web = spec('web', TRAP, STRICT);
      runtime.start(web, 1);
      const { pid } = await world.report('started', 'web');
      await printed(() => world.output('web'), 'up');
      const folder = join(world.folder, 'run/web/1');
      if (left === 'without its folder') rmSync(folder, { recursive: true });
      if (left === 'without its shim') process.kill(readRecord(join(folder, 'record'))?.shim?.pid ?? 0, 'SIGKILL');
      const told: RuntimeReport[] = [];
      const confining = createConfining();
      const later = createProcessRuntime(world.parts({ report: (said) => void told.push(said), confining }));
      later.adopt(web, 1);
      expect(await heard(told, 'recovered')).toMatchObject({ found: 'alive', pid });
      expect(confining.of('web', 1)?.sandbox).toBe(left === 'without its folder' ? undefined : 'strict');
      later.stop(web, 1);
      // What nobody has noted is not made up.
      const end = left === 'without its folder' ? { exitCode: null } : { exitCode: 3 };
      expect(await heard(told, 'exited')).toMatchObject({ ...end, signal: null });
      expect(world.output('web')).toContain('asked');
      await gone(pid ?? 0);
    });
});

describe('what a service says', () => {
  const probe = {
    intervalMs: 1000,
    startIntervalMs: 1000,
    timeoutMs: 1000,
    failureThreshold: 1,
    successThreshold: 1,
    graceMs: 0,
  };
  const SAY = String.raw`
    use Socket; socket(my $s, AF_UNIX, SOCK_DGRAM, 0) or die; $| = 1;
    sub say_it { send($s, $_[0], 0, pack_sockaddr_un($ENV{NOTIFY_SOCKET})) // print "refused $!\n" }
  `;
  const notifying = (access: 'main' | 'all'): Partial<Spec> => ({
    readiness: { type: 'probe', probe: { ...probe, target: { type: 'notify', access } } },
    watchdogMs: 5000,
  });

  for (const sandbox of ['default', 'strict'] as const)
    test(`READY, MAINPID and signs of life are heard from another user (${sandbox})`, async () => {
      const { world, runtime, spec } = ground();
      const code = `${SAY} print "beats\\n" if $ENV{WATCHDOG_PID} == $$; if (my $child = fork) { say_it("MAINPID=$child\\nREADY=1") } sleep 1000`;
      const { confinement } = spec('web', 'true', { sandbox });
      runtime.start(world.spec('web', exec('perl', '-e', code), { confinement, ...notifying('all') }), 1);
      const { pid } = await world.report('started', 'web');
      const words = async (word: string): Promise<RuntimeReport> => {
        for (;;) {
          const found = world.reports.find((one) => one.type === 'notified' && one.word === word);
          if (found !== undefined) return found;
          await pause(5);
        }
      };
      await words('ready');
      const main = await words('main');
      expect(main).not.toMatchObject({ pid });
      expect(main.type === 'notified' && lives(main.pid ?? 0)).toBe(true);
      expect(world.output('web')).toBe('beats\n');
      runtime.kill('web', 1);
      await world.report('exited', 'web');
    });

  test('a line on the descriptor of readiness arrives from behind a wall', async () => {
    const { world, runtime, spec } = ground();
    const readiness = { type: 'probe', probe: { ...probe, target: { type: 'fd', fd: 3 } } } as const;
    runtime.start(spec('web', 'echo >&3; echo >>/dev/fd/3', STRICT, { readiness }), 1);
    expect(await world.report('exited', 'web')).toMatchObject({ exitCode: 0 });
    expect(await world.file('run/web/1/ready')).toBe('\n\n');
  });
});

describe('a network of its own', () => {
  for (const sandbox of ['default', 'strict'] as const)
    test(`without the network there is a loopback and nothing else (${sandbox})`, async () => {
      const { world, runtime, spec, held } = ground();
      runtime.start(spec('web', 'cut -d: -f1 /proc/net/dev | tail -n +3', { sandbox, network: 'none' }), 1);
      expect(await world.report('exited', 'web')).toMatchObject({ exitCode: 0 });
      expect(world.output('web').trim()).toBe('lo');
      expect(held('web')).toMatchObject({ network: 'none' });
    });

  test('SIGTERM reaches the program there as well', async () => {
    const { world, runtime, spec } = ground();
    const web = spec('web', TRAP, { network: 'none' });
    runtime.start(web, 1);
    await world.report('started', 'web');
    await printed(() => world.output('web'), 'up');
    runtime.stop(web, 1);
    expect(await world.report('exited', 'web')).toMatchObject({ exitCode: 3, signal: null });
  });
});

describe('commands beside a service', () => {
  test('a hook runs as the user of its service, in a sandbox like its own', async () => {
    const { world, parts, spec } = ground();
    const web = spec('web', 'true', STRICT);
    const order = { spec: web, run: 1, timeoutMs: 5000, output: 'log', environment: {}, purpose: 'hook' } as const;
    const command = shell('id -u; touch ./mine 2>/dev/null || echo refused');
    await runCommand(parts, { ...order, command }).outcome;
    expect(world.output('web')).toBe(`${UID}\nrefused\n`);
  });

  test('a stop command can reach the program by its number', async () => {
    const { world, runtime, spec } = ground();
    const web = spec('web', TRAP, STRICT, { stop: stopRule({ command: shell('id -u; kill -TERM $ROUSE_PID') }) });
    runtime.start(web, 1);
    await world.report('started', 'web');
    await printed(() => world.output('web'), 'up');
    runtime.stop(web, 1);
    expect(await world.report('exited', 'web')).toMatchObject({ exitCode: 3 });
    expect(world.output('web')).toContain(`${UID}\n`);
  });
});
