import { describe, expect, test } from 'vitest';
import { isAt } from '../../src/contract/aim.ts';
import { NOW, ready, service } from '../cli/services.ts';

const done = service('t', { phase: 'completed', state: 'done', ready: true });
const starting = service('s', { phase: 'starting', state: 'starting', started_at: new Date(NOW).toISOString() });

describe('what is waited for is so', () => {
  test.each([
    ['ready', ready('a'), true],
    ['ready', done, true],
    ['ready', starting, false],
    ['started', starting, true],
    ['started', service('a'), false],
    ['completed', done, true],
    ['completed', ready('a'), false],
    ['stopped', service('a'), true],
    ['stopped', ready('a'), false],
    ['stopped', service('a', { phase: 'backoff', state: 'retry' }), false],
    ['healthy', ready('a'), true],
    ['healthy', service('a'), false],
  ] as const)('%s of %o: %s', (aim, one, answer) => {
    expect(isAt(one, aim)).toBe(answer);
  });
});
