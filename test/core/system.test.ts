import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { System, WorkingSystem } from '../../src/core/system.ts';
import { at, createSystem, find, rebuild } from '../../src/core/system.ts';
import type { When } from '../../src/model/spec.ts';
import { desiredOf, isLive } from '../../src/model/service.ts';
import type { Given, Told } from './given.ts';
import { given } from './given.ts';

describe('a system', () => {
  test('a new one has every service stopped and wanted by nobody', () => {
    const system = createSystem([given.service('a').spec, given.service('b').requires('a').spec], 7);
    expect(system.services.map(({ phase, demand, run, since }) => [phase, demand, run, since])).toEqual([
      ['stopped', 'none', 0, 7],
      ['stopped', 'none', 0, 7],
    ]);
    expect([system.spawning, [...system.leaving]]).toEqual([0, []]);
  });

  test('a graph that is not sound is a bug of the caller', () => {
    expect(() => createSystem([given.service('a').requires('ghost').spec], 0)).toThrow('a system needs a sound graph');
  });

  test('services are found by name, and a foreign number is a bug', () => {
    const { system } = given.system(given.service('a'));
    expect(find(system, 'a')?.spec.name).toBe('a');
    expect(find(system, 'b')).toBe(undefined);
    expect(() => at(system, 1)).toThrow('a service number must be of its system');
  });
});

const NAMES = ['a', 'b', 'c', 'd', 'e', 'f'];
const WHENS: readonly When[] = ['ready', 'started', 'completed', 'ended'];

/** Six services; each needs some of those before it, in every manner; some are tasks, some have checks. */
const worlds = fc
  .tuple(
    fc.array(
      fc.record({
        from: fc.nat(5),
        to: fc.nat(5),
        when: fc.constantFrom(...WHENS),
        need: fc.constantFrom('required' as const, 'optional' as const),
        onLoss: fc.constantFrom('ignore' as const, 'restart' as const, 'stop' as const),
      }),
      { maxLength: 9 },
    ),
    fc.array(fc.constantFrom('plain', 'task', 'checked'), { minLength: 6, maxLength: 6 }),
    fc.integer({ min: 1, max: 3 }),
  )
  .map(([edges, kinds, room]) => {
    const services = NAMES.map((name, index) => {
      const plain = given.service(name);
      const own = edges.filter((edge) => Math.max(edge.from, edge.to) === index && edge.from !== edge.to);
      const made = kinds[index] === 'task' ? plain.task() : kinds[index] === 'checked' ? plain.checked() : plain;
      return own.reduce(
        (service, { from, to, when, need, onLoss }) =>
          service.requires(NAMES[Math.min(from, to)] ?? 'a', { when, need, onLoss }),
        made,
      );
    });
    return { services, room };
  });

const HAPPENS: readonly ((told: Told, name: string) => unknown)[] = [
  (told, name) => told.start(name),
  (told, name) => told.stop(name),
  (told, name) => told.restart(name),
  (told, name) => told.wants('start', [name], { scope: 'alone' }),
  (told, name) => told.wants('stop', [name], { scope: 'alone' }),
  (told, name) => told.wants('restart', [name], { scope: 'alone', completed: 'again' }),
  (told, name) => told.started(name),
  (told, name) => told.started(name),
  (told, name) => told.answers(name, 'pass'),
  (told, name) => told.answers(name, 'fail'),
  (told, name) => told.exits(name, 0),
  (told, name) => told.exits(name, 1),
  (told, name) => told.fails(name, { code: 'not-found' }),
  (told, name) => told.fires(name, 'backoff'),
  (told, name) => told.fires(name, 'startup'),
];
const happenings = fc.array(fc.tuple(fc.nat(HAPPENS.length - 1), fc.constantFrom(...NAMES)), { maxLength: 40 });

const countsOf = (system: System): object => {
  const { counts, spawning } = system as WorkingSystem;
  return { spawning, ...Object.fromEntries(Object.entries(counts).map(([name, row]) => [name, [...row]])) };
};

describe('after anything that may happen', () => {
  const after = (
    check: (told: Told) => void,
    { services, room }: { readonly services: readonly Given[]; readonly room: number },
    happened: readonly (readonly [number, string])[],
  ): void => {
    const told = given.limited(room, ...services);
    for (const [kind, name] of happened) {
      HAPPENS[kind]?.(told.later(100), name);
      check(told);
    }
  };

  test('the counts are those that counting anew gives', () => {
    fc.assert(
      fc.property(worlds, happenings, (world, happened) => {
        after(
          ({ system }) => expect(countsOf(system)).toEqual(countsOf(rebuild(system.services, system.leaving))),
          world,
          happened,
        );
      }),
      { numRuns: 300 },
    );
  });

  test('no more starts are under way than there is room, and nobody waits without a hold', () => {
    fc.assert(
      fc.property(worlds, happenings, (world, happened) => {
        after(
          (told) => {
            expect(told.system.spawning).toBeLessThanOrEqual(world.room);
            for (const { spec, phase } of told.system.services) {
              if (phase !== 'waiting') continue;
              const hold = told.hold(spec.name);
              expect(hold).not.toBe(null);
              if (hold === 'capacity') expect(told.system.spawning).toBe(world.room);
            }
          },
          world,
          happened,
        );
      }),
      { numRuns: 300 },
    );
  });

  test('whoever is to stop and may not names a holder that lives', () => {
    fc.assert(
      fc.property(worlds, happenings, (world, happened) => {
        after(
          (told) => {
            for (const service of told.system.services) {
              if (desiredOf(service) === 'up' || (service.phase !== 'ready' && service.phase !== 'starting')) continue;
              const [, names = ''] = told.hold(service.spec.name)?.split(': ') ?? [];
              expect(names).not.toBe('');
              for (const name of names.split(', ')) expect(isLive(told.phase(name))).toBe(true);
            }
          },
          world,
          happened,
        );
      }),
      { numRuns: 300 },
    );
  });

  test('with everybody told to stop and every run ended, nothing is left', () => {
    fc.assert(
      fc.property(worlds, happenings, (world, happened) => {
        const told = given.limited(world.room, ...world.services);
        for (const [kind, name] of happened) HAPPENS[kind]?.(told.later(100), name);
        told.stop(...NAMES);
        for (let round = 0; round < NAMES.length; round += 1) for (const name of NAMES) told.exits(name, 0);
        expect(
          Object.values(told.phases).filter((phase) => !['stopped', 'failed', 'completed'].includes(phase)),
        ).toEqual([]);
      }),
      { numRuns: 300 },
    );
  });

  test('with everybody told to start and every run going well, everybody is up', () => {
    fc.assert(
      fc.property(worlds, happenings, (world, happened) => {
        const services = world.services.map((each) =>
          each.with({ dependencies: each.spec.dependencies.map((edge) => ({ ...edge, when: 'ready' })) }),
        );
        const told = given.limited(world.room, ...services);
        for (const [kind, name] of happened) HAPPENS[kind]?.(told.later(100), name);
        told.start(...NAMES);
        for (let round = 0; round < 3 * NAMES.length; round += 1) {
          for (const name of NAMES) {
            told.later(100);
            if (told.phase(name) === 'stopping') told.exits(name, 0);
            if (told.phase(name) === 'backoff') told.fires(name, 'backoff');
            if (told.phase(name) === 'failed') told.start(name);
            if (told.phase(name) === 'starting') told.brings(name);
          }
        }
        expect(Object.values(told.phases).filter((phase) => phase !== 'ready' && phase !== 'completed')).toEqual([]);
      }),
      { numRuns: 300 },
    );
  });
});
