import { expect, test } from 'vitest';
import { problemScreen } from '../../../src/cli/render/problem.ts';
import { RouseError, StartError } from '../../../src/model/errors.ts';

const LAYOUT = { style: { color: 'off', glyphs: 'unicode' }, folder: '/project', issueLines: null } as const;

test('an error has its code, its place and what to do', () => {
  const origin = { file: '/project/rouse.toml', line: 3, column: 9 };
  const error = new RouseError('RSE4006', 'cannot start "a": orchestration is disabled', {
    hint: 'set it to true',
    origin,
  });
  expect(problemScreen(error, LAYOUT)).toEqual([
    'error[RSE4006]: cannot start "a": orchestration is disabled',
    '  --> rouse.toml:3:9',
    '  fix   set it to true',
  ]);
});

test('a failed start shows its last lines once, and whom it stopped', () => {
  const error = new StartError('RSE2102', 'cannot start "db"', { lastLogs: ['a\rb'], blocked: ['web'] });
  expect(problemScreen(error, LAYOUT)).toEqual([
    'error[RSE2102]: cannot start "db"',
    '  │ a\\u000db',
    '  also  web was not started',
  ]);
});

test('what is no error of Rouse is a bug and says so with its stack', () => {
  const lines = problemScreen(new TypeError('x is not a function'), LAYOUT);
  expect(lines[0]).toBe('error[RSE9001]: this is a bug in Rouse');
  expect(lines[1]).toContain('TypeError: x is not a function');
});
