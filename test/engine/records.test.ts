import { expect, test } from 'vitest';
import { recordsOf } from '../../src/engine/records.ts';
import { given } from '../core/given.ts';

const db = given.service('db');
const ready = given.state('ready', db);

test('the end of a run is told before the phase that follows', () => {
  const told = given.found(ready);
  const { result } = told.exits('db', 1);
  expect(result.transitions.flatMap(recordsOf)).toMatchObject([
    { type: 'service.exit', run: 1, exitCode: 1, signal: null },
    { type: 'service.phase', from: 'ready', to: 'backoff', elapsedMs: 0 },
    { type: 'service.restart', delayMs: 500, restarts: 1 },
  ]);
});

test('the end of a run that never came to be is no exit', () => {
  const told = given.system(db);
  told.start('db');
  const types = told
    .fails('db')
    .result.transitions.flatMap(recordsOf)
    .map(({ type }) => type);
  expect(types).toEqual(['service.phase', 'service.restart']);
});

test('a verdict that changes is told with its evidence', () => {
  const told = given.found(given.state('ready', db.checked({}, 'none')));
  told.answers('db', 'fail');
  told.answers('db', 'fail');
  expect(told.answers('db', 'fail').result.transitions.flatMap(recordsOf)).toMatchObject([
    { type: 'service.health', from: 'unknown', to: 'unhealthy', message: 'connection refused' },
  ]);
});

test('a request that moves nothing is not told', () => {
  expect(given.found(ready).start('db').result.transitions.flatMap(recordsOf)).toEqual([]);
});
