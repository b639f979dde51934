// Commands whose daemon is killed, restarted or sent away while they wait, as people see them.
import { cpSync, existsSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { type World, cliWorld } from './cli-world.ts';
import { isAlive, until } from './daemon-world.ts';

const slow = (go: string): string => `name = "shop"
[services.db]
command = "sleep 1000"
settle = "20ms"
[services.slow]
command = "sleep 1000"
ready = { file = "${go}", start_interval = "50ms" }
depends_on = ["db"]
`;

async function daemonOf(world: World): Promise<number> {
  const status: unknown = await world.json(['daemon', 'status']);
  return typeof status === 'object' && status !== null && 'pid' in status ? Number(status.pid) : 0;
}

async function pidsOf(world: World): Promise<readonly number[]> {
  const services: unknown = await world.json(['ps']);
  return Array.isArray(services) ? services.map(({ pid }: { readonly pid: number | null }) => pid ?? 0) : [];
}

async function kill(world: World): Promise<void> {
  const pid = await daemonOf(world);
  process.kill(pid, 'SIGKILL');
  await until(() => !isAlive(pid), 'the daemon is gone');
}

test('an up that waits starts another daemon in place of a killed one, says so, and goes on by the same change', async () => {
  await using world = cliWorld(null);
  const go = join(world.folder, 'go');
  world.write('rouse.toml', slow(go));
  const up = world.begin(['up', '-d']);
  await up.saw(/db +ready/);
  const pids = await pidsOf(world);
  await kill(world);
  await up.saw(/the daemon was killed; another has taken over, and change 1 goes on/);
  writeFileSync(go, '');
  expect(await up.ended).toMatchObject({ code: 0, stdout: expect.stringMatching(/^All 2 ready/) });
  expect((await pidsOf(world)).slice(0, 1)).toEqual(pids.slice(0, 1));
  expect(await world.json(['changes'])).toMatchObject([{ id: '1', state: 'done' }]);
});

test('an up that waits goes on when the daemon is restarted', async () => {
  await using world = cliWorld(null);
  const go = join(world.folder, 'go');
  world.write('rouse.toml', slow(go));
  const up = world.begin(['up', '-d']);
  await up.saw(/db +ready/);
  const before = await daemonOf(world);
  const restart = await world.run(['daemon', 'restart']);
  expect(restart).toMatchObject({
    code: 0,
    stderr: expect.stringMatching(/^restarted: pid \d+ left, pid \d+ has taken over 2 services/),
  });
  await up.saw(/change 1 goes on/);
  writeFileSync(go, '');
  expect((await up.ended).code).toBe(0);
  expect(await daemonOf(world)).not.toBe(before);
});

test('down ends what runs without a daemon, from any folder', async () => {
  await using world = cliWorld(null);
  world.write('rouse.toml', slow('/dev/null'));
  expect((await world.run(['up', '-d'])).code).toBe(0);
  const pids = await pidsOf(world);
  await kill(world);
  expect(pids.map(isAlive)).toEqual([true, true]);
  for (const looked of [await world.run(['ps']), await world.run(['explain', 'db', '-p', 'shop'], { cwd: '/' })])
    expect(looked).toMatchObject({
      code: 5,
      stderr:
        'error[RSE3001]: cannot reach the daemon of "shop": it was killed, or has crashed\n' +
        '  fix   db and slow run on: rouse up takes over, rouse down ends them\n',
    });
  const down = await world.run(['down', '-p', 'shop'], { cwd: '/' });
  expect(down).toMatchObject({
    code: 0,
    stderr: expect.stringContaining('no daemon is running, but db and slow run: one takes over'),
  });
  expect(pids.map(isAlive)).toEqual([false, false]);
  expect(existsSync(world.socket('shop'))).toBe(false);
});

test('daemon stop leaves services running, and the next up takes them over without a second start', async () => {
  await using world = cliWorld(null);
  world.write('rouse.toml', slow('/dev/null'));
  await world.run(['up', '-d']);
  const pids = await pidsOf(world);
  expect(await world.run(['daemon', 'stop'])).toMatchObject({
    code: 0,
    stderr: expect.stringMatching(/2 services run on/),
  });
  expect(await world.run(['up', '-d'])).toMatchObject({
    code: 0,
    stdout: expect.stringMatching(/^nothing to do/),
    stderr: expect.stringMatching(/^taken over, as the same processes: db and slow$/m),
  });
  expect(await pidsOf(world)).toEqual(pids);
});

test('a daemon that is started says what it takes over, and up does so from any folder', async () => {
  await using world = cliWorld(null);
  world.write('rouse.toml', slow('/dev/null'));
  await world.run(['up', '-d']);
  const pids = await pidsOf(world);
  await kill(world);
  expect((await world.run(['daemon', 'start'])).stderr).toMatch(/^started: pid \d+, and has taken over 2 services\n$/m);
  await kill(world);
  expect(await world.run(['up', '-d', '-p', 'shop'], { cwd: '/' })).toMatchObject({ code: 0 });
  expect(await pidsOf(world)).toEqual(pids);
});

test('daemon upgrade says that there is nothing to do when both are of one version', async () => {
  await using world = cliWorld(null);
  world.write('rouse.toml', slow('/dev/null'));
  await world.run(['up', '-d']);
  const before = await daemonOf(world);
  expect((await world.run(['daemon', 'upgrade'])).stderr).toMatch(/^nothing to upgrade/);
  expect(await daemonOf(world)).toBe(before);
});

test('daemon upgrade goes over to the version of the program that asks, and every service is the same process', async () => {
  await using world = cliWorld(null);
  world.write('rouse.toml', slow('/dev/null'));
  const entry = copyOfRouse(world.folder, '99.0.0');
  await world.run(['up', '-d']);
  const [before, pids] = [await daemonOf(world), await pidsOf(world)];
  const upgrade = await world.run(['daemon', 'upgrade'], { entry });
  expect([upgrade.code, upgrade.stderr]).toEqual([0, expect.stringContaining('99.0.0')]);
  expect(await daemonOf(world)).not.toBe(before);
  expect(await pidsOf(world)).toEqual(pids);
  expect(JSON.parse((await world.run(['daemon', 'status', '--json'], { entry })).stdout)).toMatchObject({
    version: '99.0.0',
  });
});

test('an attached up whose daemon is killed says what runs on, and how to go on', async () => {
  await using world = cliWorld(null);
  world.write('rouse.toml', slow('/dev/null'));
  const up = world.begin(['up']);
  await up.saw(/All 2 ready/);
  const pids = await pidsOf(world);
  await kill(world);
  const { code, stderr } = await up.ended;
  expect([code, pids.map(isAlive)]).toEqual([5, [true, true]]);
  expect(stderr).toContain(
    `the daemon is gone; what runs on without it: db (pid ${pids[0]}), slow (pid ${pids[1]})\ntake it over: rouse up   end it: rouse down`,
  );
});

test('no line of output is lost or repeated over restarts of the daemon', async () => {
  await using world = cliWorld(null);
  const lines = 600;
  const count = `i=0; while [ $i -lt ${lines} ]; do echo line-$i; i=$((i+1)); sleep 0.002; done; touch ${world.folder}/over; exec sleep 1000`;
  world.write('rouse.toml', `name = "shop"\n[services.talker]\ncommand = ["sh", "-c", "${count}"]\nsettle = "10ms"\n`);
  await world.run(['up', '-d']);
  for (let round = 0; round < 3; round += 1) {
    await kill(world);
    await world.run(['daemon', 'start']);
  }
  await until(() => existsSync(join(world.folder, 'over')), 'it has said everything');
  const { stdout } = await world.run(['logs', 'talker', '--no-prefix']);
  const said = stdout.split('\n').filter((line) => line.startsWith('line-'));
  expect(said).toEqual(Array.from({ length: lines }, (_, at) => `line-${at}`));
});

test('down ends what runs also when the definition cannot be read any more, each by its own, and forgets nothing', async () => {
  await using world = cliWorld(null);
  world.write('rouse.toml', slow('/dev/null'));
  expect((await world.run(['up', '-d'])).code).toBe(0);
  const pids = await pidsOf(world);
  await kill(world);
  world.write('rouse.toml', 'name = "shop"\n[services.db]\ncomand = "x"\n');
  const down = await world.run(['down', '-p', 'shop']);
  expect([down.code, down.stderr]).toEqual([0, expect.stringContaining('its definition cannot be read any more')]);
  expect(pids.filter(isAlive)).toEqual([]);
}, 120_000);

/** Another version of the program: its own sources and manifest, the packages of this one. */
function copyOfRouse(folder: string, version: string): string {
  const root = join(import.meta.dirname, '../..');
  const copy = join(folder, 'other-rouse');
  for (const part of ['bin', 'src']) cpSync(join(root, part), join(copy, part), { recursive: true });
  symlinkSync(join(root, 'node_modules'), join(copy, 'node_modules'));
  const manifest: unknown = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
  writeFileSync(join(copy, 'package.json'), JSON.stringify({ ...Object(manifest), version }));
  return join(copy, 'bin/rouse.js');
}
