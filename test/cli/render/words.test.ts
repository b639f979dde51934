import { expect, test } from 'vitest';
import { healthText, remark, startText, stateText, waitingText } from '../../../src/cli/render/words.ts';
import { NOW, fourOnTheWay, ready, service } from '../services.ts';

const UNICODE = { color: 'off', glyphs: 'unicode' } as const;

test('waiting is told down to the end of the chain, and survives a circle', () => {
  const [, , , web] = fourOnTheWay();
  expect(waitingText(web ?? service('x'), fourOnTheWay(), UNICODE)).toBe('for migrate › db');
  const a = service('a', { state: 'waiting', waiting_for: ['b', 'c'] });
  const b = service('b', { state: 'waiting', waiting_for: ['a'] });
  expect(waitingText(a, [a, b], UNICODE)).toBe('for b › a and 1 more');
});

test('a blocked service names who blocks it', () => {
  const db = service('db', { state: 'failed', phase: 'failed' });
  const web = service('web', { state: 'blocked', phase: 'waiting', waiting_for: ['db'] });
  expect(remark(web, [db, web], UNICODE, NOW)).toBe('by db');
});

test('health says nothing where nothing runs', () => {
  expect(healthText(ready('a'))).toBe('ok 4ms');
  expect(healthText(ready('a', { state: 'done', phase: 'completed' }))).toBe('-');
  const failing = { healthy: false, message: '503', last_check: null, latency_ms: null };
  expect(healthText(ready('a', { health: failing }))).toBe('503');
  expect(healthText(service('a'))).toBe('-');
});

test('a ready service tells its address, what it has lost and that it is outdated', () => {
  expect(remark(ready('a', { urls: ['http://x'] }), [], UNICODE, NOW)).toBe('http://x');
  expect(remark(ready('a', { degraded_by: ['db'] }), [], UNICODE, NOW)).toBe('degraded: db lost');
  expect(remark(ready('a', { outdated: true }), [], UNICODE, NOW)).toBe('(older definition)');
});

test('a retry counts down and never says now', () => {
  expect(stateText(service('a', { state: 'retry', retry_in_ms: 8200 }))).toBe('retry in 8s');
  expect(stateText(service('a', { state: 'retry', retry_in_ms: 20 }))).toBe('retry in 1s');
});

test('the way up takes what it took, or takes so far', () => {
  expect(startText(ready('a', { last_start_ms: 640 }), NOW)).toBe('0.6s');
  expect(startText(service('a', { state: 'starting', started_at: new Date(NOW - 2100).toISOString() }), NOW)).toBe(
    '2.1s',
  );
  expect(startText(service('a'), NOW)).toBe('');
});
