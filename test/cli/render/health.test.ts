import { expect, test } from 'vitest';
import { checksScreen, healthLine } from '../../../src/cli/render/health.ts';
import { NOW } from '../services.ts';

const UNICODE = { color: 'off', glyphs: 'unicode' } as const;

test('health is a sentence', () => {
  const report = { name: 'web', healthy: true, message: '200 OK', last_check: null, latency_ms: 3.6 };
  expect(healthLine(report, UNICODE)).toBe('● web is healthy: 200 OK in 4ms');
  expect(healthLine({ ...report, message: '200 OK in 4 ms' }, UNICODE)).toBe('● web is healthy: 200 OK in 4 ms');
  expect(healthLine({ ...report, healthy: false, message: '503' }, UNICODE)).toBe('▲ web is not healthy: 503 in 4ms');
  expect(healthLine({ ...report, healthy: null, message: '', latency_ms: null }, UNICODE)).toBe(
    '? web was not checked yet',
  );
});

test('a check shows its last ten answers, newest at the right', () => {
  const at = (agoMs: number): string => new Date(NOW - agoMs).toISOString();
  const answers = ['fail', 'fail', 'pass', 'pass'] as const;
  const check = {
    service: 'web',
    run: 1,
    question: 'health',
    target: 'GET http://localhost/',
    interval_ms: 2000,
    results: answers.map((answer, index) => ({
      at: at(4000 - index * 1000),
      answer,
      latency_ms: 3,
      message: '200 OK',
    })),
  } as const;
  expect(checksScreen([check], { style: UNICODE, width: 100, now: NOW })).toEqual([
    'SERVICE  CHECK                  FOR     EVERY  LAST 10  LATENCY  WHEN    LAST ANSWER',
    'web      GET http://localhost/  health  2s     xx++         3ms  1s ago  200 OK',
  ]);
});
