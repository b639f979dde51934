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

test('a service tells where in its start, its reload or its stop it is', () => {
  expect(remark(service('a', { state: 'starting', step: 'before-start' }), [], UNICODE, NOW)).toBe('before_start hook');
  expect(remark(ready('a', { step: 'reloading', urls: ['http://x'] }), [], UNICODE, NOW)).toBe('reloading http://x');
  expect(remark(service('a', { state: 'stopping', step: 'draining' }), [], UNICODE, NOW)).toBe('draining');
  expect(remark(service('a', { state: 'stopping', step: 'killing' }), [], UNICODE, NOW)).toBe('killed');
  const text = 'asked to stop; stuck: pid 8 does not end after SIGKILL (state D)';
  const stuck = service('a', { state: 'stopping', step: 'stuck', reason: { code: 'asked', text, service: null } });
  expect(remark(stuck, [], UNICODE, NOW)).toBe('stuck: pid 8 does not end after SIGKILL (state D)');
});

test('a ready service without an address tells what it says of itself, with nothing hidden in it', () => {
  expect(remark(ready('a', { saying: '3 clients' }), [], UNICODE, NOW)).toBe('"3 clients"');
  expect(remark(ready('a', { saying: 'x\u001b[2J' }), [], UNICODE, NOW)).toBe(String.raw`"x\u001b[2J"`);
});

test('a pinned service tells it beside the rest', () => {
  expect(remark(ready('a', { urls: ['http://x'], pin: 'up' }), [], UNICODE, NOW)).toBe('http://x, pinned up');
  expect(remark(service('a', { pin: 'down' }), [], UNICODE, NOW)).toBe('pinned down');
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
