import { execFileSync, spawn } from 'node:child_process';
import { existsSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { Spec } from '../../src/model/spec.ts';
import type { RuntimeReport } from '../../src/ports/runtime.ts';
import type { KindRuntime } from '../../src/runtime/dispatch.ts';
import type { Notifying } from '../../src/runtime/notify.ts';
import { createNotifying } from '../../src/runtime/notify.ts';
import type { RuntimeParts } from '../../src/runtime/parts.ts';
import { identify } from '../../src/runtime/process-group.ts';
import { createProcessRuntime } from '../../src/runtime/process.ts';
import { type RuntimeWorld, exec, lives, pause, runtimeWorld, shell } from './runtime-world.ts';

type Notified = Extract<RuntimeReport, { type: 'notified' }>;

/** The program that a service here runs: perl, saying what is between the quotes. */
const SAY = String.raw`
  use Socket; socket(my $s, AF_UNIX, SOCK_DGRAM, 0) or die; $| = 1;
  sub say_it { send($s, $_[0], 0, pack_sockaddr_un($ENV{NOTIFY_SOCKET})) // print "refused\n" }
`;
const speaks = (code: string): ReturnType<typeof exec> => exec('perl', '-e', `${SAY} ${code}`);

let world: RuntimeWorld;
let parts: RuntimeParts;
let runtime: KindRuntime;
const begun: Spec[] = [];

beforeEach(() => {
  world = runtimeWorld();
  parts = world.parts();
  runtime = createProcessRuntime(parts);
});
afterEach(async () => {
  for (const spec of begun.splice(0)) {
    runtime.kill(spec.name, 1);
    await Promise.race([world.report('exited', spec.name), world.report('start-failed', spec.name)]);
    runtime.release(spec.name, 1);
  }
  world[Symbol.dispose]();
});

function start(command: Spec['execution'] & { type: 'process' }, access: 'main' | 'all' = 'main'): Spec {
  const probe = {
    target: { type: 'notify', access },
    intervalMs: 1000,
    startIntervalMs: 1000,
    timeoutMs: 1000,
    failureThreshold: 1,
    successThreshold: 1,
    graceMs: 0,
  } as const;
  const spec = world.spec('api', command, { readiness: { type: 'probe', probe }, watchdogMs: 5000 });
  runtime.start(spec, 1);
  begun.push(spec);
  return spec;
}

const program = (code: string): { type: 'process'; command: ReturnType<typeof exec> } => ({
  type: 'process',
  command: speaks(code),
});

async function said(word: Notified['word']): Promise<Notified> {
  for (;;) {
    const found = world.reports.find((one): one is Notified => one.type === 'notified' && one.word === word);
    if (found !== undefined) return found;
    await pause(5);
  }
}

describe('a service that speaks', () => {
  test('is told to be ready when it says so, with its status', async () => {
    start(program(String.raw`say_it("READY=1\nSTATUS=caf\xc3\xa9 \x07 open"); sleep 60`));
    expect(await said('status')).toMatchObject({ text: 'café \u0007 open' });
    await said('ready');
    expect(parts.notify.of('api', 1)).toMatchObject({ ready: 'yes', stranger: null });
  });

  test('finds its socket bound before it begins, private to its user, and is told that it is watched', async () => {
    start(
      program(
        'my @s = stat $ENV{NOTIFY_SOCKET}; printf "%04o %s %s %s\n", $s[2] & 07777, $ENV{WATCHDOG_USEC}, -S _ ? "socket" : "none", $ENV{WATCHDOG_PID} == $$ ? "own" : "other"; say_it("READY=1"); sleep 60',
      ),
    );
    await said('ready');
    expect(world.output('api')).toBe('0600 5000000 socket own\n');
  });

  test('gives signs of life that are noted with their time', async () => {
    start(program('say_it("WATCHDOG=1\nREADY=1"); sleep 60'));
    await said('ready');
    const beatAt = parts.notify.beatAt('api', 1) ?? 0;
    expect(Math.abs(parts.clock.monotonic() - beatAt)).toBeLessThan(5000);
  });

  test('says that it reloads, stops, and needs longer', async () => {
    start(
      program(
        'say_it("RELOADING=1\nMONOTONIC_USEC=5"); say_it("STOPPING=1"); say_it("EXTEND_TIMEOUT_USEC=90000000"); sleep 60',
      ),
    );
    await said('reloading');
    await said('stopping');
    const { ms } = await said('extend');
    expect(ms).toBeGreaterThan(80_000);
    expect(ms).toBeLessThanOrEqual(90_000);
  });

  test('is satisfied at once when it asks whether all was received', async () => {
    start({ type: 'process', command: shell('systemd-notify --ready && echo received && sleep 60') }, 'all');
    await said('ready');
    while (!world.output('api').includes('received')) await pause(5);
    expect(world.output('api')).toBe('received\n');
  });

  test('may send anything without harm, and is heard afterwards', async () => {
    const code = [
      String.raw`say_it(""); say_it("=" x 4000); say_it("READY=1\n" . "\0" x 6000); say_it("\0\xff\n\n=\nREADY=2");`,
      String.raw`say_it("STATUS=" . "x" x 3000); say_it("MAINPID=99999999999999999999\nEXTEND_TIMEOUT_USEC=-1\nFDSTORE=1");`,
      'say_it("STOPPING=1"); sleep 60',
    ].join('');
    start(program(code));
    await said('stopping');
    expect((await said('status')).text).toHaveLength(1024);
    expect(parts.notify.of('api', 1)).toMatchObject({ ready: 'no' });
    expect(world.output('api')).toBe('');
  });

  test('cannot fill the disk however much it says', async () => {
    start(program('say_it("STATUS=$_ " . "x" x 900) for 1 .. 700; say_it("READY=1"); sleep 60'));
    await said('ready');
    expect(readFileSync(join(world.folder, 'run/api/1/notify')).length).toBeLessThan(300_000);
  }, 30_000);
});

describe('who may speak', () => {
  test('a child of the main process is not listened to, and named', async () => {
    start(program('if (!fork) { say_it("READY=1\nWATCHDOG=1"); exit } wait; say_it("STATUS=said"); sleep 60'));
    await said('status');
    expect(parts.notify.of('api', 1)?.ready).toBe('no');
    expect(parts.notify.of('api', 1)?.stranger).toBeGreaterThan(1);
    expect(parts.notify.beatAt('api', 1)).toBeNull();
  });

  test('with access all, a child is listened to', async () => {
    start(program('if (!fork) { say_it("READY=1"); sleep 60 } sleep 60'), 'all');
    await said('ready');
    expect(parts.notify.of('api', 1)?.ready).toBe('yes');
  });

  test('with access all, a process that is not of the run is not listened to', async () => {
    start(program('sleep 60'), 'all');
    await world.report('started', 'api');
    const socket = join(world.folder, 'run/api/1/notify.sock');
    // Two words of a stranger that lives until the second is heard.
    const stranger = `${SAY} say_it("READY=1"); sleep 1 until -e "${world.folder}/heard"`;
    const child = execFileSync('sh', ['-c', 'perl -e "$0" >/dev/null 2>&1 & echo $!', stranger], {
      env: { PATH: process.env['PATH'], NOTIFY_SOCKET: socket },
    });
    const pid = Number(child.toString());
    while (parts.notify.of('api', 1)?.stranger !== pid) await pause(5);
    expect(parts.notify.of('api', 1)?.ready).toBe('no');
    process.kill(pid);
  });

  test('a new main process must live and belong to the run: 0, 1, the dead and strangers are refused', async () => {
    const code = `my $p = fork; if (!$p) { sleep 60; exit } say_it("MAINPID=$_") for 0, 1, 4194303, ${process.pid}, $p; say_it("STATUS=$p"); sleep 60`;
    start(program(code));
    const { text } = await said('status');
    const mains = world.reports.filter((one): one is Notified => one.type === 'notified' && one.word === 'main');
    expect(mains.map(({ pid }) => pid)).toEqual([Number(text)]);
  });
});

describe('the receiver', () => {
  test('keeps what is said while no daemon lives, and adoption reads on', async () => {
    const spec = start(
      program('sleep 1 until -e "go"; say_it("STATUS=early"); say_it("READY=1\nSTATUS=late\nWATCHDOG=1"); sleep 60'),
    );
    await world.report('started', 'api');
    // A daemon that is gone hears nothing any more.
    const old = parts.notify;
    const heard: RuntimeReport[] = [];
    const next: Notifying = createNotifying({
      clock: parts.clock,
      report: (report) => heard.push(report),
      runDirectory: parts.runDirectory,
      path: parts.host.path,
    });
    execFileSync('touch', [join(world.folder, 'go')]);
    await said('ready');
    const { pid } = await world.report('started', 'api');
    next.follow(spec, 1, { main: pid, isMember: () => true, became: () => undefined });
    while (heard.length < 2) await pause(5);
    expect(heard).toMatchObject([{ word: 'ready' }, { word: 'status', text: 'late' }]);
    expect(next.of('api', 1)?.ready).toBe('yes');
    expect(next.beatAt('api', 1)).toBe(old.beatAt('api', 1));
    next.forget('api', 1);
  });

  test('that was killed is replaced, and the service is heard again without a fault of its own', async () => {
    start(program('say_it("READY=1"); sleep 1 until -e "go"; say_it("STATUS=after\nWATCHDOG=1"); sleep 60'));
    await said('ready');
    const folder = join(world.folder, 'run/api/1');
    const pidOf = (): number => Number(readFileSync(join(folder, 'notify.pid'), 'utf8').split(' ')[0]);
    const first = pidOf();
    process.kill(first, 'SIGKILL');
    while (lives(first)) await pause(5);
    // Asking finds out; the silence is nobody's fault.
    expect(parts.clock.monotonic() - (parts.notify.beatAt('api', 1) ?? 0)).toBeLessThan(5000);
    while (pidOf() === first) await pause(5);
    execFileSync('touch', [join(world.folder, 'go')]);
    expect(await said('status')).toMatchObject({ text: 'after' });
    expect(parts.notify.of('api', 1)?.ready).toBe('yes');
    expect(parts.notify.beatAt('api', 1)).not.toBeNull();
  });

  test('is no member of the run, and ends with it', async () => {
    start(program('say_it("READY=1"); sleep 60'));
    await said('ready');
    const folder = join(world.folder, 'run/api/1');
    const [receiver = ''] = readFileSync(join(folder, 'notify.pid'), 'utf8').split(' ');
    expect(lives(Number(receiver))).toBe(true);
    begun.length = 0;
    runtime.kill('api', 1);
    await world.report('exited', 'api');
    runtime.release('api', 1);
    while (lives(Number(receiver))) await pause(5);
    expect(existsSync(folder)).toBe(false);
  });

  test('a service is not started where perl is missing, and the hint says what to do', async () => {
    const report = parts.report;
    const notify = createNotifying({ clock: parts.clock, report, runDirectory: parts.runDirectory, path: '/nowhere' });
    runtime = createProcessRuntime(world.parts({ notify }));
    start(program('sleep 60'));
    begun.length = 0;
    const { fault } = await world.report('start-failed', 'api');
    expect(fault).toMatchObject({ code: 'refused', program: 'perl' });
    expect(fault.hint).toContain('perl-base');
    runtime.release('api', 1);
    expect(readdirSync(join(world.folder, 'run')).filter((name) => !name.startsWith('.'))).toEqual([]);
  });
});

test('whoever the service names in the place of its receiver is not signalled', async () => {
  start(program('say_it("READY=1"); sleep 1000'));
  await said('ready');
  const file = join(world.folder, 'run', 'api', '1', 'notify.pid');
  const receiver = Number(readFileSync(file, 'utf8').split(' ')[0]);
  const stranger = spawn('sleep', ['1000'], { cwd: '/', stdio: 'ignore' });
  const { pid, startTime } = identify(stranger.pid ?? 0);
  writeFileSync(file, `${pid} ${startTime}\n`);
  runtime.kill('api', 1);
  await world.report('exited', 'api');
  await pause(100);
  expect([lives(pid), lives(receiver)]).toEqual([true, true]);
  for (const one of [pid, receiver]) process.kill(one, 'SIGKILL');
});
