import { describe, expect, test } from 'vitest';
import { PLAIN_CONFINEMENT } from '../../src/model/confinement.ts';
import { document, documentFaults, faultsOf, load, specOf } from './given.ts';

const a = (lines: string): string => `[services.a]\ncommand = "x"\n${lines}`;
const short = async (text: string): Promise<string[]> =>
  (await faultsOf(text)).map((fault) => fault.replace('rouse.toml:', ''));

test('a service that says nothing has the plain confinement and no secrets', async () => {
  expect(await specOf(a(''))).toMatchObject({ confinement: PLAIN_CONFINEMENT, secrets: {} });
});

describe('user and group', () => {
  test.for([
    ['user = "www-data"', { user: 'www-data' }],
    ['user = 1000', { user: '1000' }],
    ['user = "0"', { user: '0' }],
    ['user = 2147483646', { user: '2147483646' }],
    ['group = "adm"', { group: 'adm', user: null }],
    ['group = 4', { group: '4' }],
  ] as const)('%s is taken', async ([line, expected]) => {
    expect((await specOf(a(line))).confinement).toMatchObject(expected);
  });

  test.for([
    'user = 2147483647',
    'user = 4294967295',
    'user = "4294967295"',
    'user = -1',
    'user = "-1"',
    'user = 1.5',
    'user = ""',
    'user = "007"',
    'user = "a:b"',
    'user = "a b"',
    'group = "../a"',
    'group = 4294967296',
  ])('%s is refused', async (line) => {
    const [fault = ''] = await short(a(line));
    expect(fault).toMatch(/^RSE1102 3:\d+\+\d+ "(?:user|group)" of "a" is neither a name nor a number of an account$/);
  });

  test('come from defaults, a template and the service, later ones win', async () => {
    const { definition } = await load({
      'rouse.toml': `[defaults]\nuser = "one"\ngroup = "g"\n[templates.t]\nuser = "two"\n[services.a]\ncommand = "x"\n[services.b]\nuse = "t"\ncommand = "x"\n[services.c]\nuse = "t"\ncommand = "x"\nuser = "three"\nreplicas = 2`,
    });
    expect(definition.services.map(({ name, confinement }) => [name, confinement.user, confinement.group])).toEqual([
      ['a', 'one', 'g'],
      ['b', 'two', 'g'],
      ['c@1', 'three', 'g'],
      ['c@2', 'three', 'g'],
    ]);
  });
});

describe('sandbox, network and low ports', () => {
  test('are taken', async () => {
    const { confinement } = await specOf(
      a('sandbox = "strict"\nnetwork = "none"\nlow_ports = true\nwritable = ["data", "/var/lib/a"]'),
    );
    expect(confinement).toMatchObject({ sandbox: 'strict', network: 'none', lowPorts: 'allowed' });
    expect(confinement.writable.map((path) => path.replace(/^.*rouse-config-[^/]*/, ''))).toEqual([
      '/data',
      '/var/lib/a',
    ]);
  });

  test('a writable folder is for a strict sandbox', async () => {
    expect(await short(a('writable = ["data"]'))).toEqual([
      'RSE1106 3:1+8 "writable" of "a" is for a strict sandbox: without one it may write what its user may',
    ]);
  });

  test('have camelCase names in programs', () => {
    const services = { a: { command: 'x', lowPorts: true, limits: { fileSize: '1MiB' } } };
    expect(document({ services }).definition.services[0]?.confinement).toMatchObject({
      lowPorts: 'allowed',
      limits: { fileSizeBytes: 1024 ** 2 },
    });
  });
});

