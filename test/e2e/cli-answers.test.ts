// Exit codes, JSON and following, with the real command line.
import { existsSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { cliWorld, shop } from './cli-world.ts';

const SLEEPER = 'name = "shop"\n[services.a]\ncommand = "sleep 1000"\nsettle = "10ms"\n';

test('commands that look never start a daemon and end with 5 without one', async () => {
  await using world = cliWorld(SLEEPER);
  for (const verb of [
    ['ps'],
    ['status'],
    ['logs'],
    ['events'],
    ['health', 'a'],
    ['explain', 'a'],
    ['changes'],
    ['wait'],
  ]) {
    const { code, stdout, stderr } = await world.run(verb);
    expect([verb, code, stdout]).toEqual([verb, 5, '']);
    expect(stderr).toMatch(/error\[RSE3001\].*"shop".*\n {2}fix .*rouse up/);
  }
  expect(existsSync(world.socket('shop'))).toBe(false);
});

test('an unknown service ends with 4 and the nearest name', async () => {
  await using world = cliWorld(SLEEPER.replace('services.a', 'services.web'));
  await world.run(['up', '-d']);
  for (const verb of ['ps', 'status', 'logs', 'start', 'stop', 'explain', 'health', 'wait', 'impact']) {
    const { code, stderr } = await world.run([verb, 'wbe']);
    expect([verb, code]).toEqual([verb, 4]);
    expect(stderr).toMatch(/RSE4001/);
  }
  expect((await world.run(['ps', 'wbe'])).stderr).toContain('did you mean "web"?');
  expect(await world.run(['changes', '99'])).toMatchObject({ code: 4, stderr: expect.stringContaining('RSE4002') });
});

test('explain takes the service that runs for what is meant, and not the key of its name', async () => {
  await using world = cliWorld(SLEEPER.replace('services.a', 'services.orchestrator'));
  await world.run(['up', '-d']);
  expect(await world.json(['explain', 'orchestrator'])).toMatchObject({ service: 'orchestrator', phase: 'ready' });
  expect((await world.run(['explain', 'services.health.retries'])).stdout).toMatch(/default +3\n/);
});

test('--json=fields keeps those keys, and an unknown one lists the valid ones', async () => {
  await using world = cliWorld(SLEEPER);
  await world.run(['up', '-d']);
  expect((await world.run(['ps', '--json=phase,name'])).stdout).toBe('[{"phase":"ready","name":"a"}]\n');
  const { code, stdout, stderr } = await world.run(['ps', '--json=phase,nope']);
  expect([code, stdout]).toEqual([2, '']);
  expect(JSON.parse(stderr)).toMatchObject({
    code: 'RSE0107',
    hint: expect.stringMatching(/^fields: name, .*waiting_for/),
  });
  expect((await world.run(['ps', '-o', 'name,phase'])).stdout).toBe('a\tready\n');
  expect((await world.run(['ps'], { env: { ROUSE_OUTPUT: 'json' } })).stdout).toMatch(/^\[\{"name":"a",/);
});

test('global flags stand before or after the verb, and -f after logs follows', async () => {
  await using world = cliWorld(SLEEPER);
  const file = world.write('elsewhere/file.toml', SLEEPER.replace('shop', 'other'));
  expect((await world.run(['-f', file, 'up', '-d'])).code).toBe(0);
  expect((await world.run(['ps', '--file', file, '--json=name'])).stdout).toBe('[{"name":"a"}]\n');
  expect((await world.run(['--json', '-p', 'other', 'ps'])).code).toBe(0);
  const follow = world.begin(['-f', file, 'events', '-f', '--json']);
  await follow.saw(/"change\.done"/);
  await world.run(['-f', file, 'restart', 'a']);
  await follow.saw(/restart a/);
  follow.child.kill('SIGINT');
  const { code, stdout } = await follow.ended;
  expect(code).toBe(0);
  const events = stdout
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as { seq: number; type: string });
  expect(events.every(({ seq, type }) => typeof seq === 'number' && typeof type === 'string')).toBe(true);
  expect(events.map(({ seq }) => seq)).toEqual(events.map(({ seq }) => seq).toSorted((left, right) => left - right));
});

test('wait ends with 0 when it is so, 124 when the time is over, 1 when it cannot be', async () => {
  await using world = cliWorld(`${SLEEPER}[services.bad]\ncommand = "false"\nrestart = "no"\n`);
  await world.run(['up', '-d']);
  expect((await world.run(['wait', 'a', '--for', 'ready'])).code).toBe(0);
  expect(await world.run(['wait', 'a', '--for', 'stopped', '--timeout', '200ms'])).toMatchObject({
    code: 124,
    stderr: expect.stringContaining('RSE2201'),
  });
  expect((await world.run(['wait', 'bad', '--for', 'ready', '--timeout', '5s'])).code).toBe(1);
  expect((await world.run(['wait', 'a', 'bad', '--any'])).code).toBe(0);
  expect((await world.run(['wait', 'bad', '--for', 'stopped'])).code).toBe(0);
});

test('run streams the output of a task and ends with its own exit code', async () => {
  await using world = cliWorld(`name = "shop"
[services.good]
type = "task"
command = ["sh", "-c", "echo one; echo two"]
[services.bad]
type = "task"
command = ["sh", "-c", "echo oh no; exit 7"]
[services.missing]
type = "task"
command = "no-such-program-anywhere"
[services.a]
command = "sleep 1000"
`);
  expect(await world.run(['run', 'good'])).toMatchObject({ code: 0, stdout: 'one\ntwo\n' });
  expect(await world.run(['run', 'good'])).toMatchObject({ code: 0, stdout: 'one\ntwo\n' });
  expect(await world.run(['run', 'bad'])).toMatchObject({ code: 7, stdout: 'oh no\n' });
  expect((await world.run(['run', 'missing'])).code).toBe(127);
  expect(await world.run(['run', 'a'])).toMatchObject({ code: 2, stderr: expect.stringContaining('it is a service') });
  expect((await world.run(['run', 'nope'])).code).toBe(4);
});

test('status --exit-code is 0 when all are up, 3 when one is not running, 1 when one has failed', async () => {
  await using world = cliWorld(`${SLEEPER}[services.bad]\ncommand = "false"\nrestart = "no"\nautostart = false\n`);
  await world.run(['up', '-d']);
  expect((await world.run(['status', 'a', '--exit-code', '-q'])).code).toBe(0);
  expect(await world.run(['is-active', 'bad'])).toMatchObject({ code: 3, stdout: '' });
  await world.run(['start', 'bad']);
  expect((await world.run(['status', '--exit-code', '-q'])).code).toBe(1);
});

test('changes tells what was asked for with its tasks, and a running one can be aborted', async () => {
  await using world = cliWorld(`name = "shop"\n[services.slow]\ncommand = "sleep 1000"\nsettle = "60s"\n`);
  await world.run(['daemon', 'start']);
  const start = world.begin(['start', 'slow']);
  await start.saw(/slow +starting/);
  expect(await world.json(['changes'])).toMatchObject([{ id: '1', action: 'start', state: 'running' }]);
  expect((await world.run(['changes', '1', 'abort'])).code).toBe(0);
  expect((await start.ended).code).toBe(1);
  expect(await world.json(['changes', '1'])).toMatchObject({
    state: 'aborted',
    tasks: [{ service: 'slow', kind: 'start' }],
  });
  expect(await world.json(['ps'])).toMatchObject([{ phase: 'stopped' }]);
});

test('plan tells what up would do, and --exit-code answers 10 while there is something to do', async () => {
  const { text } = await shop();
  await using world = cliWorld(text);
  expect(await world.json(['plan'])).toEqual({
    targets: ['db', 'migrate', 'web'],
    order: ['db', 'migrate', 'web'],
    waves: [['db'], ['migrate'], ['web']],
    steps: [
      { service: 'db', action: 'start', why: expect.any(String) },
      { service: 'migrate', action: 'start', why: expect.any(String) },
      { service: 'web', action: 'start', why: expect.any(String) },
    ],
    critical_path: ['db', 'migrate', 'web'],
  });
  expect((await world.run(['plan', '--exit-code'])).code).toBe(10);
  expect((await world.run(['up', '--dry-run'])).stdout).toMatch(/3 services: 3 start\n.*nothing was changed\n$/s);
  expect(existsSync(world.socket('shop'))).toBe(false);
  await world.run(['up', '-d']);
  expect((await world.run(['plan', '--exit-code'])).code).toBe(0);
});

test('Ctrl-C while start waits takes back what was begun and ends with 130', async () => {
  await using world = cliWorld(`name = "shop"\n[services.slow]\ncommand = "sleep 1000"\nsettle = "60s"\n`);
  await world.run(['daemon', 'start']);
  const start = world.begin(['start', 'slow']);
  await start.saw(/slow +starting/);
  start.child.kill('SIGINT');
  expect(await start.ended).toMatchObject({ code: 130, stderr: expect.stringContaining('taking back what was begun') });
  expect(await world.json(['ps'])).toMatchObject([{ phase: 'stopped' }]);
});

test('a definition that disables orchestration lets one look and refuses with 6, naming its place', async () => {
  await using world = cliWorld(`${SLEEPER}[orchestrator.services]\nmanager_enabled = false\n`);
  expect((await world.run(['daemon', 'start'])).code).toBe(0);
  expect((await world.run(['ps'])).code).toBe(0);
  const { code, stderr } = await world.run(['start', 'a']);
  expect([code, stderr]).toEqual([6, expect.stringMatching(/RSE4006.*rouse\.toml:6/)]);
});

test('a refused up or run leaves no daemon that was started for it, and says nothing of coming up', async () => {
  await using world = cliWorld(
    `${SLEEPER}[services.t]\ntype = "task"\ncommand = "true"\n[orchestrator.services]\nmanager_enabled = false\n`,
  );
  for (const args of [['up', '-d'], ['up'], ['run', 't'], ['up', '-d', '--no-wait']]) {
    const { code, stdout, stderr } = await world.run(args);
    expect([args, code === 6 || code === 125, stdout]).toEqual([args, true, '']);
    expect(stderr).toMatch(/^error\[RSE4006\]: cannot (?:bring services up|run "t"): orchestration is switched off/);
    expect(existsSync(world.socket('shop'))).toBe(false);
  }
});

test('a refused up leaves a daemon that was there running', async () => {
  await using world = cliWorld(`${SLEEPER}[orchestrator.services]\nmanager_enabled = false\n`);
  await world.run(['daemon', 'start']);
  expect((await world.run(['up', '-d'])).code).toBe(6);
  expect(existsSync(world.socket('shop'))).toBe(true);
});

test('a project of the same name from another file is refused with 6', async () => {
  await using world = cliWorld(SLEEPER);
  await world.run(['up', '-d']);
  world.write('deep/rouse.toml', `${SLEEPER}[services.b]\ncommand = "sleep 1000"\n`);
  const { code, stderr } = await world.run(['-f', 'deep/rouse.toml', 'up', '-d']);
  expect([code, stderr]).toEqual([6, expect.stringContaining('RSE4010')]);
  expect(await world.json(['ps'])).toHaveLength(1);
});

test('restart uses the definition in force and says when the file differs; --apply takes it over', async () => {
  await using world = cliWorld(SLEEPER);
  await world.run(['up', '-d']);
  world.write('rouse.toml', SLEEPER.replace('1000', '2000'));
  expect(await world.run(['restart', 'a'])).toMatchObject({
    code: 0,
    stderr: expect.stringContaining('the file differs'),
  });
  const applied = await world.run(['restart', 'a', '--apply']);
  expect(applied).toMatchObject({ code: 0, stderr: expect.stringContaining('definition: changed a') });
  expect((await world.run(['restart', 'a'])).stderr).not.toContain('the file differs');
});

test('of a run that never began no output is shown, least of all that of the run before', async () => {
  await using world = cliWorld('name = "shop"\n[services.web]\ncommand = "sh web.sh"\ncwd = "here"\nsettle = "20ms"\n');
  world.write('here/web.sh', 'echo words of the first run; exec sleep 1000\n');
  await world.run(['up', '-d']);
  await world.run(['stop', 'web']);
  rmSync(join(world.folder, 'here'), { recursive: true });
  const { code, stderr } = await world.run(['start', 'web']);
  expect(code).toBe(1);
  expect(stderr).toContain('error[RSE2109]: web');
  expect(stderr).not.toContain('words of the first run');
});
