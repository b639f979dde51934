// The words that scripts of others rely on, each with the real command line, a real daemon and real services.
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { cliWorld, freePort, server, shop } from './cli-world.ts';

const PS_KEYS = [
  'name',
  'kind',
  'status',
  'phase',
  'ready',
  'health',
  'reason',
  'waiting_for',
  'restarts',
  'exit_code',
  'pid',
  'uptime_ms',
  'depends_on',
];

test('up -d returns 0 when everything is ready and tasks are completed, and ps --json tells of it', async () => {
  const { text } = await shop();
  await using world = cliWorld(text);
  const up = await world.run(['up', '-d']);
  expect(up).toMatchObject({
    code: 0,
    stdout: expect.stringMatching(/^All 3 ready in .* critical path db › migrate › web\n$/),
  });
  expect(existsSync(world.socket('shop'))).toBe(true);
  const services = await world.json(['ps']);
  expect(services).toMatchObject([
    { name: 'db', kind: 'service', status: 'Running', phase: 'ready', ready: true, depends_on: [], exit_code: null },
    { name: 'migrate', kind: 'task', status: 'Stopped', phase: 'completed', ready: true, exit_code: 0, pid: null },
    {
      name: 'web',
      status: 'Running',
      ready: true,
      waiting_for: [],
      restarts: 0,
      depends_on: ['migrate'],
      reason: null,
    },
  ]);
  for (const service of services as object[]) expect(Object.keys(service)).toEqual(expect.arrayContaining(PS_KEYS));
  expect(await world.json(['ps', 'db'])).toMatchObject([
    { name: 'db', pid: expect.any(Number), uptime_ms: expect.any(Number) },
  ]);
});

test('up -d returns 1 when something failed, shows its last lines, and the rest keeps running', async () => {
  const port = await freePort();
  await using world = cliWorld(`name = "shop"
[services.good]
command = ${server(port)}
health = "http://127.0.0.1:${port}/"
[services.bad]
command = ["sh", "-c", "echo no data directory; exit 3"]
restart = "no"
[services.after]
command = "sleep 1000"
depends_on = ["bad"]
`);
  const up = await world.run(['up', '-d']);
  expect(up.code).toBe(1);
  expect(up.stderr).toMatch(/error\[RSE2102\]: bad: exit 3/);
  expect(up.stderr).toMatch(/│ no data directory/);
  expect(up.stderr).toMatch(/at +rouse\.toml:5:1 {2}\[services\.bad\]/);
  expect(up.stderr).toMatch(/also +after was not started; good is running/);
  expect(await world.json(['ps', 'good'])).toMatchObject([{ status: 'Running' }]);
  expect(await world.json(['explain', 'after'])).toMatchObject({ root: { service: 'bad', phase: 'failed' } });
});

test('up -d returns 2 for bad input with nothing done', async () => {
  await using world = cliWorld(
    'name = "shop"\n[services.web]\ncommand = "sleep 1"\ndepends_on = ["databse"]\n[services.database]\ncommand = "sleep 1"\n',
  );
  const up = await world.run(['up', '-d']);
  expect(up).toMatchObject({ code: 2, stdout: '' });
  expect(up.stderr).toMatch(/error\[RSE1203\].*databse/s);
  expect(up.stderr).toMatch(/rouse\.toml:4:/);
  expect(up.stderr).toMatch(/did you mean "database"/);
  expect(existsSync(join(world.folder, 'run'))).toBe(false);
  expect(await world.run(['up', '--nope'])).toMatchObject({ code: 2, stderr: expect.stringContaining('RSE0107') });
});

test('stop of a service with live dependents is refused with 6 and their names, and --deps -y stops them too', async () => {
  const { text } = await shop();
  await using world = cliWorld(text);
  await world.run(['up', '-d']);
  const refused = await world.run(['stop', 'db']);
  expect(refused.code).toBe(6);
  expect(refused.stderr).toMatch(/RSE4005.*"web"/);
  expect(refused.stderr).toContain('rouse stop db --deps -y\n');
  const problem = await world.run(['stop', 'db', '--json']);
  expect(JSON.parse(problem.stderr)).toMatchObject({ code: 'RSE4005', success: false, dependents: ['web'] });
  expect(problem.stdout).toBe('');
  expect(await world.run(['stop', 'db', '--deps'])).toMatchObject({
    code: 6,
    stderr: expect.stringContaining('--deps -y'),
  });
  expect((await world.run(['stop', 'db', '--deps', '-y'])).code).toBe(0);
  expect(await world.json(['ps', 'db', 'web'])).toMatchObject([{ phase: 'stopped' }, { phase: 'stopped' }]);
});

test('the project is named by its file, its name or its folder, and -p finds it from any folder', async () => {
  await using world = cliWorld(null);
  world.write('platform.json', JSON.stringify({ services: { a: { command: 'sleep 1000', settle: '10ms' } } }));
  world.write('deep/rouse.toml', '[services.a]\ncommand = "sleep 1000"\nsettle = "10ms"\n');
  world.write('named/file.toml', 'name = "other"\n[services.a]\ncommand = "sleep 1000"\nsettle = "10ms"\n');
  expect((await world.run(['-f', 'platform.json', 'up', '-d'])).code).toBe(0);
  expect((await world.run(['up', '-d'], { cwd: join(world.folder, 'deep') })).code).toBe(0);
  expect((await world.run(['up', '-d', '-f', 'named/file.toml'])).code).toBe(0);
  for (const project of ['platform', 'deep', 'other']) {
    expect(existsSync(world.socket(project))).toBe(true);
    const { code, stdout } = await world.run(['ps', '-p', project, '--json=name'], { cwd: '/' });
    expect([code, JSON.parse(stdout)]).toEqual([0, [{ name: 'a' }]]);
  }
});

