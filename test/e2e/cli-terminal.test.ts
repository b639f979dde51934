// An attached `up` on a real pseudo-terminal (script, of util-linux), and attached to a pipe.
import { existsSync } from 'node:fs';
import { expect, test } from 'vitest';
import { cliWorld, shop } from './cli-world.ts';

const DEAF = `name = "shop"
[services.deaf]
command = ["node", "-e", "process.on('SIGTERM',()=>{});setInterval(()=>{},1000)"]
settle = "300ms"
stop = { timeout = "60s" }
`;
const SLOW = 'name = "shop"\n[services.slow]\ncommand = "sleep 1000"\nsettle = "60s"\n';
const FAILING = 'name = "shop"\n[services.bad]\ncommand = ["sh", "-c", "echo no data; exit 3"]\nrestart = "no"\n';

test('the block is redrawn, then output follows, and Ctrl-C after ready stops everything and ends with 0', async () => {
  const { text } = await shop();
  await using world = cliWorld(text);
  const up = world.begin(['up'], 'terminal');
  await up.saw(/All 3 ready/);
  await up.saw(/web +│.*is here/);
  up.typed('\u0003');
  const { code, stdout } = await up.ended;
  expect(code).toBe(0);
  expect(stdout).toMatch(/◌.* web +waiting +for migrate › db/);
  expect(stdout).toMatch(/●\S* db +ready/);
  expect(stdout).toMatch(/all stopped in /);
  expect(stdout.lastIndexOf('\u001B[?25h')).toBeGreaterThan(stdout.lastIndexOf('\u001B[?25l'));
  expect(existsSync(world.socket('shop'))).toBe(false);
});

test('Ctrl-C before ready stops what was started and ends with 130', async () => {
  await using world = cliWorld(SLOW);
  const up = world.begin(['up'], 'terminal');
  await up.saw(/slow +starting/);
  up.typed('\u0003');
  expect((await up.ended).code).toBe(130);
  expect(existsSync(world.socket('shop'))).toBe(false);
});

test('d leaves everything running and gives the terminal back', async () => {
  const { text } = await shop();
  await using world = cliWorld(text);
  const up = world.begin(['up'], 'terminal');
  await up.saw(/All 3 ready/);
  up.typed('d');
  expect(await up.ended).toMatchObject({ code: 0, stdout: expect.stringContaining('left running') });
  expect(await world.json(['ps', 'web'])).toMatchObject([{ phase: 'ready' }]);
});

test('a second Ctrl-C asks and the third kills what does not stop', async () => {
  await using world = cliWorld(DEAF);
  const up = world.begin(['up'], 'terminal');
  await up.saw(/deaf is ready/);
  up.typed('\u0003');
  await up.saw(/deaf +stopping/);
  up.typed('\u0003');
  await up.saw(/still stopping: deaf\. Kill them\? y\/N/);
  up.typed('\u0003');
  expect((await up.ended).code).toBe(0);
});

test('keys explain, hide output and name themselves, and r tries again after a failure', async () => {
  await using world = cliWorld(FAILING);
  const up = world.begin(['up'], 'terminal');
  await up.saw(/error.*RSE2102.*r try again/s);
  up.typed('e');
  await up.saw(/✖.* bad failed/);
  up.typed('?');
  await up.saw(/l output on or off/);
  up.typed('l');
  await up.saw(/output hidden/);
  up.typed('r');
  await up.saw(/run 2 of bad/);
  up.typed('q');
  expect((await up.ended).code).toBe(1);
});

test('attached to a pipe, a failed up stops everything and ends with 1, one line for each change of state', async () => {
  await using world = cliWorld(`${FAILING}[services.good]\ncommand = "sleep 1000"\nsettle = "10ms"\n`);
  const { code, stderr } = await world.run(['up']);
  expect(code).toBe(1);
  expect(stderr).toMatch(/^\d{4}-\d\d-\d\dT[\d:.]+Z {2}- +up +shop · 2 services in 1 wave\n/m);
  expect(stderr).toMatch(/Z {2}bad +failed +exit 3/);
  expect(stderr).toMatch(/Z {2}good +stopped/);
  expect(stderr).not.toContain('\u001B');
  expect(existsSync(world.socket('shop'))).toBe(false);
});

