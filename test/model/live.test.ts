import { describe, expect, test } from 'vitest';
import { keptByRun, sameMeaning, takenOver } from '../../src/model/live.ts';
import type { Spec } from '../../src/model/spec.ts';
import { spec } from '../api/fake-supervisor.ts';

const web = spec('web');

describe('a run', () => {
  test.for<[string, Partial<Spec>]>([
    ['execution', { execution: { type: 'external' } }],
    ['env', { env: { A: '1' } }],
    ['cwd', { cwd: '/elsewhere' }],
    ['umask', { umask: 0o27 }],
    ['stop', { stop: { ...web.stop, timeoutMs: 1 } }],
    ['watchdogMs', { watchdogMs: 3000 }],
    ['limits', { limits: { memoryBytes: 1, cpus: null, processes: null } }],
    ['readiness', { readiness: { type: 'completion' } }],
  ])('keeps its %s until it ends', ([key, patch]) => {
    expect(keptByRun(web, { ...web, ...patch, hash: 'new' })).toEqual([key]);
    expect(takenOver(web, { ...web, ...patch, hash: 'new' })).toMatchObject({ hash: web.hash, cwd: web.cwd });
  });

  test.for<[string, Partial<Spec>]>([
    ['policy', { restart: { ...web.restart, limit: 1 } }],
    ['labels', { labels: { a: 'b' } }],
    ['needs', { dependencies: [{ name: 'db', when: 'ready', need: 'required', onLoss: 'stop', origin: null }] }],
    ['logs', { logs: { keepBytes: 1, format: 'json' } }],
    ['autostart', { autostart: 'no' }],
    ['profiles', { profiles: ['x'] }],
    ['limit of its start', { startTimeoutMs: 5 }],
    ['time to settle', { readiness: { type: 'settle', settleMs: 9 } }],
  ])('takes over its %s at once', ([, patch]) => {
    const after = { ...web, ...patch, hash: 'new' };
    expect(
      keptByRun(
        { ...web, readiness: { type: 'settle', settleMs: 1 } },
        { ...after, readiness: { type: 'settle', settleMs: 9 } },
      ),
    ).toEqual([]);
    expect(
      takenOver(
        { ...web, readiness: { type: 'settle', settleMs: 1 } },
        { ...after, readiness: { type: 'settle', settleMs: 9 } },
      ).hash,
    ).toBe('new');
  });
});

describe('values', () => {
  test('mean the same wherever and however they were written', () => {
    const command = { argv: ['a'], via: 'exec', source: 'a', origin: null };
    expect(sameMeaning(command, { ...command, source: "'a'", origin: { file: '/x', line: 1, column: 1 } })).toBe(true);
    expect(sameMeaning(command, { ...command, argv: ['b'] })).toBe(false);
    expect(sameMeaning({ origin: 'x' }, { origin: 'y' })).toBe(false);
    expect(sameMeaning(Infinity, Infinity)).toBe(true);
    expect(sameMeaning([1], { 0: 1 })).toBe(false);
    expect(sameMeaning({ a: undefined }, {})).toBe(false);
  });
});
