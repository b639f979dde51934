import { fc, test as property } from '@fast-check/vitest';
import { describe, expect, test } from 'vitest';
import { faultsOf, issuesIn, specOf } from './given.ts';

const argvOf = async (line: string, environment: Record<string, string> = {}): Promise<unknown> => {
  const spec = await specOf(`[services.a]\n${line}\n`, { environment });
  return spec.execution.type === 'process' ? spec.execution.command : spec.execution;
};

describe('a command text', () => {
  test.for([
    ['systemctl start coredns', ['systemctl', 'start', 'coredns']],
    ["sh -c 'sleep 1; echo hi'", ['sh', '-c', 'sleep 1; echo hi']],
    ['echo "a;b" x\\ y', ['echo', 'a;b', 'x y']],
    ['a  "" b', ['a', '', 'b']],
    ['node x.js --port=80 --tag=a,b', ['node', 'x.js', '--port=80', '--tag=a,b']],
    ['curl http://[::1]:80/x', ['curl', 'http://[::1]:80/x']],
    ['grep [a-z] x', ['grep', '[a-z]', 'x']],
    ["a '*.js' \"it's\"", ['a', '*.js', "it's"]],
    ['/opt/a b=c', ['/opt/a', 'b=c']],
  ] as const)('is split into words: %s', async ([text, argv]) => {
    expect(await argvOf(`command = '''${text}'''`)).toMatchObject({ argv, via: 'exec', source: text });
  });

  test.for([
    ['coredns;', ';', 8],
    ['a && b', '&&', 3],
    ['a || b', '||', 3],
    ['a | b', '|', 3],
    ['a & b', '&', 3],
    ['a &', '&', 3],
    ['a > b', '>', 3],
    ['a 2>&1', '>&', 4],
    ['a >> b', '>>', 3],
    ['a < b', '<', 3],
    ['a << b', '<<', 3],
    ['(a)', '(', 1],
    ['a `b`', '`', 3],
    ['a "`b`"', '`', 4],
    ['a $(b)', '$(', 3],
    ['a $HOME', '$HOME', 3],
    ['a "$HOME"', '$HOME', 4],
    ['a $1', '$1', 3],
    ["a $'\\x41'", "$'", 3],
    ['a *.js', '*', 3],
    ['a b?c', '?', 4],
    ['a # b', '#', 3],
    ['A=1 b', 'A=', 1],
    ['a ~/x', '~', 3],
    ['~/x', '~', 1],
    ['a {b,c}', '{b,c}', 3],
    ['a x{1..3}', '{1..3}', 4],
  ] as const)('is refused where it needs a shell: %s', async ([text, sign, column]) => {
    const [issue, ...others] = await issuesIn({ 'rouse.toml': `[services.a]\ncommand = '''${text}'''\n` });
    expect(others).toEqual([]);
    expect(issue).toMatchObject({
      code: 'RSE1107',
      message: `"${sign}" is shell syntax, and this command runs without a shell`,
      origin: { line: 2, column: 13 + column },
      length: sign.length,
    });
    expect(issue?.hint).toContain('set shell = true');
  });

  test.for([
    ["a 'b", 'a quote or a backslash in this command is not closed'],
    ['a "b', 'a quote or a backslash in this command is not closed'],
    ['', 'this command is empty'],
    ['  ', 'this command is empty'],
    ["'' a", 'this command has no program'],
    ['a "\\$b"', 'the quotes and backslashes of this command can be read in more than one way'],
    ['a\u2028b', 'a command text cannot hold the control character U+2028'],
    [`a ${'x'.repeat(4096)}`, 'this command is longer than 4096 characters'],
  ] as const)('is refused where it cannot be read: %s', async ([text, message]) => {
    const [issue] = await issuesIn({ 'rouse.toml': `[services.a]\ncommand = '''${text}'''\n` });
    expect(issue).toMatchObject({ code: 'RSE1108', message });
  });

  test('is refused at a line break inside, and may end with one', async () => {
    const text = (block: string): string => `services:\n  a:\n    command: |\n      ${block}\n`;
    expect(await issuesIn({ 'rouse.yaml': text('node x') })).toEqual([]);
    expect(await issuesIn({ 'rouse.yaml': text('node x\n      y') })).toMatchObject([
      { code: 'RSE1108', message: 'a command text cannot hold the control character U+000A' },
    ]);
  });

  test('says how to insert a variable, and where to set one', async () => {
    const [home] = await issuesIn({ 'rouse.toml': '[services.a]\ncommand = "echo $HOME"' });
    expect(home?.hint).toMatch(/^write \$\{HOME\} to insert the variable; or quote it/);
    const [set] = await issuesIn({ 'rouse.toml': '[services.a]\ncommand = "PORT=1 node x"' });
    expect(set?.hint).toMatch(/^set PORT under "env"; or quote it/);
  });

  test('says the place of a sign behind a variable', async () => {
    expect(await faultsOf('[services.a]\ncommand = "echo ${A} ; ls"', { environment: { A: 'x y z' } })).toEqual([
      'RSE1107 rouse.toml:2:22+1 ";" is shell syntax, and this command runs without a shell',
    ]);
  });

  test('of a .nu file runs through Nushell', async () => {
    expect(await argvOf('command = "./up.nu --now"')).toMatchObject({ argv: ['./up.nu', '--now'], via: 'nushell' });
    expect(await argvOf('command = ["up.nu"]')).toMatchObject({ argv: ['up.nu'], via: 'nushell' });
  });
});

