import { expect, test } from 'vitest';
import { describeFailure } from '../../src/core/failure.ts';
import { given } from './given.ts';

const told = given.system(
  given.service('db'),
  given.service('migrate').task().requires('db'),
  given.service('web').requires('migrate'),
);
told.start('web');
told.fails('db', { code: 'not-found', program: 'postgres' });

test('a failed service says why it failed', () => {
  expect(describeFailure(told.system, 'db', 'db')).toBe('program "postgres" not found');
});

test('a blocked service names the chain and the cause at its end', () => {
  expect(describeFailure(told.system, 'migrate', 'db')).toBe('blocked by db: program "postgres" not found');
  expect(describeFailure(told.system, 'web', 'db')).toBe('blocked by migrate › db: program "postgres" not found');
});

test('a service that is gone says so', () => {
  expect(describeFailure(told.system, 'ghost', 'ghost')).toBe('it is no longer defined');
});
