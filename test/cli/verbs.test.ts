import { expect, test } from 'vitest';
import { VERBS, aliasesOf, meantVerb, nearestVerb } from '../../src/cli/verbs.ts';

test('words that people type elsewhere mean the verb that does the same', () => {
  expect(meantVerb('ls')).toEqual({ name: 'ps', flags: [] });
  expect(meantVerb('tail')).toEqual({ name: 'logs', flags: ['--follow'] });
  expect(meantVerb('kill')).toEqual({ name: 'stop', flags: ['--now'] });
  expect(meantVerb('is-active')).toEqual({ name: 'status', flags: ['--exit-code', '--quiet'] });
  expect(aliasesOf('ps')).toEqual(['ls', 'list', 'l']);
});

test('a mistyped verb is named and never meant', () => {
  expect(meantVerb('stauts')).toBeNull();
  expect(nearestVerb('stauts')).toBe('status');
  expect(nearestVerb('zzzzzz')).toBeNull();
});

test('words of every object are no verbs', () => {
  expect(meantVerb('constructor')).toBeNull();
  expect(meantVerb('__proto__')).toBeNull();
});

test('every verb of the help has a summary of its own', () => {
  expect(new Set(VERBS.map(({ summary }) => summary)).size).toBe(VERBS.length);
});
