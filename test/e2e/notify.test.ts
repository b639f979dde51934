import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { type World, cliWorld } from './cli-world.ts';
import { lives, pause } from './runtime-world.ts';

/** What every service here begins with. `when("x")` waits until somebody makes the file x. */
const WORDS = String.raw`
use Socket; socket(my $s, AF_UNIX, SOCK_DGRAM, 0) or die; $| = 1;
sub say_it { send($s, $_[0], 0, pack_sockaddr_un($ENV{NOTIFY_SOCKET})) }
sub nap { select undef, undef, undef, $_[0] }
sub when { nap(0.02) until -e $_[0] }
`;

interface Shown {
  readonly phase: string;
  readonly step: string;
  readonly saying: string | null;
  readonly pid: number | null;
  readonly run: number;
}

let world: World;
beforeEach(() => {
  world = cliWorld(null);
});
afterEach(() => world[Symbol.asyncDispose]());

/** A project of one service that runs this perl. */
function given(code: string, keys: string): void {
  world.write('api.pl', WORDS + code);
  world.write('rouse.toml', `name = "shop"\n[services.api]\ncommand = "perl api.pl"\nready = "notify"\n${keys}\n`);
}

const go = (name: string): string => world.write(name, '');

async function shown(): Promise<Shown> {
  const [first] = (await world.json(['ps', 'api'])) as readonly Shown[];
  if (first === undefined) throw new Error('there is no api');
  return first;
}

async function until(is: (one: Shown) => boolean): Promise<Shown> {
  for (;;) {
    const now = await shown();
    if (is(now)) return now;
    await pause(20);
  }
}

async function fileIsThere(file: string): Promise<void> {
  while (!existsSync(join(world.folder, file))) await pause(10);
}

const reasons = async (): Promise<string> => (await world.run(['events', 'api'])).stdout;

describe('a start', () => {
  test('is over when the service says that it is ready, and not before', async () => {
    given('say_it("STATUS=warming up"); when("go"); say_it("READY=1\\nSTATUS=open"); sleep 60', '');
    expect((await world.run(['up', '-d', '--no-wait'])).code).toBe(0);
    expect(await until(({ saying }) => saying !== null)).toMatchObject({ phase: 'starting', saying: 'warming up' });
    go('go');
    expect(await until(({ phase }) => phase !== 'starting')).toMatchObject({ phase: 'ready', saying: 'open' });
  });

  test('may take longer than its limit when the service asks for it in time', async () => {
    given('say_it("EXTEND_TIMEOUT_USEC=30000000"); nap(1.5); say_it("READY=1"); sleep 60', 'start_timeout = "1s"');
    expect((await world.run(['up', '-d'])).code).toBe(0);
    expect(await shown()).toMatchObject({ phase: 'ready', run: 1 });
  });

  test('that was announced while the daemon was dead is known to the next one, and the service is the same', async () => {
    given('when("go"); say_it("READY=1"); open my $f, ">", "said"; sleep 60', '');
    await world.run(['up', '-d', '--no-wait']);
    const before = await until(({ pid }) => pid !== null);
    const { pid: daemon } = (await world.json(['daemon', 'status'])) as { readonly pid: number };
    // Halted first, so that it certainly has not read it.
    process.kill(daemon, 'SIGSTOP');
    go('go');
    await fileIsThere('said');
    process.kill(daemon, 'SIGKILL');
    while (lives(daemon)) await pause(5);
    expect((await world.run(['up', '-d'])).code).toBe(0);
    expect(await shown()).toMatchObject({ phase: 'ready', pid: before.pid, run: 1 });
  });
});

describe('a reload', () => {
  test('lasts from RELOADING to READY, and the watchdog does not bark in it', async () => {
    const code = `say_it("READY=1"); until (-e "go") { say_it("WATCHDOG=1"); nap(0.05) }
      say_it("RELOADING=1"); when("done"); say_it("READY=1"); while (1) { say_it("WATCHDOG=1"); nap(0.05) }`;
    given(code, 'watchdog = "300ms"');
    await world.run(['up', '-d']);
    go('go');
    const before = await until(({ step }) => step === 'reloading');
    await pause(1500);
    go('done');
    expect(await until(({ step }) => step === 'none')).toMatchObject({ phase: 'ready', pid: before.pid, run: 1 });
  });
});

describe('the watchdog', () => {
  test('ends who is silent by SIGABRT and starts him again, and says why', async () => {
    given('say_it("READY=1"); until (-e "hang") { say_it("WATCHDOG=1"); nap(0.05) } sleep 60', 'watchdog = "300ms"');
    await world.run(['up', '-d']);
    await pause(1200);
    expect((await shown()).run).toBe(1);
    go('hang');
    await until(({ run }) => run === 2);
    const told = await reasons();
    expect(told).toContain('SIGABRT');
    expect(told).toContain('no sign of life');
  });

  test('takes the service’s own word that it is beyond help', async () => {
    given('say_it("READY=1\\nWATCHDOG=1"); when("go"); say_it("WATCHDOG=trigger"); sleep 60', 'watchdog = "60s"');
    await world.run(['up', '-d']);
    go('go');
    await until(({ run }) => run === 2);
    expect(await reasons()).toContain('beyond help');
  });
});

describe('a stop', () => {
  test('that the service announces itself is no failure when it ends well', async () => {
    given('say_it("READY=1"); when("go"); say_it("STOPPING=1"); when("end"); exit 0', 'restart = "on-failure"');
    await world.run(['up', '-d']);
    go('go');
    await until(({ step }) => step === 'ending');
    go('end');
    expect(await until(({ phase }) => phase !== 'ready')).toMatchObject({ phase: 'completed', run: 1 });
  });
});
