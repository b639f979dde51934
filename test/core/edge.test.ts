import { describe, expect, test } from 'vitest';
import { isBroken, isMet, isOutOfReach, isReached } from '../../src/core/edge.ts';
import type { Phase, Service } from '../../src/model/service.ts';
import { PHASES } from '../../src/model/service.ts';
import type { Dependency, When } from '../../src/model/spec.ts';
import { given } from './given.ts';

/** What a phase of the dependency means to an edge: met, broken, or still to come. */
const TABLE: Readonly<Record<When, Readonly<Record<Phase, 'met' | 'broken' | 'open'>>>> = {
  ready: {
    stopped: 'broken',
    waiting: 'open',
    starting: 'open',
    ready: 'met',
    stopping: 'open',
    backoff: 'open',
    failed: 'broken',
    completed: 'broken',
    unknown: 'open',
  },
  started: {
    stopped: 'broken',
    waiting: 'open',
    starting: 'met',
    ready: 'met',
    stopping: 'open',
    backoff: 'open',
    failed: 'broken',
    completed: 'met',
    unknown: 'open',
  },
  completed: {
    stopped: 'broken',
    waiting: 'open',
    starting: 'open',
    ready: 'open',
    stopping: 'open',
    backoff: 'open',
    failed: 'broken',
    completed: 'met',
    unknown: 'open',
  },
  ended: {
    stopped: 'broken',
    waiting: 'open',
    starting: 'open',
    ready: 'open',
    stopping: 'open',
    backoff: 'open',
    failed: 'met',
    completed: 'met',
    unknown: 'open',
  },
};

const WHENS: readonly When[] = ['ready', 'started', 'completed', 'ended'];
const edge = (when: When, need: Dependency['need'] = 'required'): Dependency => ({
  name: 'db',
  when,
  need,
  onLoss: 'ignore',
  origin: null,
});
const meaning = (when: When, service: Service): 'met' | 'broken' | 'open' =>
  isReached(when, service) ? 'met' : isOutOfReach(when, service) ? 'broken' : 'open';

describe('what a dependency means to an edge', () => {
  for (const when of WHENS) {
    for (const phase of PHASES) {
      test(`an edge that waits for ${when} is ${TABLE[when][phase]} when the dependency is ${phase}`, () => {
        const service = given.state(phase, given.service('db'));
        expect(meaning(when, service)).toBe(TABLE[when][phase]);
        expect(isMet(edge(when), service)).toBe(TABLE[when][phase] === 'met');
        expect(isBroken(edge(when), service)).toBe(TABLE[when][phase] === 'broken');
        expect(isMet(edge(when, 'optional'), service)).toBe(TABLE[when][phase] !== 'open');
        expect(isBroken(edge(when, 'optional'), service)).toBe(false);
      });
    }
  }
});

describe('the finer points', () => {
  test('a task that is done counts as ready', () => {
    expect(meaning('ready', given.state('completed', given.service('db').task()))).toBe('met');
  });

  test('a ready service that is due for a restart is not ready for a new dependent', () => {
    expect(meaning('ready', given.state('ready', given.service('db'), { due: 'restart' }))).toBe('open');
  });

  test('a start that was ordered is not yet started', () => {
    expect(meaning('started', given.state('starting', given.service('db'), { spawned: 'no' }))).toBe('open');
  });

  test('a blocked dependency blocks in turn', () => {
    const blocked = given.state('waiting', given.service('db'), { reason: { code: 'dependency', service: 'disk' } });
    expect(WHENS.map((when) => meaning(when, blocked))).toEqual(['broken', 'broken', 'broken', 'broken']);
  });

  test('a stopped dependency that is wanted up is on its way', () => {
    expect(meaning('ready', given.state('stopped', given.service('db'), { demand: 'needed' }))).toBe('open');
  });
});
