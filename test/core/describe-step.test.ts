import { describe, expect, test } from 'vitest';
import { describeNow, describeSaying, describeStep } from '../../src/core/describe-step.ts';
import type { Phase, Service, Step } from '../../src/model/service.ts';
import { given } from './given.ts';

const at = (phase: Phase, step: Step, patch: Partial<Service> = {}): Service =>
  given.state(phase, given.service('db').drains(5000), { step, ...patch });

/** Every step in its phases, with its words. */
const WORDS: readonly (readonly [Phase, Step, string | null])[] = [
  ['starting', 'none', null],
  ['starting', 'before-start', 'waiting for its before_start hook'],
  ['ready', 'reloading', 'it is reloading'],
  ['ready', 'ending', 'it says that it is about to end'],
  ['backoff', 'damped', 'held back, because too many services are being restarted'],
  ['stopping', 'before-start', 'ending its before_start hook'],
  ['stopping', 'draining', 'not ready any more, and asked to end after 5s'],
  ['stopping', 'before-stop', 'waiting for its before_stop hook'],
  ['stopping', 'ending', null],
  ['stopping', 'killing', 'killed, and waiting for its end'],
  ['stopping', 'after-stop', 'waiting for its after_stop hook'],
];

describe('a step in words', () => {
  for (const [phase, step, words] of WORDS) {
    test(`${phase} at ${step} says: ${words ?? 'nothing more than its phase'}`, () => {
      expect(describeStep(at(phase, step))).toBe(words);
    });
  }

  test('what is stuck names its processes and what they wait in', () => {
    const stuck = (pids: readonly number[], text: string): string | null =>
      describeStep(at('stopping', 'stuck', { stuck: { pids, text } }));
    expect(stuck([812], 'state D, in nfs_wait')).toBe(
      'stuck: pid 812 does not end after SIGKILL (state D, in nfs_wait)',
    );
    expect(stuck([812, 813], '')).toBe('stuck: pids 812, 813 do not end after SIGKILL');
    expect(stuck([1, 2, 3, 4, 5], '')).toBe('stuck: pids 1, 2, 3 and 2 more do not end after SIGKILL');
    expect(stuck([], 'populated')).toBe('stuck: its tree does not end after SIGKILL (populated)');
  });

  test('the reason comes first, then the step, then what the service says of itself', () => {
    const service = at('stopping', 'before-stop', { saying: 'flushing 3 of 7' });
    expect(describeNow(service)).toBe('asked to stop; waiting for its before_stop hook; it says "flushing 3 of 7"');
    expect(describeNow(at('stopping', 'ending'))).toBe('asked to stop');
  });

  test('who says nothing is not quoted', () => {
    expect(describeSaying(at('ready', 'none', { saying: '' }))).toBeNull();
    expect(describeSaying(at('ready', 'none'))).toBeNull();
  });
});
