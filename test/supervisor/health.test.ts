import { expect, test } from 'vitest';
import { askHealth, lastHealth } from '../../src/supervisor/health.ts';
import { given } from '../core/given.ts';
import { stage } from '../engine/given.ts';
import { order, supervise } from './given.ts';

test('the last health is the verdict with the time of the last answer of this run', () => {
  const service = given.state('ready', given.service('db').checked(), { run: 2 });
  const check = { service: 'db', question: 'health', target: 'x', intervalMs: 1000 } as const;
  const answer = { answer: 'pass', latencyMs: 4, message: '' } as const;
  const checks = [
    { ...check, run: 1, results: [{ ...answer, at: 5 }] },
    { ...check, run: 2, results: [{ ...answer, at: 7 }] },
  ];
  expect(lastHealth(service, checks)).toMatchObject({ service: 'db', lastCheck: 7, latencyMs: 4 });
  expect(lastHealth(service, checks.slice(0, 1))).toMatchObject({ lastCheck: null, latencyMs: null });
});

test('a health that is asked for is fetched where there is a question, and leaves no timer', async () => {
  const { on, supervisor } = supervise(given.service('db').checked());
  await expect(supervisor.health('db', 'ask')).resolves.toMatchObject({
    healthy: true,
    message: '200 OK',
    latencyMs: 2,
  });
  expect(on.clock.pending()).toBe(0);
});

test('without a question the process is the answer', async () => {
  const { on, supervisor } = supervise(given.service('db'));
  supervisor.request(order('up'));
  on.started('db');
  await expect(supervisor.health('db', 'ask')).resolves.toMatchObject({ healthy: true, lastCheck: on.clock.now() });
});

test('a question that needs a run is not asked of one that is not there', async () => {
  const target = { type: 'fd', fd: 3 } as const;
  const on = stage(given.service('db').gated({ target }));
  const { prober, clock } = on.engine.world;
  await expect(askHealth(on.of('db'), prober, clock)).resolves.toMatchObject({ latencyMs: null });
});
