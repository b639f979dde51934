import { describe, expect, test } from 'vitest';
import { isAlive, isGroupEmpty, signalGroup, signalProcess } from '../../src/runtime/process-group.ts';

// SIGWINCH, which nobody minds, in case one of these comes through.
test.for([
  [0, null],
  [0, ''],
  [1, null],
  [Number.NaN, null],
  [Number.POSITIVE_INFINITY, null],
  [0.5, ''],
] as const)('the number %d, begun at %o, never leads a group', ([pid, startTime]) => {
  expect(signalGroup({ pid, startTime }, 'SIGWINCH')).toBe('gone');
});

describe.for([0, -1, Number.NaN, 1.5])('the number %d', (pid) => {
  test('is no process: it is neither alive nor signalled', () => {
    const nobody = { pid, startTime: null };
    expect(signalProcess(nobody, 'SIGWINCH')).toBe('gone');
    expect(isAlive(nobody)).toBe(false);
    expect(isGroupEmpty({ pid: 0, startTime: null })).toBe(true);
  });
});
