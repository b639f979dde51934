// `rouse logs` over what happens to the daemon and to the files.
import { appendFileSync, rmSync, truncateSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { type World, cliWorld } from './cli-world.ts';

const TICKS = `name = "shop"
[services.web]
command = ["sh", "-c", "i=0; while :; do i=$((i+1)); echo tick $i; sleep 0.01; done"]
`;
const SPEAKS = `name = "shop"
[services.web]
command = ["sh", "-c", "cat speech; sleep 1000"]
settle = "200ms"
`;

const pidOf = async (world: World): Promise<number> => {
  const status = await world.json(['daemon', 'status']);
  return Number(typeof status === 'object' && status !== null ? Reflect.get(status, 'pid') : Number.NaN);
};

test('a follower outlives the daemon, killed or restarted, and gives every line once', async () => {
  await using world = cliWorld(TICKS);
  expect((await world.run(['up', '-d'])).code).toBe(0);
  const following = world.begin(['logs', 'web', '-f', '--no-prefix']);
  await following.saw(/tick \d+\n/);
  process.kill(await pidOf(world), 'SIGKILL');
  await following.saw(/the daemon of "shop" was killed; its services run on; waiting for the next one/);
  expect((await world.run(['daemon', 'start'])).code).toBe(0);
  expect((await world.run(['daemon', 'restart'])).code).toBe(0);
  await following.saw(/the daemon of "shop" has left/);
  const { stdout } = await world.run(['logs', 'web', '-n', '1', '--json=text']);
  const [{ text }] = JSON.parse(stdout) as [{ text: string }];
  await following.saw(new RegExp(`${text}\n`));
  following.child.kill('SIGINT');
  const ran = await following.ended;
  expect(ran.code).toBe(0);
  const numbers = ran.stdout
    .trimEnd()
    .split('\n')
    .map((line) => Number(line.slice('tick '.length)));
  expect(numbers).toEqual(Array.from({ length: numbers.length }, (_, at) => at + 1));
  expect(ran.stderr.match(/waiting for the next one/g)).toHaveLength(2);
});

test('lines are chosen in the same way with a daemon and without', async () => {
  await using world = cliWorld(SPEAKS);
  world.write('speech', 'INFO up\n{"level":"error","msg":"Low disk"}\nDEBUG low\nWARN end\n');
  expect((await world.run(['up', '-d'])).code).toBe(0);
  const look = async (): Promise<string[]> => {
    const found: string[] = [];
    for (const args of [
      ['--level', 'warn+'],
      ['--grep', 'LOW', '-i', '-n', '1'],
      ['--grep', 'low', '-i', '--invert'],
      ['--since', '1h', '-n', '1'],
      ['--until', '2020-01-01'],
    ])
      found.push((await world.run(['logs', 'web', '--no-prefix', ...args])).stdout);
    return found;
  };
  const wanted = [
    '{"level":"error","msg":"Low disk"}\nWARN end\n',
    'DEBUG low\n',
    'INFO up\nWARN end\n',
    'WARN end\n',
    '',
  ];
  expect(await look()).toEqual(wanted);
  expect((await world.run(['down'])).code).toBe(0);
  expect(await look()).toEqual(wanted);
  const bad = await world.run(['logs', '--grep', '(?=a)']);
  expect([bad.code, bad.stderr]).toEqual([2, expect.stringContaining('cannot read the pattern "(?=a)"')]);
  for (const args of [
    ['--since', 'soon'],
    ['--level', 'loud'],
    ['--bytes', '--grep', 'a'],
  ])
    expect((await world.run(['logs', 'web', ...args])).code).toBe(2);
});

test('a cursor goes on behind its line, and bytes come exactly', async () => {
  await using world = cliWorld(SPEAKS);
  world.write('speech', 'one\ntwo\r\nthree');
  expect((await world.run(['up', '-d'])).code).toBe(0);
  const lines = await world.json(['logs', 'web']);
  expect(lines).toMatchObject([
    { text: 'one', cursor: 'web:1:4' },
    { text: 'two', cursor: 'web:1:9' },
    { text: 'three' },
  ]);
  expect(await world.json(['logs', 'web', '--after', 'web:1:4'])).toMatchObject([{ text: 'two' }, { text: 'three' }]);
  expect((await world.run(['logs', 'web', '--bytes'])).stdout).toBe('one\ntwo\r\nthree');
});

test('a log that was cut or deleted by hand is told, and following goes on', async () => {
  await using world = cliWorld(TICKS);
  expect((await world.run(['up', '-d'])).code).toBe(0);
  const path = join(world.folder, 'state', 'shop', 'logs', 'web', '1.log');
  const following = world.begin(['logs', 'web', '-f', '--json']);
  await following.saw(/"tick \d+"/);
  truncateSync(path);
  await following.saw(/"type":"gap".*truncated by hand at 20/);
  appendFileSync(path, 'after the cut\n');
  await following.saw(/"after the cut"/);
  rmSync(path);
  await following.saw(/"type":"gap".*deleted by hand at 20/);
  expect((await world.run(['restart', 'web'])).code).toBe(0);
  await following.saw(/"run":2,"offset":0,.*"tick 1"/);
  following.child.kill('SIGINT');
  await following.ended;
  expect((await world.run(['daemon', 'logs'])).stdout).toContain('deleted by hand');
});

test('a pattern that is none is refused at once, while a daemon runs and after it', async () => {
  await using world = cliWorld(`name = "shop"\n[services.web]\ncommand = "sleep 1000"\nsettle = "20ms"\n`);
  await world.run(['up', '-d']);
  const refused = { code: 2, stderr: expect.stringContaining('cannot read the pattern "("') };
  expect(await world.run(['logs', 'web', '--grep', '('])).toMatchObject(refused);
  expect(await world.run(['logs', 'web', '-f', '--grep', '('])).toMatchObject(refused);
  await world.run(['down']);
  expect(await world.run(['logs', 'web', '--grep', '('])).toMatchObject(refused);
});
