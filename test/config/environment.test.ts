import { describe, expect, test } from 'vitest';
import { faultsIn, faultsOf, load, specOf } from './given.ts';

const env = (lines: string): string => `[services.a]\ncommand = "x"\n${lines}`;

describe('the environment of a service', () => {
  test('comes from its files in order, and over them from env', async () => {
    const { definition } = await load({
      'rouse.toml': env('env_file = ["one.env", "two.env"]\nenv = { C = "env" }'),
      'one.env': '# comment\nexport A=one\nB=one\nC="o n e"\n',
      'two.env': "B='two'\nC=two\nD=${HOME}$x\n",
    });
    expect(definition.services[0]?.env).toEqual({ A: 'one', B: 'two', C: 'env', D: '${HOME}$x' });
  });

  test('has texts only, and says how a number is written as one', async () => {
    expect(await faultsOf(env('env = { PORT = 3000, ON = true }'))).toEqual([
      'RSE1101 rouse.toml:3:16+4 "env.PORT" of "a" must be a text',
      'RSE1101 rouse.toml:3:27+4 "env.ON" of "a" must be a text',
    ]);
  });

  test.for(['1A', 'A-B', 'A B', '', 'A=B', 'É', 'A'.repeat(129)])('has no variable called "%s"', async (name) => {
    const [fault] = await faultsOf(env(`env = { "${name}" = "x" }`));
    expect(fault).toBe(`RSE1112 rouse.toml:3:9+${name.length + 2} "${name}" cannot be the name of a variable`);
  });

  test.for([
    'LD_PRELOAD',
    'LD_LIBRARY_PATH',
    'NODE_OPTIONS',
    'BASH_ENV',
    'ENV',
    'PYTHONPATH',
    'PYTHONSTARTUPPATH',
    'PERL5LIB',
    'RUBYOPT',
    'GCONV_PATH',
    'IFS',
  ])('sets %s only where that is allowed by name', async (name) => {
    expect(await faultsOf(env(`env = { ${name} = "x" }`))).toEqual([
      `RSE1112 rouse.toml:3:9+${name.length} "${name}" changes which code the program of "a" loads`,
    ]);
    expect(await faultsOf(env(`env = { ${name} = "x" }\nallow_loader_env = ["${name}"]`))).toEqual([]);
  });

  test('sets no such variable by a file or by taking it over either', async () => {
    const text = env('env_file = ".env.a"\ninherit_env = ["TZ", "LD_PRELOAD"]');
    expect(await faultsIn({ 'rouse.toml': text, '.env.a': 'NODE_OPTIONS=--require x' })).toEqual([
      'RSE1112 rouse.toml:3:12+8 "NODE_OPTIONS" changes which code the program of "a" loads',
      'RSE1112 rouse.toml:4:22+12 "LD_PRELOAD" changes which code the program of "a" loads',
    ]);
  });

  test('holds no NUL', async () => {
    expect(await faultsOf(env('env = { A = "x\\u0000" }'))).toEqual([
      'RSE1112 rouse.toml:3:13+9 the value of "A" holds a NUL',
    ]);
  });

  test('has at most 128 KiB', async () => {
    expect(await faultsOf(env(`[services.a.env]\nA = "${'x'.repeat(130_999)}"`))).toEqual([]);
    expect(await faultsOf(env(`[services.a.env]\nA = "${'x'.repeat(131_072)}"`))).toEqual([
      'RSE1102 rouse.toml:1:1+1 the environment of "a" has 131075 bytes, 131072 at most',
    ]);
  });

  test('names what it takes over', async () => {
    expect((await specOf(env('inherit_env = ["TZ", "LC_ALL"]'))).inheritEnv).toEqual(['TZ', 'LC_ALL']);
  });

  test('says which file is not there', async () => {
    expect(await faultsOf(env('env_file = "no.env"'))).toEqual([
      'RSE0103 rouse.toml:3:12+8 cannot read "<folder>/no.env": there is no such file',
    ]);
  });
});

describe('a secret in plain text', () => {
  test('is a warning and no fault', async () => {
    const { warnings } = await load({ 'rouse.toml': env('env = { DB_PASSWORD = "hunter2hunter2" }') });
    expect(warnings).toMatchObject([
      { code: 'RSE1118', message: 'the value of "DB_PASSWORD" of "a" stands in the definition', origin: { line: 3 } },
    ]);
    expect(JSON.stringify(warnings)).not.toContain('hunter2');
  });

  test('is none where it comes from a variable, or is short', async () => {
    const text = env('env = { DB_PASSWORD = "${P}", API_KEY = "dev" }');
    expect((await load({ 'rouse.toml': text }, { environment: { P: 'hunter2hunter2' } })).warnings).toEqual([]);
  });
});
