import { describe, expect, test } from 'vitest';
import { LATER_KEYS } from '../../src/contract/definition-file.ts';
import { RESERVED_NAMES } from '../../src/contract/definition-values.ts';
import { document, documentFaults, faultsIn, faultsOf, issuesIn } from './given.ts';

const short = (faults: readonly string[]): string[] => faults.map((fault) => fault.replace('rouse.toml:', ''));

describe('an unknown key', () => {
  test('is shown with the nearest known one', async () => {
    const text = '[services.web]\ncommand = "x"\ndependson = ["db"]\n';
    const [issue] = await issuesIn({ 'rouse.toml': text });
    expect(issue).toMatchObject({
      code: 'RSE1104',
      message: 'unknown key "dependson" in service "web"',
      suggestion: 'depends_on',
      origin: { line: 3, column: 1 },
      length: 9,
      path: ['services', 'web', 'dependson'],
    });
    expect(issue?.hint).toContain('labels');
  });

  test.for([
    ['environment', 'env'],
    ['working_dir', 'cwd'],
    ['healthcheck', 'health'],
    ['startCommand', 'start_command'],
    ['restrat', 'restart'],
    ['zzzzzzzzz', null],
  ] as const)('%s is taken for %s', async ([key, suggestion]) => {
    const [issue] = await issuesIn({ 'rouse.toml': `[services.web]\ncommand = "x"\n${key} = "y"\n` });
    expect(issue).toMatchObject({ code: 'RSE1104', suggestion });
  });

  test('is found on every level', async () => {
    const text = [
      'nam = "x"',
      '[defaults]',
      'a = 1',
      '[templates.t]',
      'b = 1',
      '[services.web]',
      'command = "x"',
      'stop = { c = 1 }',
      'depends_on = { x = { d = 1 } }',
      '[orchestrator]',
      'e = 1',
    ].join('\n');
    expect(short(await faultsOf(text))).toEqual([
      'RSE1104 1:1+3 unknown key "nam" in the definition',
      'RSE1104 3:1+1 unknown key "a" in "defaults"',
      'RSE1104 5:1+1 unknown key "b" in template "t"',
      'RSE1104 8:10+1 unknown key "c" in "stop" of "web"',
      'RSE1104 9:22+1 unknown key "d" in "depends_on.x" of "web"',
      'RSE1104 11:1+1 unknown key "e" in "orchestrator"',
    ]);
  });

  test('that begins with x- is left alone', async () => {
    expect(
      await faultsOf('x-a = 1\n[services.web]\ncommand = "x"\nx-b = {}\nstop = { x-c = 1, signal = "TERM" }\n'),
    ).toEqual([]);
  });

  test('a template cannot use another', async () => {
    expect(short(await faultsOf('[templates.t]\nuse = "u"'))).toEqual([
      'RSE1104 2:1+3 unknown key "use" in template "t"',
    ]);
  });
});

describe('a key of a later version', () => {
  test.for(LATER_KEYS)('%s is refused, not ignored', async (key) => {
    const faults = short(await faultsOf(`[services.web]\ncommand = "x"\n${key} = {}\n[templates.t]\n${key} = 1`));
    expect(faults).toEqual([
      `RSE1105 3:1+${key.length} "${key}" in service "web" is not yet supported in this version`,
      `RSE1105 5:1+${key.length} "${key}" in template "t" is not yet supported in this version`,
    ]);
  });
});

describe('a name of a service', () => {
  test.for(['Web', '1a', '-a', 'a b', '', 'a/b', 'a..b', 'é', 'a'.repeat(64), '../x'])(
    'cannot be "%s"',
    async (name) => {
      const faults = short(await faultsOf(`[services."${name}"]\ncommand = "x"`));
      expect(faults).toEqual([`RSE1109 1:11+${name.length + 2} "${name}" cannot be the name of a service`]);
    },
  );

  test.for(RESERVED_NAMES)('cannot be the word %s', async (name) => {
    const faults = short(await faultsOf(`[services.${name}]\ncommand = "x"`));
    expect(faults).toEqual([
      `RSE1110 1:11+${name.length} "${name}" is a word of Rouse and cannot be the name of a service`,
    ]);
  });

  test.for(['a', 'a1', 'oci-registry', 'my.api_2', 'a'.repeat(63)])('can be %s', (name) => {
    expect(document({ services: { [name]: { command: 'x' } } }).definition.services[0]?.name).toBe(name);
  });

  test('may be repeated inside, and not contradicted', async () => {
    expect(await faultsOf('[services.a]\nname = "a"\ncommand = "x"')).toEqual([]);
    expect(short(await faultsOf('[services.a]\nname = "b"\ncommand = "x"'))).toEqual([
      'RSE1106 2:8+3 "name" of service "a" says another name',
    ]);
  });
});

