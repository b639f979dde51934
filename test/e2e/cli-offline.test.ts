// What the command line answers without a daemon.
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { cliWorld, textOf } from './cli-world.ts';

const CHAIN = `name = "shop"
[services.db]
command = "sleep 1000"
[services.web]
command = "sleep 1000"
depends_on = ["db"]
env = { GREETING = "\${GREETING:-hello}" }
`;

test('validate ends with 0 for a sound file and 2 for every problem at once, with places', async () => {
  await using world = cliWorld(CHAIN);
  expect(await world.run(['validate'])).toMatchObject({
    code: 0,
    stdout: 'shop: 2 services, no problems\n',
    stderr: '',
  });
  expect(await world.json(['validate'])).toMatchObject({ valid: true, name: 'shop', services: ['db', 'web'] });
  world.write('bad.toml', 'name = "shop"\n[services.a]\ncommand = "sleep 1"\ndependson = ["b"]\ndepends_on = ["a"]\n');
  const bad = await world.run(['validate', 'bad.toml']);
  expect([bad.code, bad.stdout]).toEqual([2, '']);
  expect(bad.stderr).toMatch(/RSE1104.*\n +--> bad\.toml:4:1\n(?:.*\n)*.*did you mean "depends_on"\?/);
  const problem = await world.run(['check', 'bad.toml', '--json']);
  expect(JSON.parse(problem.stderr)).toMatchObject({
    success: false,
    errors: expect.arrayContaining([expect.objectContaining({ line: 4 })]),
  });
});

test('a cycle prints its path with every place that draws it', async () => {
  await using world = cliWorld(
    'name = "shop"\n[services.a]\ncommand = "x"\ndepends_on = ["b"]\n[services.b]\ncommand = "x"\ndepends_on = ["a"]\n',
  );
  const { code, stderr } = await world.run(['validate']);
  expect(code).toBe(2);
  expect(stderr).toMatch(/RSE1201.*a › b › a/);
  expect(stderr).toMatch(/rouse\.toml:4:.*\n.*rouse\.toml:7:/);
});

test('plan and graph draw the file, and nothing is started', async () => {
  await using world = cliWorld(CHAIN);
  expect((await world.run(['plan', 'web'])).stdout).toMatch(
    /^wave 1 +\+ db .*\nwave 2 +\+ web .*\n2 services: 2 start\nlongest chain: db › web\n$/,
  );
  expect((await world.run(['graph'])).stdout).toBe('web\n└─ db\n');
  expect((await world.run(['graph'], { env: { ROUSE_ASCII: '1' } })).stdout).toBe('web\n`- db\n');
  expect((await world.run(['graph', '--format', 'mermaid'])).stdout).toMatch(/^flowchart LR\n.*s0 --> s1\n$/s);
  expect((await world.run(['graph', '--format', 'dot'])).stdout).toMatch(/"db" -> "web";/);
  expect(await world.json(['graph', '--reverse', 'db'])).toMatchObject({
    services: ['db', 'web'],
    waves: [['db'], ['web']],
  });
  expect(await world.run(['graph', '--to', 'wbe'])).toMatchObject({
    code: 4,
    stderr: expect.stringContaining('did you mean "web"?'),
  });
  expect(await world.run(['graph', 'mermaid'])).toMatchObject({
    code: 4,
    stderr: expect.stringContaining('--format mermaid'),
  });
  expect(existsSync(join(world.folder, 'run'))).toBe(false);
});

