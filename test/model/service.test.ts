import { describe, expect, test } from 'vitest';
import { PHASES, desiredOf, isLive, isResting, newService } from '../../src/model/service.ts';
import { given } from '../core/given.ts';

describe('a service', () => {
  test('a new one was never asked for and never ran', () => {
    expect(newService(given.service('db').spec, 7)).toMatchObject({
      phase: 'stopped',
      demand: 'none',
      due: 'nothing',
      run: 0,
      restarts: 0,
      reason: { code: 'declared' },
      runSpec: null,
      pid: null,
      spawned: 'no',
      since: 7,
      startedAt: null,
    });
  });

  test('it is wanted up by a person or by a dependent, and down by both', () => {
    const desired = (['asked', 'alone', 'needed', 'none', 'released'] as const).map((demand) =>
      desiredOf(given.state('ready', given.service('db'), { demand })),
    );
    expect(desired).toEqual(['up', 'up', 'up', 'down', 'down']);
  });

  test('a run may exist in four phases, and nothing at all is under way in three', () => {
    expect(PHASES.filter(isLive)).toEqual(['starting', 'ready', 'stopping', 'unknown']);
    expect(PHASES.filter(isResting)).toEqual(['stopped', 'failed', 'completed']);
  });
});
