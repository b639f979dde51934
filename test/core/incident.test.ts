import { expect, test } from 'vitest';
import { causeOf, endOf, sufferersOf, troubleOf } from '../../src/core/incident.ts';
import { given } from './given.ts';

const db = given.service('db');
const job = given.service('job').task().requires('db');
const web = given.service('web').requires('db').requires('job', { when: 'completed' });
const log = given.service('log').wants('db');

const running = () => {
  const told = given.system(db, job, web, log);
  told.start('web', 'log');
  return told.brings('db', 'job', 'web', 'log');
};

test('an incident begins when what was up ends by itself, is unhealthy, or has failed for good', () => {
  const up = given.state('ready');
  const ended = { code: 'exited', ending: { exitCode: 1, signal: null } } as const;
  expect(troubleOf({ before: up, after: given.state('backoff', db, { reason: ended }) })).toEqual(ended);
  const sick = { verdict: 'unhealthy', failures: 3, successes: 0, message: '503' } as const;
  expect(troubleOf({ before: up, after: { ...up, health: sick } })).toMatchObject({ code: 'unhealthy', failures: 3 });
  const starting = given.state('starting');
  expect(troubleOf({ before: starting, after: given.state('failed', db, { reason: ended }) })).toEqual(ended);
});

test('none begins by a request, by a start that is tried again, or for what nobody wants', () => {
  const up = given.state('ready');
  expect(
    troubleOf({ before: up, after: given.state('stopping', db, { demand: 'asked', reason: { code: 'restart' } }) }),
  ).toBeNull();
  const early = { code: 'exited-early', ending: { exitCode: 1, signal: null } } as const;
  expect(
    troubleOf({ before: given.state('starting'), after: given.state('backoff', db, { reason: early }) }),
  ).toBeNull();
  expect(troubleOf({ before: up, after: given.state('failed', db, { demand: 'none', reason: early }) })).toBeNull();
});

test('it is over when the service is ready and well, done, or no longer wanted', () => {
  expect(endOf(given.state('ready'))).toBe('mended');
  expect(endOf(given.state('completed'))).toBe('mended');
  expect(endOf(given.state('failed', db, { demand: 'none' }))).toBe('put-to-rest');
  expect(endOf(undefined)).toBe('put-to-rest');
  expect(endOf(given.state('backoff'))).toBeNull();
  const sick = { verdict: 'unhealthy', failures: 3, successes: 0, message: null } as const;
  expect(endOf(given.state('ready', db, { health: sick }))).toBeNull();
});

test('those suffer from it that require it and are degraded, stopped or kept from starting; not who can do without it', () => {
  const told = running();
  told.exits('db', 1);
  expect(sufferersOf(told.system, told.index('db'))).toEqual(['web']);
  told.exits('web', 1);
  expect(sufferersOf(told.system, told.index('db'))).toEqual(['web']);
});

test('the cause of a failure is the service at the root, also through others that are down for it', () => {
  const told = given.system(db, given.service('api').requires('db'), given.service('ui').requires('api'));
  told.start('ui');
  told.fails('db', { code: 'not-found' });
  const isRoot = (name: string): boolean => name === 'db';
  expect(causeOf(told.system, told.index('ui'), isRoot)).toBe('db');
  expect(causeOf(told.system, told.index('db'), isRoot)).toBeNull();
});
