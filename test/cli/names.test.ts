import { expect, test } from 'vitest';
import { chosen, meantNames } from '../../src/cli/names.ts';

const known = [{ name: 'db' }, { name: 'web@1' }, { name: 'web@2' }];

test('a name chooses its service, or the replicas that bear it, in the order typed', () => {
  expect(chosen(known, ['web', 'db'])).toEqual([{ name: 'web@1' }, { name: 'web@2' }, { name: 'db' }]);
  expect(meantNames(known, ['web@2', 'web'])).toEqual(['web@2', 'web@1']);
});

test('without names all are chosen, and none is meant', () => {
  expect([chosen(known, []), meantNames(known, [])]).toEqual([known, []]);
});

test('a name that nobody has is refused with the nearest', () => {
  expect(() => chosen(known, ['bd'])).toThrow(expect.objectContaining({ code: 'RSE4001', hint: 'did you mean "db"?' }));
});
