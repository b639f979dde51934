import { expect, test } from 'vitest';
import { oneOf } from '../../src/library/failure.ts';
import { StartError } from '../../src/model/errors.ts';

test('one error is itself, several are one whose message names them without their output', () => {
  const [a, b] = ['a', 'b'].map(
    (name) => new StartError('RSE2102', `cannot start "${name}": exit 1`, { lastLogs: ['x'] }),
  );
  if (a === undefined || b === undefined) throw new Error('there are two');
  expect(oneOf([a])).toBe(a);
  const both = oneOf([a, b]);
  expect(both).toBeInstanceOf(AggregateError);
  expect(both.message).toBe('cannot start 2 services:\n  cannot start "a": exit 1\n  cannot start "b": exit 1');
});