describe('services in a list', () => {
  test('need names, each one its own', async () => {
    const text =
      '[[services]]\nname = "a"\ncommand = "x"\n[[services]]\nname = "a"\ncommand = "y"\n[[services]]\ncommand = "z"\n';
    expect(short(await faultsOf(text))).toEqual([
      'RSE1115 5:8+3 service "a" is defined twice',
      'RSE1103 7:1+12 a service in a list needs "name"',
    ]);
  });
});

describe('prototype keys', () => {
  const keys = ['__proto__', 'constructor', 'prototype'];

  test.for(keys)('%s is no key in any syntax, at any depth', async (key) => {
    const expected = (place: string): string => `RSE1104 ${place} "${key}" cannot be a key`;
    const length = key.length;
    expect(await faultsOf(`[services.a]\ncommand = "x"\n[services.a.env]\n${key} = "x"`)).toContain(
      expected(`rouse.toml:4:1+${length}`),
    );
    expect(await faultsIn({ 'rouse.yaml': `${key}: {}` })).toEqual([expected(`rouse.yaml:1:1+${length}`)]);
    expect(await faultsIn({ 'rouse.json': `{"services": {"${key}": {}}}` })).toContain(
      expected(`rouse.json:1:15+${length + 2}`),
    );
    const value: unknown = JSON.parse(`{"vars": {"${key}": 1}}`);
    expect(documentFaults(value)).toContain(expected(`vars.${key}`));
  });
});

describe('a null', () => {
  test('is the same as nothing', () => {
    const made = document({
      name: null,
      services: { a: { command: 'x', health: null, env: { A: null, B: '1' }, stop: { signal: null } } },
    });
    expect(made.definition.services[0]).toMatchObject({ liveness: null, env: { B: '1' }, stop: { signal: 'SIGTERM' } });
  });
});

describe('keys in camelCase', () => {
  test('are the same in a program, and only names of the file are respelled', () => {
    const made = document({
      services: {
        a: {
          command: 'x',
          startTimeout: '1m',
          health: { tcp: 'a:1', startInterval: '100ms', onFailure: 'none' },
          restart: { maxDelay: '1m', resetAfter: '2m', atLimit: 'slow' },
          dependsOn: { b: { onLoss: 'stop' } },
          env: { fooBar: '1' },
          labels: { fooBar: '2' },
        },
      },
    });
    expect(made.definition.services[0]).toMatchObject({
      startTimeoutMs: 60_000,
      liveness: { probe: { startIntervalMs: 100 }, onFailure: 'none' },
      restart: { maxDelayMs: 60_000, resetAfterMs: 120_000, atLimit: 'slow' },
      dependencies: [{ name: 'b', onLoss: 'stop' }],
      env: { fooBar: '1' },
      labels: { fooBar: '2' },
    });
  });

  test('are known too when they belong to a later version', () => {
    const faults = documentFaults({ services: { a: { command: 'x', networks: ['x'] } } });
    expect(faults).toEqual([
      'RSE1105 services.a.networks "networks" in service "a" is not yet supported in this version',
    ]);
  });
});

test.for([
  ['services = 3', 'RSE1101 1:12+1 "services" must be a table'],
  ['[services]\na = "x"', 'RSE1101 2:5+3 "a" must be a table'],
  ['templates = []', 'RSE1101 1:13+2 "templates" must be a table'],
  ['vars = { a = [] }', 'RSE1101 1:14+2 "vars.a" must be a text, a number or true or false'],
  ['name = 3', 'RSE1101 1:8+1 "name" must be a text'],
  ['include = 3', 'RSE1101 1:11+1 "include" must be a text or a list'],
] as const)('a value of the wrong type is shown: %s', async ([text, fault]) => {
  expect(short(await faultsOf(text))[0]).toBe(fault);
});