test('SIGTERM stops everything and ends with 143', async () => {
  const { text } = await shop();
  await using world = cliWorld(text);
  const up = world.begin(['up']);
  await up.saw(/All 3 ready/);
  up.child.kill('SIGTERM');
  expect((await up.ended).code).toBe(143);
  expect(existsSync(world.socket('shop'))).toBe(false);
});

test('a terminal that is gone stops what it held', async () => {
  const { text } = await shop();
  await using world = cliWorld(text);
  const up = world.begin(['up']);
  await up.saw(/All 3 ready/);
  up.child.kill('SIGKILL');
  await up.ended;
  const down = await world.run(['wait', '--for', 'stopped', '--timeout', '20s']);
  expect([0, 1, 5]).toContain(down.code);
  expect(existsSync(world.socket('shop'))).toBe(false);
});

test('up of tasks alone ends by itself when they are done', async () => {
  await using world = cliWorld('name = "shop"\n[services.once]\ntype = "task"\ncommand = "echo done it"\n');
  const { code, stdout } = await world.run(['up']);
  expect(code).toBe(0);
  expect(stdout).toContain('once │ done it');
});

test('the demo comes up, and leaves nothing behind', async () => {
  await using world = cliWorld(null);
  const demo = world.begin(['demo'], 'terminal');
  await demo.saw(/All 4 ready/);
  demo.typed('q');
  const { code, stdout } = await demo.ended;
  expect(code).toBe(0);
  expect(existsSync(/in (\S+rouse-demo-\w+):/.exec(stdout)?.[1] ?? '/')).toBe(false);
});

const NOISY = `name = "shop"
[services.noisy]
command = ["sh", "-c", "printf 'a\\\\033[2Jb\\\\n'; sleep 1000"]
settle = "200ms"
[services.bad]
command = ["sh", "-c", "printf 'x\\\\033]0;evil\\\\007y\\\\n'; exit 1"]
description = "\\u001b[31mred\\u202e"
restart = "no"
`;

test('what services and definitions say cannot reach the terminal but with --raw', async () => {
  await using world = cliWorld(NOISY);
  const up = await world.run(['up', '-d']);
  expect(up.stderr).toContain('│ x\\u001b]0;evil\\u0007y');
  const onTerminal = async (...args: string[]): Promise<string> => (await world.begin(args, 'terminal').ended).stdout;
  expect(await onTerminal('logs', 'noisy', '--no-prefix')).toContain('a\\u001b[2Jb');
  expect(await onTerminal('logs', 'noisy', '--no-prefix', '--raw')).toContain('a\u001B[2Jb');
  expect(await onTerminal('status', 'bad')).toContain('\\u001b[31mred\\u202e');
  expect((await world.run(['logs', 'noisy', '--no-prefix'])).stdout).toBe('a\u001B[2Jb\n');
});

test('--json, --progress json and --wait-timeout say how it goes to programs', async () => {
  await using world = cliWorld('name = "shop"\n[services.a]\ncommand = "sleep 1000"\nsettle = "300ms"\n');
  const late = await world.run(['up', '-d', '--wait-timeout', '100ms', '--progress', 'json']);
  expect(late.code).toBe(124);
  const events = late.stderr.split('\n').filter((line) => line.startsWith('{'));
  expect(events.map((line) => (JSON.parse(line) as { type: string }).type)).toContain('service.phase');
  expect(await world.json(['up', '-d'])).toMatchObject({ action: 'up', state: 'done' });
  expect(await world.run(['restart', 'a', '--no-wait'])).toMatchObject({
    code: 0,
    stdout: expect.stringMatching(/^change \d+: /),
  });
  const attached = world.begin(['up', '--json']);
  await attached.saw(/"state":"done"/);
  attached.child.kill('SIGINT');
  expect((await attached.ended).code).toBe(0);
});
