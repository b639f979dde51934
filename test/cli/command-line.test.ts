import { describe, expect, test } from 'vitest';
import { parseAfter, parseBefore, splitLine } from '../../src/cli/command-line.ts';
import { VERBS } from '../../src/cli/verbs.ts';
import { loadVerb } from '../../src/cli/load.ts';
import { RouseError } from '../../src/model/errors.ts';

const LOGS = {
  usage: '[service...]',
  flags: [
    { spelling: '-f, --follow', text: '' },
    { spelling: '-n, --lines <number>', text: '' },
    { spelling: '--no-prefix', text: '' },
    { spelling: '--logs <services>', text: '' },
  ],
};

const messageOf = (act: () => unknown): string => {
  try {
    act();
  } catch (error) {
    if (error instanceof RouseError) return `${error.code} ${error.message} | ${error.hint}`;
    throw error;
  }
  return 'no error';
};

describe('the verb is the first word that is neither a flag nor the value of one', () => {
  test.each([
    [['ps'], 'ps', [], []],
    [['-f', 'a.toml', 'up', '-d'], 'up', ['-f', 'a.toml'], ['-d']],
    [['--file=a.toml', '-p', 'shop', 'logs', '-f', 'web'], 'logs', ['--file=a.toml', '-p', 'shop'], ['-f', 'web']],
    [['-y', 'stop', 'up'], 'stop', ['-y'], ['up']],
    [['run', 'task', '--', '--json', '-h'], 'run', [], ['task', '--', '--json', '-h']],
    [['-q'], null, ['-q'], []],
  ] as const)('%j', (argv, verb, before, after) => {
    expect(splitLine(argv)).toEqual({ verb, before, after, json: null, help: false });
  });
});

test('--json takes fields only behind its equals sign, anywhere in the line', () => {
  expect(splitLine(['ps', '--json', 'web'])).toMatchObject({ after: ['web'], json: { fields: null } });
  expect(splitLine(['--json=name,phase', 'ps'])).toMatchObject({ verb: 'ps', json: { fields: ['name', 'phase'] } });
});

test('-h at the end of any line asks for help', () => {
  expect(splitLine(['up', 'web', '-h'])).toMatchObject({ verb: 'up', after: ['web'], help: true });
});

test('-f names a file before the verb and follows after it', () => {
  expect(parseBefore(['-f', 'a.toml', '-f', 'b.toml']).texts('file')).toEqual(['a.toml', 'b.toml']);
  const { args, options } = parseAfter('logs', LOGS, ['-f', 'web', '--file', 'c.toml']);
  expect([args, options.isOn('follow'), options.texts('file')]).toEqual([['web'], true, ['c.toml']]);
});

test('a --no flag counts only when it was typed', () => {
  expect(parseAfter('logs', LOGS, []).options.isOff('prefix')).toBe(false);
  expect(parseAfter('logs', LOGS, ['--no-prefix']).options.isOff('prefix')).toBe(true);
});

test('a bare --logs means all of them and does not eat the next word', () => {
  const { after } = splitLine(['up', '--logs', 'web']);
  const { args, options } = parseAfter('up', LOGS, after);
  expect([args, options.text('logs')]).toEqual([['web'], '*']);
});

test('a wrong line is refused with what was probably meant', () => {
  expect(messageOf(() => parseAfter('logs', LOGS, ['--folow']))).toBe(
    'RSE0107 cannot read the command line: unknown option "--folow" | did you mean --follow? see: rouse logs --help',
  );
  expect(messageOf(() => parseAfter('ps', { usage: '', flags: [] }, ['a']))).toMatch(/too many arguments/);
  expect(messageOf(() => parseAfter('run', { usage: '<task>', flags: [] }, []))).toMatch(
    /missing required argument "task"/,
  );
  expect(messageOf(() => parseBefore(['--color', 'pink']))).toMatch(/Allowed choices are auto, always, never/);
});

describe('every verb', () => {
  test.each(VERBS.map(({ name }) => name))(
    '%s has flags that fit with the global ones, examples and exit codes',
    async (name) => {
      const verb = await loadVerb(name);
      expect(() => parseAfter(name, { ...verb, usage: '[any...]' }, ['-p', 'shop', '--file', 'x', '-y'])).not.toThrow();
      expect(verb.examples.length).toBeGreaterThan(0);
      expect(verb.exits.map(([code]) => code)).toContain(0);
      for (const [line] of verb.examples) expect(line).toMatch(/rouse /);
    },
  );
});
