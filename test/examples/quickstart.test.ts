// The quick start, as its readers meet it: up, kill one, try to stop another, down.
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { cliWorld } from '../e2e/cli-world.ts';
import { isAlive, until } from '../e2e/daemon-world.ts';
import { type ExampleWorld, copyExample } from './copy.ts';

const IN = ['-C', 'examples/quickstart'];

interface Shown {
  readonly name: string;
  readonly pid: number | null;
  readonly phase: string;
  readonly restarts: number;
}

async function shown({ world }: ExampleWorld): Promise<readonly Shown[]> {
  return (await world.json(['ps', ...IN])) as readonly Shown[];
}

test('the quick start comes up, shows a kill as a restart, guards a dependency and leaves nothing', async () => {
  const example = await copyExample('quickstart');
  await using world = example.world;
  const up = await world.run(['up', '-d', ...IN]);
  expect(up, up.stderr).toMatchObject({ code: 0, stdout: expect.stringMatching(/^All 4 ready in /) });
  const before = await shown(example);
  expect(before.map(({ name, phase }) => `${name} ${phase}`)).toEqual([
    'db ready',
    'migrate completed',
    'api ready',
    'web ready',
  ]);
  const answer = await fetch(example.moved('http://127.0.0.1:42103/'));
  expect(await answer.text()).toMatch(/^The API says: (good morning|wakey wakey|rise and shine)\n$/);

  const killed = before.find(({ name }) => name === 'web')?.pid ?? 0;
  process.kill(killed, 'SIGKILL');
  const again = (service: Shown): boolean => service.name === 'web' && service.pid !== killed;
  await until(async () => (await shown(example)).some((one) => again(one) && one.phase === 'ready'), 'web is back');
  expect(await world.json(['ps', 'web', ...IN])).toMatchObject([{ phase: 'ready', restarts: 1 }]);
  const history = await world.run(['events', ...IN]);
  expect(history.stdout).toMatch(/web +exited +SIGKILL \(run 1\)/);
  expect(history.stdout).toMatch(/web +retry +killed by SIGKILL; next try in [\d.]+m?s/);
  expect((await world.run(['explain', 'web', ...IN])).stdout).toMatch(/web was restarted 1 time/);

  const stop = await world.run(['stop', 'db', ...IN]);
  expect(stop).toMatchObject({
    code: 6,
    stderr: expect.stringMatching(/cannot stop "db": .*"api".*"web".* depend on it/),
  });
  const pids = (await shown(example)).flatMap(({ pid }) => pid ?? []);
  expect(pids.filter(isAlive)).toHaveLength(3);
  expect(await world.run(['down', ...IN])).toMatchObject({ code: 0 });
  expect(pids.filter(isAlive)).toEqual([]);
  expect((await world.run(['ps', ...IN])).code).toBe(5);
});

test('attached, the quick start ends with its terminal', async () => {
  const example = await copyExample('quickstart');
  await using world = example.world;
  const attached = world.begin(['up', ...IN]);
  await attached.saw(/All 4 ready/);
  const pids = (await shown(example)).flatMap(({ pid }) => pid ?? []);
  attached.child.kill('SIGINT');
  await attached.ended;
  await until(() => pids.every((pid) => !isAlive(pid)), 'the services end');
  expect(pids).toHaveLength(3);
});

test('a circle among its services is refused with its path, and nothing is started', async () => {
  const { world } = await copyExample('quickstart');
  await using _ = world;
  const file = join(world.folder, 'examples/quickstart/rouse.toml');
  writeFileSync(file, readFileSync(file, 'utf8').replace('[services.db]', '[services.db]\ndepends_on = ["web"]'));
  const up = await world.run(['up', '-d', ...IN]);
  expect(up).toMatchObject({ code: 2, stdout: '' });
  expect(up.stderr).toContain(
    'error[RSE1201]: services wait for each other in a circle: db › web › api › migrate › db',
  );
  expect(up.stderr).toMatch(/rouse\.toml:5:\d+ .*db waits for web/);
  expect((await world.run(['ps', ...IN])).code).toBe(5);
});

test('a program that is missing is shown with its place and the nearest name', async () => {
  await using world = cliWorld('name = "shop"\n[services.db]\ncommand = "slep 1000"\n');
  const up = await world.run(['up', '-d']);
  expect(up.code).toBe(1);
  expect(up.stderr).toContain('error[RSE2101]: db: program "slep" not found');
  expect(up.stderr).toMatch(/at +rouse\.toml:3:11 {2}\[services\.db\]/);
  expect(up.stderr).toMatch(/did you mean `sleep`/);
});
