import { expect, test } from 'vitest';
import { hookFailure, recordsOf } from '../../src/engine/records.ts';
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

test('a step inside a phase is told in its words, and the first one with the phase', () => {
  const told = given.found(given.state('ready', db.drains(500).hooked('beforeStop', 'afterStop')));
  const texts = (outcome: ReturnType<typeof told.stop>): readonly string[] =>
    outcome.result.transitions.flatMap(recordsOf).flatMap((body) => (body.type === 'service.phase' ? body.text : []));
  expect(texts(told.stop('db'))).toEqual(['asked to stop; not ready any more, and asked to end after 500ms']);
  expect(texts(told.fires('db', 'drain'))).toEqual(['waiting for its before_stop hook']);
  expect(texts(told.hookEnds('db', 'beforeStop'))).toEqual(['asked to end']);
  expect(texts(told.fires('db', 'kill'))).toEqual(['killed, and waiting for its end']);
  expect(texts(told.lingers('db', [812], 'state D'))).toEqual(['stuck: pid 812 does not end after SIGKILL (state D)']);
  expect(texts(told.exits('db', 'SIGKILL'))).toEqual(['waiting for its after_stop hook']);
  expect(texts(told.hookEnds('db', 'afterStop'))).toEqual(['stopped by hand']);
});

test('an end is told when it happens, not when the hook after it is done', () => {
  const told = given.found(given.state('ready', db.hooked('afterStop')));
  const types = (outcome: ReturnType<typeof told.stop>): readonly string[] =>
    outcome.result.transitions.flatMap(recordsOf).map(({ type }) => type);
  expect(types(told.exits('db', 1))).toEqual(['service.exit', 'service.phase']);
  expect(types(told.hookEnds('db', 'afterStop'))).toEqual(['service.phase', 'service.restart']);
});

test('a hook of the present run that ends badly is told, one that ends well or late is not', () => {
  const { system } = given.found(ready);
  const ended = { type: 'hook-ended', service: 'db', run: 1, hook: 'afterReady', at: 1, draw: 0 } as const;
  expect(hookFailure(system, { ...ended, result: 'failed', message: 'exit 7' })).toEqual({
    type: 'service.hook',
    service: 'db',
    run: 1,
    hook: 'afterReady',
    message: 'exit 7',
  });
  expect(hookFailure(system, { ...ended, result: 'ok', message: 'exit 0' })).toBeNull();
  expect(hookFailure(system, { ...ended, run: 0, result: 'failed', message: 'exit 7' })).toBeNull();
});

test('an end that was told before the daemon died is not told again by the next one', () => {
  const ending = { exitCode: 1, signal: null };
  const told = given.found(given.state('unknown', db.hooked('afterStop'), { ending, exitCode: 1, spawned: 'yes' }));
  const types = told
    .exits('db', 1)
    .result.transitions.flatMap(recordsOf)
    .map(({ type }) => type);
  expect(types).toEqual(['service.phase']);
});
