import { expect, test } from 'vitest';
import { optionsOf } from '../../src/cli/options.ts';

test('a duration needs its unit, and the refusal shows how to write one', () => {
  expect(optionsOf({ waitTimeout: '1m30s' }).durationMs('waitTimeout')).toBe(90_000);
  expect(optionsOf({}).durationMs('waitTimeout')).toBeNull();
  expect(() => optionsOf({ waitTimeout: '30' }).durationMs('waitTimeout')).toThrow(
    'cannot read --wait-timeout: "30" is not a duration',
  );
});

test('a count is a whole number', () => {
  expect(optionsOf({ lines: '20' }).count('lines')).toBe(20);
  expect(() => optionsOf({ lines: '-1' }).count('lines')).toThrow('cannot read --lines: "-1" is not a whole number');
});

test('a choice is one of its words, the first when it was not given', () => {
  expect(optionsOf({}).choice('for', ['ready', 'stopped'])).toBe('ready');
  expect(optionsOf({ for: 'stopped' }).choice('for', ['ready', 'stopped'])).toBe('stopped');
  expect(() => optionsOf({ for: 'gone' }).choice('for', ['ready', 'stopped'])).toThrow('"gone" is none of its words');
});
