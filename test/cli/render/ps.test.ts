import { expect, test } from 'vitest';
import { psScreen, summary } from '../../../src/cli/render/ps.ts';
import { NOW, fourOnTheWay, fourReady, ready, service } from '../services.ts';

const UNICODE = { color: 'off', glyphs: 'unicode' } as const;

test('ps shows a line a service and a sum on a terminal', () => {
  expect(psScreen(fourOnTheWay(), { style: UNICODE, width: 100, now: NOW, columns: 'usual' })).toEqual([
    'SERVICE  STATE       HEALTH  UP     RESTARTS  WHERE',
    'cache    ● ready     ok 4ms  4 min  0         redis://localhost:6379',
    'db       ◐ starting  -       -      0         connection refused',
    'migrate  ◌ waiting   -       -      0         for db',
    'web      ◌ waiting   -       -      0         for migrate › db',
    '4 services: 1 ready, 1 starting, 2 waiting',
  ]);
});

test('ps on a terminal ends with what is wrong, and in a pipe does not', () => {
  const reason = { code: 'exited', text: 'exit 1', service: null };
  const incidents = [{ service: 'db', reason, opened_at: new Date(NOW).toISOString(), affected: ['web'] }];
  const layout = { style: UNICODE, now: NOW, columns: 'usual', incidents } as const;
  expect(psScreen(fourReady(), { ...layout, width: 100 }).at(-1)).toBe(
    '1 incident: db (exit 1) affects web: rouse explain db',
  );
  expect(psScreen(fourReady(), { ...layout, width: null })).toHaveLength(5);
});

test('ps in a pipe has times in RFC 3339, ASCII where asked for, and no sum', () => {
  const lines = psScreen(fourReady(), {
    style: { color: 'off', glyphs: 'ascii' },
    width: null,
    now: NOW,
    columns: 'usual',
  });
  expect(lines[3]).toBe('migrate  + done   -       2026-11-24T12:04:28.920Z  0         exit 0');
  expect(lines).toHaveLength(5);
});

test('ps on a narrow terminal keeps name, state and where', () => {
  expect(psScreen(fourOnTheWay(), { style: UNICODE, width: 40, now: NOW, columns: 'usual' })).toEqual([
    'SERVICE  STATE       WHERE',
    'cache    ● ready     redis://localhost:…',
    'db       ◐ starting  connection refused',
    'migrate  ◌ waiting   for db',
    'web      ◌ waiting   for migrate › db',
    '4 services: 1 ready, 1 starting, 2 waiting',
  ]);
});

test('ps -o wide adds kind, process and needs', () => {
  const [head, line] = psScreen([ready('web', { depends_on: ['db', 'cache'] })], {
    style: UNICODE,
    width: null,
    now: NOW,
    columns: 'wide',
  });
  expect(head).toBe('SERVICE  STATE    HEALTH  SINCE                     RESTARTS  KIND     PID  DEPENDS ON  WHERE');
  expect(line).toBe('web      ● ready  ok 4ms  2026-11-24T12:00:31.120Z  0         service  812  db,cache');
});

test('what a service says is escaped wherever it is shown', () => {
  const evil = ready('web', {
    state: 'unhealthy',
    health: { healthy: false, message: 'x\u001B[2J\ny', last_check: null, latency_ms: null },
  });
  expect(psScreen([evil], { style: UNICODE, width: null, now: NOW, columns: 'usual' })[1]).toContain(
    'x\\u001b[2J\\u000ay',
  );
});

test('a service that will be tried again says when', () => {
  const retry = service('web', { state: 'retry', phase: 'backoff', retry_in_ms: 7600 });
  expect(psScreen([retry], { style: UNICODE, width: 80, now: NOW, columns: 'usual' })[1]).toMatch(/↻ retry in 7s/);
});

test('the sum names whom to explain', () => {
  const blocked = service('web', { state: 'blocked', phase: 'waiting' });
  const failed = service('db', { state: 'failed', phase: 'failed' });
  expect(summary([ready('a'), blocked, failed])).toBe('3 services: 1 ready, 1 failed, 1 blocked (rouse explain db)');
  expect(summary([ready('a')])).toBe('1 service: 1 ready');
  expect(summary([])).toBe('0 services');
});
