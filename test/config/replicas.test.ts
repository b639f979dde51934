import { describe, expect, test } from 'vitest';
import { document, faultsOf, load } from './given.ts';

const short = async (text: string): Promise<string[]> =>
  (await faultsOf(text)).map((fault) => fault.replace('rouse.toml:', ''));

const WEB = '[services.web]\ncommand = "serve --port ${replica.port:3000} --name ${service.name}"\n';

describe('replicas', () => {
  test('are services of their own, by number', async () => {
    const { definition } = await load({ 'rouse.toml': `${WEB}replicas = 3` });
    expect(definition.services.map(({ name, replica }) => [name, replica])).toEqual([
      ['web@1', { of: 'web', number: 1 }],
      ['web@2', { of: 'web', number: 2 }],
      ['web@3', { of: 'web', number: 3 }],
    ]);
    const words = definition.services.map(({ execution }) => execution.type === 'process' && execution.command.argv);
    expect(words).toEqual([
      ['serve', '--port', '3000', '--name', 'web@1'],
      ['serve', '--port', '3001', '--name', 'web@2'],
      ['serve', '--port', '3002', '--name', 'web@3'],
    ]);
  });

  test('number themselves in every text', async () => {
    const text = `${WEB}replicas = 2\nenv = { N = "\${replica}", M = "\${replica.number}" }\nhealth = "http://localhost:\${replica.port:3000}/"`;
    const { definition } = await load({ 'rouse.toml': text });
    expect(definition.services.map(({ env, url }) => [env, url])).toEqual([
      [{ N: '1', M: '1' }, 'http://localhost:3000'],
      [{ N: '2', M: '2' }, 'http://localhost:3001'],
    ]);
  });

  test('of one is the service itself', async () => {
    const { definition } = await load({ 'rouse.toml': `${WEB}replicas = 1` });
    expect(definition.services).toMatchObject([{ name: 'web', replica: null }]);
    expect(definition.services[0]?.execution).toMatchObject({
      command: { argv: ['serve', '--port', '3000', '--name', 'web'] },
    });
  });

  test('are all needed by who needs the name', async () => {
    const text = `${WEB}replicas = 2\n[services.front]\ncommand = "x"\ndepends_on = { web = { on_loss = "restart" } }\n[services.one]\ncommand = "x"\ndepends_on = ["web@2"]`;
    const { definition } = await load({ 'rouse.toml': text });
    const edges = definition.services.map(({ dependencies }) => dependencies.map(({ name, onLoss }) => [name, onLoss]));
    expect(edges.slice(2)).toEqual([
      [
        ['web@1', 'restart'],
        ['web@2', 'restart'],
      ],
      [['web@2', 'ignore']],
    ]);
  });

  test('are as many as scale says, whatever the file does', async () => {
    const { definition } = await load(
      { 'rouse.toml': `${WEB}replicas = 3` },
      { scale: { web: { count: 1, over: 3 }, gone: { count: 4, over: 1 } } },
    );
    expect(definition.services.map(({ name }) => name)).toEqual(['web@1']);
    const { definition: more } = await load({ 'rouse.toml': WEB }, { scale: { web: { count: 2, over: 1 } } });
    expect(more.services.map(({ name }) => name)).toEqual(['web@1', 'web@2']);
  });

  test('are as many as the file says again once it says another number than when they were scaled', async () => {
    const { definition, replicas } = await load(
      { 'rouse.toml': `${WEB}replicas = 3` },
      { scale: { web: { count: 5, over: 2 } } },
    );
    expect(definition.services.length).toBe(3);
    expect([...replicas]).toEqual([['web', 3]]);
  });

  test('have the address of the first where the name is meant', async () => {
    const text = `${WEB}replicas = 2\nurl = "http://localhost:\${replica.port:3000}"\n[services.x]\ncommand = "x \${services.web.url}"`;
    const { definition } = await load({ 'rouse.toml': text });
    expect(definition.services[2]?.execution).toMatchObject({ command: { argv: ['x', 'http://localhost:3000'] } });
  });

  test.for([
    [
      '[services.a]\nstart_command = "x"\nreplicas = 2',
      'RSE1106 3:1+8 there can be one "a" only: "replicas" goes with "command", not with "start_command"',
    ],
    ['[services.a]\ncommand = "x"\nreplicas = 0', 'RSE1102 3:12+1 "replicas" of "a" must be at least 1'],
    ['[services.a]\ncommand = "x"\nreplicas = "two"', 'RSE1101 3:12+5 "replicas" of "a" must be a number'],
    ['[services.a]\ncommand = "x ${replica.port:65535}"\nreplicas = 2', 'RSE1301 2:14+21 there is no port 65536'],
    ['[services.a]\ncommand = "x ${replica.name}"', 'RSE1301 2:14+15 there is no variable "replica.name"'],
    ['[services."a@1"]\ncommand = "x"', 'RSE1109 1:11+5 "a@1" cannot be the name of a service'],
  ] as const)('are refused: %s', async ([text, fault]) => {
    expect(await short(text)).toEqual([fault]);
  });

  test('are read one by one in a document that names them so', () => {
    const { definition } = document({
      services: { 'a@1': { command: 'x' }, 'a@2': { command: 'x' }, b: { command: 'y', dependsOn: ['a'] } },
    });
    expect(definition.services[1]?.replica).toEqual({ of: 'a', number: 2 });
    expect(definition.services[2]?.dependencies.map(({ name }) => name)).toEqual(['a@1', 'a@2']);
  });
});

describe('profiles', () => {
  const text = '[services.a]\ncommand = "x"\nprofiles = ["debug", "test"]\n[services.b]\ncommand = "x"';

  test.for([
    [[], ['no', 'yes']],
    [['other'], ['no', 'yes']],
    [['test'], ['yes', 'yes']],
  ] as const)('%o switch on', async ([profiles, starts]) => {
    const { definition } = await load({ 'rouse.toml': text }, { profiles });
    expect(definition.services.map(({ autostart }) => autostart)).toEqual(starts);
    expect(definition.services[0]?.profiles).toEqual(['debug', 'test']);
  });

  test('do not wake what is not to start by itself', async () => {
    const { definition } = await load(
      { 'rouse.toml': `${text}\nautostart = false\nprofiles = ["test"]` },
      { profiles: ['test'] },
    );
    expect(definition.services.map(({ autostart }) => autostart)).toEqual(['yes', 'no']);
  });
});
