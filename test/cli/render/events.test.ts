import { expect, test } from 'vitest';
import type { ApiEvent } from '../../../src/contract/api-event.ts';
import { eventLine, isTold } from '../../../src/cli/render/events.ts';

const HEAD = { seq: 1, at: '2026-11-24T12:00:01.004Z', actor: { user: 'jo', via: 'cli' } } as const;
const asked = { code: 'asked', text: 'asked for', service: null };
const shown = (event: ApiEvent): string =>
  eventLine(event, { style: { color: 'off', glyphs: 'unicode' }, times: 'utc', nameWidth: 5 });
const phase = (more: Partial<Extract<ApiEvent, { type: 'service.phase' }>>): ApiEvent => ({
  type: 'service.phase',
  ...HEAD,
  service: 'db',
  from: 'starting',
  to: 'ready',
  ready: true,
  run: 1,
  reason: asked,
  elapsed_ms: 3402,
  pid: 7,
  ...more,
});

test('a change of phase is a line with what it took or why', () => {
  expect(shown(phase({}))).toBe('2026-11-24T12:00:01.004Z  db     ready      3.4s');
  expect(shown(phase({ from: 'waiting', to: 'starting' }))).toBe('2026-11-24T12:00:01.004Z  db     starting');
  const reason = { code: 'exited-early', text: 'exit 1\u001B[2J', service: null };
  expect(shown(phase({ to: 'failed', reason }))).toBe('2026-11-24T12:00:01.004Z  db     failed     exit 1\\u001b[2J');
});

test('ends, restarts, tasks and definitions are told in one form', () => {
  expect(shown({ type: 'service.exit', ...HEAD, service: 'db', run: 2, exit_code: null, signal: 'SIGKILL' })).toMatch(
    /db {5}exited +SIGKILL \(run 2\)$/,
  );
  expect(shown({ type: 'service.exit', ...HEAD, service: 'db', run: 2, exit_code: null, signal: null })).toMatch(
    /ending not observed/,
  );
  expect(shown({ type: 'service.restart', ...HEAD, service: 'db', run: 2, delay_ms: 500, restarts: 1 })).toMatch(
    /restart +run 3 in 0\.5s \(restart 1\)$/,
  );
  expect(
    shown({ type: 'definition.applied', ...HEAD, hash: '', added: ['a'], changed: [], removed: ['b', 'c'] }),
  ).toMatch(/- {6}defined +added a; removed b, c$/);
  expect(shown({ type: 'system.started', ...HEAD, version: '1.2.3', pid: 7, previous: 'none' })).toMatch(
    /daemon +started, version 1\.2\.3, pid 7$/,
  );
});

test('a verdict on health is told as one, and neither one that is not known yet nor a restart after its retry', () => {
  const verdict = { type: 'service.health', ...HEAD, service: 'db', run: 1, from: 'healthy', message: '503' } as const;
  expect(shown({ ...verdict, to: 'unhealthy' })).toBe('2026-11-24T12:00:01.004Z  db     unhealthy:  503');
  expect(shown({ ...verdict, to: 'healthy', message: null })).toBe('2026-11-24T12:00:01.004Z  db     healthy');
  expect(isTold({ ...verdict, to: 'healthy' })).toBe(true);
  expect(isTold({ ...verdict, to: 'unknown' })).toBe(false);
  expect(isTold({ type: 'service.restart', ...HEAD, service: 'db', run: 2, delay_ms: 5, restarts: 1 })).toBe(false);
});
