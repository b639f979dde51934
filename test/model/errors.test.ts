import { describe, expect, test } from 'vitest';
import {
  ConflictError,
  ConnectionError,
  DefinitionError,
  ERRORS,
  HealthTimeoutError,
  type Issue,
  NotFoundError,
  RouseError,
  StartError,
  StopTimeoutError,
  isRouseError,
} from '../../src/model/errors.ts';

const issue = (part: Partial<Issue>): Issue => ({
  code: 'RSE1104',
  message: 'unknown key "x"',
  origin: { file: '/f', line: 2, column: 3 },
  length: 1,
  path: ['services', 'a/b', 'x~y', 0],
  suggestion: 'y',
  hint: 'rename it',
  also: [],
  services: ['a'],
  ...part,
});

describe('the table of codes', () => {
  const rows = Object.entries(ERRORS);

  test('has a title for people, an exit code and a status for each', () => {
    for (const [code, { title, exit, status }] of rows) {
      expect(code).toMatch(/^RSE[0-9]{4}$/);
      expect(title).toMatch(/^[A-Z].*[^.]$/);
      expect([0, 1, 2, 4, 5, 6, 70, 124]).toContain(exit);
      expect(status === 200 || (status >= 400 && status < 600)).toBe(true);
    }
  });

  test('has no title twice', () => {
    expect(new Set(rows.map(([, { title }]) => title)).size).toBe(rows.length);
  });

  test('answers wrong input with exit code 2', () => {
    const definition = rows.filter(([code, { status }]) => /^RSE[01]/.test(code) && status !== 200);
    expect(definition.length).toBeGreaterThan(20);
    expect(definition.every(([, { exit }]) => exit === 2)).toBe(true);
  });
});

describe('an error', () => {
  test('carries its code, its hint and what it is about', () => {
    const cause = new Error('ENOENT');
    const error = new RouseError('RSE2101', 'cannot start "a": no such program', {
      hint: 'install it',
      service: 'a',
      cause,
    });
    expect(error).toMatchObject({
      code: 'RSE2101',
      hint: 'install it',
      service: 'a',
      origin: null,
      cause,
      docs: '/docs/errors/RSE2101',
    });
    expect(error).toBeInstanceOf(Error);
  });

  test('is a problem document in JSON', () => {
    const error = new RouseError('RSE4005', 'cannot stop "db"', {
      service: 'db',
      services: ['web'],
      hint: 'use --deps',
    });
    expect(JSON.parse(JSON.stringify(error))).toEqual({
      type: '/docs/errors/RSE4005',
      title: 'Services depend on it',
      status: 409,
      detail: 'cannot stop "db"',
      success: false,
      code: 'RSE4005',
      service: 'db',
      services: ['web'],
      hint: 'use --deps',
      errors: [],
    });
  });

  test('without more to say says no more in JSON', () => {
    expect(Object.keys(new RouseError('RSE9001', 'x').toJSON())).toEqual([
      'type',
      'title',
      'status',
      'detail',
      'success',
      'code',
      'errors',
    ]);
  });

  test.for([
    [new DefinitionError([issue({})]), 'DefinitionError'],
    [new StartError('RSE2102', 'x'), 'StartError'],
    [new HealthTimeoutError('x'), 'HealthTimeoutError'],
    [new StopTimeoutError('x'), 'StopTimeoutError'],
    [new ConflictError('RSE4005', 'x'), 'ConflictError'],
    [new NotFoundError('RSE4001', 'x'), 'NotFoundError'],
    [new ConnectionError('RSE3001', 'x'), 'ConnectionError'],
  ] as const)('of its kind is known by class and name: %s', ([error, name]) => {
    expect(error.name).toBe(name);
    expect(isRouseError(error)).toBe(true);
    expect(isRouseError(new Error(error.message))).toBe(false);
  });
});

describe('a definition that was refused', () => {
  test('for one fault speaks with its voice', () => {
    const error = new DefinitionError([issue({})]);
    expect(error).toMatchObject({
      code: 'RSE1104',
      message: 'unknown key "x"',
      hint: 'rename it',
      origin: { line: 2 },
      fields: { services: ['a'] },
    });
  });

  test('for several counts them', () => {
    const error = new DefinitionError([issue({}), issue({ code: 'RSE1101' })]);
    expect(error).toMatchObject({
      code: 'RSE1400',
      message: 'cannot use the definition: it has 2 problems',
      hint: null,
    });
    expect(error.issues).toHaveLength(2);
  });

  test('lists each fault in its document, by JSON pointer', () => {
    expect(new DefinitionError([issue({}), issue({ origin: null, suggestion: null })]).toJSON().errors).toEqual([
      {
        code: 'RSE1104',
        pointer: '/services/a~1b/x~0y/0',
        file: '/f',
        line: 2,
        column: 3,
        message: 'unknown key "x"',
        suggestion: 'y',
      },
      expect.objectContaining({ file: null, line: null, column: null, suggestion: null }),
    ]);
  });
});

describe('a service that did not start', () => {
  test('ends its message with its last lines, and has it without them', () => {
    const error = new StartError('RSE2102', 'cannot start "a": it ended', {
      lastLogs: ['one', 'two'],
      exitCode: 3,
      blocked: ['b'],
    });
    expect(error.message).toBe('cannot start "a": it ended\n  | one\n  | two');
    expect(error).toMatchObject({
      shortMessage: 'cannot start "a": it ended',
      exitCode: 3,
      signal: null,
      blocked: ['b'],
    });
  });

  test('in time says how often it was asked and what it answered', () => {
    const error = new HealthTimeoutError('x', { attempts: 4, lastResult: 'refused' });
    expect(error).toMatchObject({ code: 'RSE2103', attempts: 4, lastResult: 'refused' });
    expect(error).toBeInstanceOf(StartError);
  });
});

test('what survived a kill is named', () => {
  expect(new StopTimeoutError('x', { pids: [1, 2] })).toMatchObject({ code: 'RSE2107', pids: [1, 2] });
  expect(new ConflictError('RSE4005', 'x', { services: ['a'] }).services).toEqual(['a']);
});