describe('a variable in a command', () => {
  test('stays in its word, whatever it holds', async () => {
    const A = "x; rm -rf '/' $(y) \"";
    expect(await argvOf('command = "echo a${A}b ${A}"', { A })).toMatchObject({ argv: ['echo', `a${A}b`, A] });
  });

  test('stays in its word with a default of several words', async () => {
    expect(await argvOf('command = "echo ${A:-b c}"')).toMatchObject({ argv: ['echo', 'b c'] });
  });

  test('is not read inside the value of another', async () => {
    expect(await argvOf('command = "echo ${A}"', { A: '${B} $$' })).toMatchObject({ argv: ['echo', '${B} $$'] });
  });

  test('stays empty as a word of its own', async () => {
    expect(await argvOf('command = "echo ${A} b"', { A: '' })).toMatchObject({ argv: ['echo', '', 'b'] });
  });

  test('keeps the command as it was written beside it', async () => {
    expect(await argvOf('command = "echo ${A}"', { A: 'secret' })).toMatchObject({ source: 'echo ${A}' });
  });

  test('with a doubled dollar sign is that sign', async () => {
    expect(await argvOf('command = "echo $$HOME $${A}"')).toMatchObject({ argv: ['echo', '$HOME', '${A}'] });
  });

  property.prop([fc.string({ unit: 'binary' })])('never adds words or syntax', async (value) => {
    fc.pre(!value.includes('\0'));
    const { document } = await import('./given.ts');
    const made = document({ services: { a: { command: 'run a${V}b "${V}" end' } } }, { environment: { V: value } });
    expect(made.definition.services[0]?.execution).toMatchObject({
      command: { argv: ['run', `a${value}b`, value, 'end'] },
    });
  });
});

describe('a command as a list', () => {
  test('is taken word by word, without any syntax', async () => {
    expect(await argvOf('command = ["echo", "a; b", "*", "$HOME", "${A}"]', { A: 'x y' })).toMatchObject({
      argv: ['echo', 'a; b', '*', '$HOME', 'x y'],
      via: 'exec',
      source: "echo 'a; b' '*' $HOME '${A}'",
    });
  });

  test('needs a program, and words without NUL', async () => {
    expect(await faultsOf('[services.a]\ncommand = ["", "a"]')).toEqual([
      'RSE1108 rouse.toml:2:11+9 this command has no program',
    ]);
    expect(await faultsOf('[services.a]\ncommand = ["a", "b\\u0000"]')).toEqual([
      'RSE1108 rouse.toml:2:11+16 a word of this command holds a NUL',
    ]);
    expect(await faultsOf('[services.a]\ncommand = []')).toEqual([
      'RSE1102 rouse.toml:2:11+2 "command" of "a" is empty',
    ]);
  });
});

describe('shell = true', () => {
  test('hands a text to the shell as it is', async () => {
    expect(await argvOf('shell = true\ncommand = "echo $HOME > x && ${A}"', { A: 'ls' })).toMatchObject({
      argv: ['echo $HOME > x && ls'],
      via: 'shell',
    });
  });

  test('leaves a list alone', async () => {
    expect(await argvOf('shell = true\ncommand = ["echo", "$HOME"]')).toMatchObject({
      argv: ['echo', '$HOME'],
      via: 'exec',
    });
  });

  test('must be true, and not a word that looks like it', async () => {
    expect(await faultsOf('[services.a]\nshell = "true"\ncommand = "a; b"')).toEqual([
      'RSE1101 rouse.toml:2:9+6 "shell" of "a" must be true or false',
    ]);
  });
});
