// A definition that changes under services that run: reloads, watched files, replicas, schedules.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { type World, cliWorld } from './cli-world.ts';

/** A service that notes how it is ended: by which definition it was started is told by its word. */
const service = (word: string): string =>
  JSON.stringify(['sh', '-c', `trap 'echo ${word} >> ended; exit 0' TERM; while :; do sleep 0.05; done`]);

const file = (word: string, more = ''): string => `name = "shop"
[services.web]
command = ${service(word)}
settle = "0s"
${more}`;

interface Shown {
  readonly name: string;
  readonly pid: number | null;
  readonly state: string;
  readonly outdated: boolean;
  readonly restarts: number;
}

async function shown(world: World): Promise<readonly Shown[]> {
  return (await world.json(['ps'])) as Shown[];
}

test('a definition with a fault changes nothing, tells every fault and ends with 2', async () => {
  await using world = cliWorld(file('first'));
  await world.run(['up', '-d']);
  const [before] = await shown(world);
  world.write('rouse.toml', `${file('second')}colour = "red"\nautostart = 7\n[services.new]\n`);
  const { code, stderr } = await world.run(['reload', '-y']);
  expect(code).toBe(2);
  for (const fault of ['unknown key "colour"', '"autostart" of "web" must be true or false', '"new" does not say how'])
    expect(stderr).toContain(fault);
  expect(await shown(world)).toMatchObject([{ name: 'web', pid: before?.pid, outdated: false }]);
});

test('what can hold at once does, and the run goes on', async () => {
  await using world = cliWorld(file('first'));
  await world.run(['up', '-d']);
  const [before] = await shown(world);
  world.write('rouse.toml', file('first', 'restart = "always"\nlabels = { team = "a" }'));
  const diff = await world.run(['diff', '--exit-code']);
  expect([diff.code, diff.stdout]).toEqual([10, expect.stringContaining('restart.policy  on-failure → always')]);
  const { code } = await world.run(['reload']);
  expect(code).toBe(0);
  expect(await shown(world)).toMatchObject([{ pid: before?.pid, outdated: false }]);
  expect((await world.run(['diff', '--exit-code'])).code).toBe(0);
});

test('a run is ended by its own old definition, and the next one has the new', async () => {
  await using world = cliWorld(file('first', 'stop = "TERM"'));
  await world.run(['up', '-d']);
  const [before] = await shown(world);
  world.write('rouse.toml', file('second', 'stop = "INT"'));
  expect((await world.run(['reload'])).code).toBe(6);
  expect((await world.run(['reload', '--no-restart'])).stdout).toContain('outdated: web');
  expect(await shown(world)).toMatchObject([{ pid: before?.pid, outdated: true }]);
  expect((await world.run(['reload', '-y'])).code).toBe(0);
  const [after] = await shown(world);
  expect([after?.outdated, after?.pid === before?.pid]).toEqual([false, false]);
  expect(readFileSync(join(world.folder, 'ended'), 'utf8')).toBe('first\n');
});

test('what was stopped by hand stays so, what is new is started, what is gone is stopped', async () => {
  await using world = cliWorld(`${file('first')}[services.old]\ncommand = "sleep 1000"\nsettle = "0s"\n`);
  await world.run(['up', '-d']);
  await world.run(['stop', 'web']);
  world.write('rouse.toml', `${file('second')}[services.new]\ncommand = "sleep 1000"\nsettle = "0s"\n`);
  expect((await world.run(['reload', '-y'])).code).toBe(0);
  const states = (await shown(world)).map(({ name, state }) => `${name} ${state}`);
  expect(states.filter((state) => !state.startsWith('old'))).toEqual(['web stopped', 'new ready']);
});

test('a scaled number is kept by the next daemon, until the file says another', async () => {
  await using world = cliWorld(file('first'));
  await world.run(['up', '-d']);
  expect(await world.run(['scale', 'web=2'])).toMatchObject({
    code: 0,
    stdout: expect.stringMatching(/web has 2 replicas\n$/),
  });
  const names = async (): Promise<string[]> => (await shown(world)).map(({ name }) => name);
  expect(await names()).toEqual(['web@1', 'web@2']);
  await world.run(['daemon', 'restart']);
  expect(await names()).toEqual(['web@1', 'web@2']);
  world.write('rouse.toml', file('first', 'replicas = 3'));
  await world.run(['reload', '-y']);
  expect(await names()).toEqual(['web@1', 'web@2', 'web@3']);
});

test('watched files restart their service, and a changed definition is reloaded by the daemon', async () => {
  await using world = cliWorld(file('first', 'watch = { paths = "dist/**", debounce = "50ms" }'));
  world.write('dist/a.js', '1');
  await world.run(['up', '-d', '--watch']);
  const events = world.begin(['events', '-f']);
  await events.saw(/web +ready/);
  world.write('dist/a.js', 'changed');
  await events.saw(/files +\S*dist\/a\.js: restarted/);
  await events.saw(/change +2: restart web/);
  world.write('rouse.toml', file('second', 'colour = "red"'));
  await events.saw(/files .*RSE1104.*colour.*: refused/);
  world.write('rouse.toml', file('second', 'labels = { a = "b" }'));
  await events.saw(/files .*1 changed, 0 gone: reloaded/);
  expect((await world.run(['diff', '--exit-code'])).code).toBe(0);
});

test('a task runs when it is due, by the schedule and nobody else', async () => {
  await using world = cliWorld(
    `${file('first')}[services.tick]\ntype = "task"\ncommand = "echo tick"\nschedule = "* * * * * *"\n`,
  );
  await world.run(['up', '-d']);
  const events = world.begin(['events', '-f']);
  await events.saw(/tick +schedule +started: it is due/);
  await events.saw(/tick +done/);
  const told = (await world.json(['events', '-n', '50'])) as { type: string; actor: { user: string } }[];
  const by = told
    .filter(({ type }) => type === 'change.created' || type === 'schedule.due')
    .map(({ actor }) => actor.user);
  expect(by).toContain('schedule');
});

test('a service of another profile is off, and on where somebody says so', async () => {
  await using world = cliWorld(
    `${file('first')}[services.extra]\ncommand = "sleep 1000"\nsettle = "0s"\nprofiles = ["debug"]\n`,
  );
  await world.run(['up', '-d']);
  const states = async (): Promise<string[]> => (await shown(world)).map(({ name, state }) => `${name} ${state}`);
  expect(await states()).toEqual(['web ready', 'extra off']);
  await world.run(['up', '-d'], { env: { ROUSE_PROFILE: 'other,debug' } });
  expect(await states()).toEqual(['web ready', 'extra ready']);
});
