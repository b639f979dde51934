import { describe, expect, test } from 'vitest';
import { isAlive, isGroupEmpty, signalGroup, signalProcess } from '../../src/runtime/process-group.ts';

// SIGWINCH, which nobody minds, in case one of these comes through.
describe.for([0, 1, -1, Number.NaN, Number.POSITIVE_INFINITY, 0.5])('the number %d', (pid) => {
  test.for([null, ''])('never leads a group, started at %o', (startTime) => {
    if (pid === 1 && startTime === null) expect(signalGroup({ pid, startTime }, 'SIGWINCH')).toBe('gone');
    if (pid !== 1 && pid !== -1) expect(signalGroup({ pid, startTime }, 'SIGWINCH')).toBe('gone');
  });
});

describe.for([0, -1, Number.NaN, 1.5])('the number %d', (pid) => {
  test('is no process: it is neither alive nor signalled', () => {
    const nobody = { pid, startTime: null };
    expect(signalProcess(nobody, 'SIGWINCH')).toBe('gone');
    expect(isAlive(nobody)).toBe(false);
    expect(isGroupEmpty({ pid: 0, startTime: null })).toBe(true);
  });
});
