import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type World, cliWorld } from './cli-world.ts';
import { pause } from './runtime-world.ts';

let world: World;

const SPEAKS = String.raw`
use Socket; socket(my $s, AF_UNIX, SOCK_DGRAM, 0) or die; $| = 1;
sub say_it { send($s, $_[0], 0, pack_sockaddr_un($ENV{NOTIFY_SOCKET})) }
$SIG{HUP} = sub { print "main hup\n" };
if (!fork) { $SIG{HUP} = sub { print "child hup\n" }; sleep 1 while 1 }
say_it("READY=1\nSTATUS=at your service");
sleep 1 while 1;
`;

beforeAll(async () => {
  world = cliWorld(`name = "shop"
[services.db]
command = "sleep 1000"
settle = "0s"
[services.web]
command = "perl web.pl"
ready = "notify"
env = { PORT = "3000" }
depends_on = ["db"]
[services.migrate]
type = "task"
command = "sh -c 'echo migrated $0 $#; exit \${CODE:-0}'"
autostart = false
depends_on = ["db"]
`);
  world.write('web.pl', SPEAKS);
  expect((await world.run(['up', '-d'])).code).toBe(0);
});
afterAll(() => world[Symbol.asyncDispose]());

const output = async (pattern: RegExp): Promise<string> => {
  for (;;) {
    const { stdout } = await world.run(['logs', 'web', '--no-prefix']);
    if (pattern.test(stdout)) return stdout;
    await pause(20);
  }
};

describe('rouse signal', () => {
  test('reaches the main process alone, and with --tree every process', async () => {
    const { code, stdout } = await world.run(['signal', 'hup', 'web']);
    expect([code, stdout]).toEqual([0, expect.stringMatching(/^sent SIGHUP to web \(pid \d+\)\n$/)]);
    expect(await output(/main hup/)).not.toContain('child hup');
    await world.run(['signal', 'SIGHUP', 'web', '--tree']);
    await output(/child hup/);
  });

  test('to what does not run is refused, and nothing is sent', async () => {
    const { code, stderr } = await world.run(['signal', 'TERM', 'migrate']);
    expect([code, stderr]).toEqual([6, expect.stringContaining('RSE4019')]);
    expect((await world.run(['signal', 'TERM', 'none'])).code).toBe(4);
    expect((await world.run(['signal', 'NONE', 'web'])).code).toBe(2);
  });
});

describe('rouse exec', () => {
  test('runs in the folder and with the environment of the service, and ends with the command’s code', async () => {
    const { code, stdout } = await world.run(
      ['exec', 'web', '--', 'sh', '-c', 'echo $PORT $ROUSE_SERVICE $PWD; exit 7'],
      {
        cwd: '/',
        env: { ROUSE_PROJECT: 'shop' },
      },
    );
    expect([code, stdout]).toEqual([7, `3000 web ${world.folder}\n`]);
  });

  test('hands standard input on; without a command it is a shell', async () => {
    const shell = world.begin(['exec', 'web']);
    shell.typed('echo in $ROUSE_SERVICE; exit 3\n');
    expect(await shell.ended).toMatchObject({ code: 3, stdout: 'in web\n' });
  });

  test('ends with 128 and the number of the signal that ended the command', async () => {
    expect((await world.run(['exec', 'web', '--', 'sh', '-c', 'kill -USR1 $$'])).code).toBe(138);
  });

  test('ends with 127 where there is no such program, and 126 where it may not be executed', async () => {
    expect((await world.run(['exec', 'web', '--', 'nonsense'])).code).toBe(127);
    expect((await world.run(['exec', 'web', '--', './web.pl'])).code).toBe(126);
    expect((await world.run(['exec', 'none', '--', 'true'])).code).toBe(4);
  });
});

describe('rouse run with arguments', () => {
  test('runs the task with them here, and leaves its state as it is', async () => {
    expect(await world.run(['run', 'migrate', '--', '--dry', 'a b'])).toMatchObject({
      code: 0,
      stdout: 'migrated --dry 1\n',
    });
    expect(await world.json(['ps', 'migrate'])).toMatchObject([{ run: 0, phase: 'stopped' }]);
  });

  test('of a service is refused', async () => {
    expect((await world.run(['run', 'web', '--', 'x'])).code).toBe(2);
  });

  test('starts what the task needs', async () => {
    expect((await world.run(['stop', 'db', '--deps', '-y'])).code).toBe(0);
    expect((await world.run(['run', 'migrate', '--', 'x'])).code).toBe(0);
    expect(await world.json(['ps', 'db'])).toMatchObject([{ phase: 'ready' }]);
    expect((await world.run(['up', '-d'])).code).toBe(0);
  });
});

describe('rouse pin', () => {
  test('holds a service up until it is let go', async () => {
    expect((await world.run(['pin', 'db'])).stdout).toBe('db is pinned up\n');
    expect((await world.run(['stop', 'db', '--deps', '-y'])).code).toBe(6);
    expect((await world.run(['unpin', 'db'])).stdout).toBe('db is not pinned any more\n');
  });

  test('holds a service down until it is let go', async () => {
    expect((await world.run(['pin', 'web', '--down'])).code).toBe(0);
    expect((await world.run(['start', 'web'])).code).toBe(6);
    expect((await world.run(['unpin', 'web'])).code).toBe(0);
    expect((await world.run(['start', 'web'])).code).toBe(0);
  });
});