test('logs --no-prefix prints the bytes that the service wrote, the last lines of them with -n', async () => {
  await using world = cliWorld(`name = "shop"
[services.noisy]
command = ["sh", "-c", "printf 'one\\\\n\\\\033[31mt\\\\rwo\\\\n\\\\377three\\\\n'; sleep 1000"]
settle = "200ms"
`);
  expect((await world.run(['up', '-d'])).code).toBe(0);
  const all = await world.run(['logs', 'noisy', '--no-prefix']);
  expect(all.bytes).toEqual(Buffer.from('one\n\u001B[31mt\rwo\n\u00FFthree\n', 'latin1'));
  const last = await world.run(['logs', 'noisy', '--no-prefix', '-n', '1']);
  expect(last.bytes).toEqual(Buffer.from('\u00FFthree\n', 'latin1'));
  const shown = await world.run(['logs', 'noisy']);
  expect(shown.stdout).toContain('noisy │ \\u001b[31mt\\u000dwo\n');
});

test('after down, logs and events tell what was kept, and following still needs the daemon', async () => {
  await using world = cliWorld(
    `name = "shop"\n[services.web]\ncommand = ["sh", "-c", "printf 'one\\\\n\\\\377two\\\\n'; sleep 1000"]\nsettle = "200ms"\n`,
  );
  expect((await world.run(['up', '-d'])).code).toBe(0);
  expect((await world.run(['down'])).stderr).toMatch(/Z {2}web {2}stopping .*\n.*Z {2}web {2}stopped /);
  expect(existsSync(world.socket('shop'))).toBe(false);
  expect((await world.run(['logs', 'web'])).stdout).toMatch(/^web │ one\n/);
  const last = await world.run(['logs', 'web', '--no-prefix', '-n', '1']);
  expect(last.bytes).toEqual(Buffer.from('\u00FFtwo\n', 'latin1'));
  const events = await world.run(['events', 'web']);
  expect([events.code, events.stderr]).toEqual([0, '']);
  expect(events.stdout).toMatch(/ web +ready .*\n.* web +stopping .*\n.* web +(?:exited|stopped) /s);
  expect(await world.json(['events', '--type', 'change.*', '-n', '1'])).toMatchObject([{ type: 'change.done' }]);
  expect((await world.run(['logs', 'wbe'])).stderr).toContain('did you mean "web"?');
  for (const args of [['logs', '-f'], ['events', '-f'], ['ps']])
    expect(await world.run(args)).toMatchObject({ code: 5, stderr: expect.stringContaining('RSE3001') });
});

test('health ends with 0 when the service is healthy and 3 when it is not', async () => {
  const port = await freePort();
  await using world = cliWorld(`name = "shop"
[services.web]
command = ${server(port)}
health = { http = "http://127.0.0.1:${port}/", on_failure = "none", start_interval = "50ms" }
`);
  await world.run(['up', '-d']);
  expect(await world.run(['health', 'web'])).toMatchObject({
    code: 0,
    stdout: expect.stringMatching(/^● web is healthy: 200 OK/),
  });
  expect(await world.json(['health', 'web'])).toMatchObject({
    name: 'web',
    healthy: true,
    last_check: expect.any(String),
  });
  await world.run(['stop', 'web']);
  expect((await world.run(['health', 'web'])).code).toBe(3);
});

test('the daemon starts, tells its status, restarts and stops alone only when it holds no live process', async () => {
  await using world = cliWorld('name = "shop"\n[services.a]\ncommand = "sleep 1000"\nsettle = "10ms"\n');
  expect((await world.run(['daemon', 'start'])).code).toBe(0);
  const status = await world.json(['daemon', 'status']);
  expect(status).toMatchObject({
    pid: expect.any(Number),
    version: expect.any(String),
    started_at: expect.stringMatching(/Z$/),
  });
  expect(await world.json(['ps'])).toMatchObject([{ phase: 'stopped' }]);
  expect((await world.run(['daemon', 'restart'])).code).toBe(0);
  expect(await world.json(['daemon', 'status'])).not.toMatchObject({ pid: (status as { pid: number }).pid });
  await world.run(['start', 'a']);
  const stop = await world.run(['daemon', 'stop']);
  expect(stop).toMatchObject({ code: 0, stderr: expect.stringMatching(/^stopped: pid \d+; 1 service runs on/) });
  expect((await world.run(['down'])).code).toBe(0);
  expect((await world.run(['daemon', 'stop'])).code).toBe(0);
  expect(existsSync(world.socket('shop'))).toBe(false);
});

test('down ends services, and the daemon that up had started', async () => {
  const { text } = await shop();
  await using world = cliWorld(text);
  await world.run(['up', '-d']);
  expect(await world.run(['down'])).toMatchObject({ code: 0, stdout: expect.stringMatching(/^all stopped in /) });
  expect(existsSync(world.socket('shop'))).toBe(false);
  expect((await world.run(['down'])).code).toBe(0);
  expect((await world.run(['up', '-d'])).code).toBe(0);
});