describe('limits of each process', () => {
  test('are taken with their units', async () => {
    const table = `limits = { files = 64, core = "0B", file_size = "1GiB", cpu_time = "1m30s", stack = "8MiB", locked_memory = "64KiB", nice = -5, memory = "1GiB" }`;
    const { confinement, limits } = await specOf(a(table));
    expect(confinement.limits).toEqual({
      files: 64,
      coreBytes: 0,
      fileSizeBytes: 1024 ** 3,
      cpuTimeMs: 90_000,
      stackBytes: 8 * 1024 ** 2,
      lockedMemoryBytes: 64 * 1024,
      nice: -5,
    });
    expect(limits).toEqual({ memoryBytes: 1024 ** 3, cpus: null, processes: null });
  });

  test.for([
    ['{ files = 2 }', '"limits.files" of "a" must be at least 3'],
    ['{ nice = 20 }', '"limits.nice" of "a" must be at most 19'],
    ['{ nice = -21 }', '"limits.nice" of "a" must be at least -20'],
    ['{ core = 0 }', '"limits.core" of "a" needs its unit'],
    ['{ cpu_time = "1500ms" }', '"limits.cpu_time" of "a" is not a number of whole seconds'],
    ['{ cpu_time = "0s" }', '"limits.cpu_time" of "a" is not a number of whole seconds'],
    ['{ swap = "1GiB" }', '"swap" in "limits" of "a" is not yet supported in this version'],
  ])('%s is refused', async ([table, message]) => {
    expect((await faultsOf(a(`limits = ${table}`))).map((fault) => fault.replace(/^\S+ \S+ /, ''))).toEqual([message]);
  });
});

describe('secrets', () => {
  test('are a path or a table, relative to the definition', async () => {
    const { secrets } = await specOf(a('secrets = { A = "one", B = { file = "/etc/b", as = "env" } }'));
    expect(secrets['A']).toMatchObject({ as: 'file', origin: { line: 3, column: 13 } });
    expect(secrets['A']?.file).toMatch(/^\/.*rouse-config-\w+\/one$/);
    expect(secrets['B']).toMatchObject({ file: '/etc/b', as: 'env' });
  });

  test.for([
    ['{ "A-B" = "x" }', '"A-B" cannot be the name of a secret'],
    ['{ "../a" = "x" }', '"../a" cannot be the name of a secret'],
    ['{ A = { as = "env" } }', 'secret "A" of "a" needs "file"'],
    ['{ LD_PRELOAD = { file = "x", as = "env" } }', '"LD_PRELOAD" changes which code the program of "a" loads'],
    ['{ E = { file = "x", as = "env" } }', '"E" of "a" is in "env" and in "secrets"'],
    ['{ A = { file = "x", as = "argv" } }', '"secrets.A.as" of "a" must be "file" or "env"'],
    ['{ A = { value = "x" } }', 'unknown key "value" in "secrets.A" of "a"'],
  ])('%s is refused', async ([table, message]) => {
    const faults = await faultsOf(a(`env = { E = "1" }\nsecrets = ${table}`));
    expect(faults.map((fault) => fault.replace(/^\S+ \S+ /, ''))).toContain(message);
  });

  test('may be a file under the name of a loader variable, which is no variable then', async () => {
    expect((await specOf(a('secrets = { LD_PRELOAD = "x" }'))).secrets['LD_PRELOAD']?.as).toBe('file');
  });
});

test.for([
  ['start_command = "systemctl start a"', 'which is held by another program: its commands run as the daemon'],
  ['external = true\nhealth = "tcp://localhost:1"', 'which is external'],
])('%s goes with none of these keys', async ([how, why]) => {
  const lines =
    'user = "a"\ngroup = "a"\nsandbox = "strict"\nnetwork = "none"\nlow_ports = true\nsecrets = { A = "x" }';
  const faults = await faultsOf(`[services.a]\n${how}\n${lines}`);
  expect(faults.map((fault) => fault.replace(/^(\S+) \S+ /, '$1 '))).toEqual(
    ['user', 'group', 'sandbox', 'network', 'low_ports', 'secrets'].map(
      (key) => `RSE1106 "${key}" does not go with "a", ${why}`,
    ),
  );
});

test('a function of a program goes with none of these keys', () => {
  expect(documentFaults({ services: { a: { run: () => undefined, user: 'a' } } })).toEqual([
    'RSE1106 services.a.user "user" does not go with "a", which runs inside this program',
  ]);
});
