import { expect, test } from 'vitest';
import { fieldChanges } from '../../src/contract/document-diff.ts';
import { spec } from '../api/fake-supervisor.ts';

const web = spec('web');

test('equal services do not differ, wherever they were written', () => {
  expect(fieldChanges(web, { ...web, origin: { file: '/x', line: 9, column: 9 } })).toEqual([]);
});

test('a key is told in the words of the file, with what was and what is', () => {
  const next = { ...web, restart: { ...web.restart, delayMs: 1000 }, cwd: '/srv/other', labels: { team: 'a' } };
  expect(fieldChanges(web, next)).toEqual([
    { field: 'cwd', from: web.cwd, to: '/srv/other', effect: 'restart' },
    { field: 'restart.delay', from: '500ms', to: '1000ms', effect: 'live' },
    { field: 'labels.team', from: null, to: 'a', effect: 'live' },
  ]);
});

test('a variable that changed is told to have changed, and not from what to what', () => {
  const before = { ...web, env: { A: '1', GONE: 'x', PG_PASSWORD: 'old' } };
  const after = { ...web, env: { A: '2', PG_PASSWORD: 'new' } };
  expect(fieldChanges(before, after)).toEqual([
    { field: 'env.A', from: '***', to: '***', effect: 'restart' },
    { field: 'env.PG_PASSWORD', from: '***', to: '***', effect: 'restart' },
    { field: 'env.GONE', from: '***', to: null, effect: 'restart' },
  ]);
});

test('the pace of a check holds at once, and another way to be ready does not', () => {
  const probe = {
    target: { type: 'tcp', host: 'localhost', port: 1 },
    intervalMs: 1000,
    startIntervalMs: 500,
    timeoutMs: 2000,
    failureThreshold: 3,
    successThreshold: 1,
    graceMs: 0,
  } as const;
  const asked = { ...web, readiness: { type: 'probe', probe }, liveness: { probe, onFailure: 'restart' } } as const;
  const slower = { ...probe, intervalMs: 5000 };
  const next = {
    ...asked,
    readiness: { type: 'probe', probe: slower },
    liveness: { probe: slower, onFailure: 'restart' },
  } as const;
  expect(fieldChanges(asked, next)).toEqual([
    { field: 'health.interval', from: '1000ms', to: '5000ms', effect: 'live' },
  ]);
  const told = {
    ...asked,
    readiness: { type: 'probe', probe: { ...probe, target: { type: 'notify', access: 'main' } } },
  } as const;
  expect(fieldChanges(asked, told)).toContainEqual({
    field: 'ready.notify',
    from: null,
    to: 'main',
    effect: 'restart',
  });
});