test('config shows the resolved file, and where each value was written', async () => {
  await using world = cliWorld(CHAIN);
  world.write('rouse.test.toml', '[services.web]\ndescription = "for tests"\n');
  const { stdout } = await world.run(['config', 'web', '--origin', '--overlay', 'test'], { env: { GREETING: 'hi' } });
  expect(stdout).toMatch(/\[services\.web\]/);
  expect(stdout).toMatch(/description = "for tests" +# rouse\.test\.toml:2/);
  expect(stdout).toMatch(/GREETING = "\*\*\*"/);
  expect(await world.json(['config'])).toMatchObject({ name: 'shop', services: { db: { command: 'sleep 1000' } } });
});

test('schema prints the schema of the file, or of a command, or writes it to a file', async () => {
  await using world = cliWorld(null);
  expect(await world.json(['schema'])).toMatchObject({ $schema: expect.stringContaining('json-schema.org') });
  expect(await world.json(['schema', '--output', 'plan'])).toHaveProperty('$defs');
  expect((await world.run(['schema', '--out', 'out.json'])).code).toBe(0);
  expect(JSON.parse(textOf(join(world.folder, 'out.json')))).toHaveProperty('$defs');
  expect(await world.run(['schema', '--output', 'nope'])).toMatchObject({
    code: 2,
    stderr: expect.stringMatching(/one of: ps, /),
  });
});

test('explain knows error codes and keys of the file without a daemon', async () => {
  await using world = cliWorld(null);
  expect((await world.run(['explain', 'rse2102'])).stdout).toMatch(/^RSE2102: Service ended before it was ready\n/);
  expect(await world.json(['explain', 'RSE2102'])).toMatchObject({ code: 'RSE2102', exit_code: 1, http_status: 409 });
  expect((await world.run(['explain', 'services.health.retries'])).stdout).toMatch(/default +3\n/);
  expect(await world.json(['explain', 'health.interval'])).toMatchObject({
    path: 'services.NAME.health.interval',
    default: '"10s"',
  });
});

test('a service that is declared wins over a key of its name, which its dotted path explains', async () => {
  await using world = cliWorld('name = "shop"\n[services.orchestrator]\ncommand = "sleep 1000"\n');
  expect(await world.run(['explain', 'orchestrator'])).toMatchObject({
    code: 5,
    stdout: '',
    stderr: expect.stringContaining('RSE3001'),
  });
  expect((await world.run(['explain', 'defaults'])).stdout).toMatch(/^defaults/);
  expect((await world.run(['explain', 'orchestrator.services.manager_enabled'])).code).toBe(0);
  world.write('rouse.toml', '[services.orchestrator]\ncomand = "sleep 1000"\n');
  expect((await world.run(['explain', 'services.health.retries'])).stdout).toMatch(/default +3\n/);
});

test('init writes a definition that is sound, and never over one that is there', async () => {
  await using world = cliWorld(null);
  world.write('Procfile', 'web: sleep 1000\n');
  expect(await world.run(['init'])).toMatchObject({
    code: 0,
    stdout: expect.stringMatching(/^Found Procfile\. Wrote rouse\.toml \(1 service,/),
  });
  expect((await world.run(['validate'])).code).toBe(0);
  const before = textOf(join(world.folder, 'rouse.toml'));
  expect((await world.run(['init'])).code).toBe(6);
  expect(textOf(join(world.folder, 'rouse.toml'))).toBe(before);
});

test('help is there for the whole, for every verb and topic, and -h at the end of a line', async () => {
  await using world = cliWorld(null);
  const alone = await world.run([]);
  expect(alone.code).toBe(0);
  expect(alone.stdout).toMatch(/ {2}rouse up .*\n(?:.*\n)*here: no rouse file yet · try: rouse init/);
  expect((await world.run(['help', 'up'])).stdout).toBe((await world.run(['up', 'web', '-h'])).stdout);
  expect((await world.run(['help', 'exit-codes'])).stdout).toMatch(/124 +timed out waiting/);
  expect((await world.run(['help', 'states'])).stdout).toMatch(/◌ {2}\. {2}waiting/);
  expect(await world.run(['help', 'exit-code'])).toMatchObject({
    code: 2,
    stderr: expect.stringContaining('did you mean "exit-codes"?'),
  });
  expect(await world.run(['stauts'])).toMatchObject({
    code: 2,
    stderr: expect.stringContaining('did you mean "rouse status"?'),
  });
});

test('version prints one line, and completion offers verbs', async () => {
  await using world = cliWorld(CHAIN);
  const version = await world.run(['version']);
  expect(version).toMatchObject({ code: 0, stdout: expect.stringMatching(/^\d+\.\d+\.\d+\S*\n$/), stderr: '' });
  expect((await world.run(['--version'])).stdout).toBe(version.stdout);
  expect(await world.json(['version'])).toMatchObject({ version: version.stdout.trim(), node: process.versions.node });
  expect((await world.run(['completion', 'bash'])).stdout).toContain('rouse complete --');
  expect((await world.run(['complete', '--', 'sta'])).stdout).toMatch(/^start\t.*\nstatus\t/m);
});

test('without a definition the error says what was looked for and what is here', async () => {
  await using world = cliWorld(null);
  world.write('compose.yaml', 'services: {}\n');
  const { code, stderr } = await world.run(['up']);
  expect(code).toBe(2);
  expect(stderr).toMatch(/RSE0101.*found compose\.yaml.*\n {2}fix .*rouse init/);
});
