import { describe, expect, test } from 'vitest';
import { findConflictFaults } from '../../src/core/conflict-faults.ts';
import { findGraphFaults } from '../../src/core/graph-faults.ts';
import { compileGraph } from '../../src/core/graph.ts';
import { planChange } from '../../src/core/plan.ts';
import type { Given } from './given.ts';
import { given } from './given.ts';

const blue = given.service('blue');
const green = given.service('green').with({ conflicts: ['blue'] });

describe('conflicts', () => {
  test.for([
    ['blue', 'green'],
    ['green', 'blue'],
  ] as const)('starting one stops the other, whoever says it: %s gives way to %s', ([first, second]) => {
    const told = given.system(blue, green);
    told.start(first);
    told.brings(first);
    expect(told.start(second).moves).toEqual([`${second} stopped → waiting`, `${first} ready → stopping`]);
    expect(told.hold(second)).toBe(`conflict: ${first}`);
    expect(told.of(first).reason).toEqual({ code: 'conflict', service: second });
    expect(told.exits(first, 0).moves).toEqual([`${first} stopping → stopped`, `${second} waiting → starting`]);
    expect(told.of(first).reason).toEqual({ code: 'conflict', service: second });
  });

  test('a start is held until the other has really ended, even when it is asked for alone', () => {
    const told = given.system(blue, green);
    told.start('blue');
    told.brings('blue');
    told.wants('start', ['green'], { scope: 'alone' });
    told.fires('blue', 'kill');
    expect(told.phase('green')).toBe('waiting');
  });

  test('stopping one frees the other, and nothing comes back by itself', () => {
    const told = given.system(blue, green);
    told.start('blue');
    told.brings('blue');
    told.start('green');
    told.exits('blue', 0);
    told.brings('green');
    told.stop('green');
    told.exits('green', 0);
    expect(told.phases).toEqual({ blue: 'stopped', green: 'stopped' });
    told.start('blue');
    expect(told.phase('blue')).toBe('starting');
  });

  test('what requires the one that gives way goes first; what can do without it stays', () => {
    const told = given.system(blue, green, given.service('app').requires('blue'), given.service('log').wants('blue'));
    told.start('app', 'log');
    told.brings('blue', 'app', 'log');
    expect(told.start('green').moves).toEqual(['green stopped → waiting', 'app ready → stopping']);
    expect(told.exits('app', 0).moves).toEqual(['app stopping → stopped', 'blue ready → stopping']);
    expect(told.of('app').reason).toEqual({ code: 'conflict', service: 'green' });
    told.exits('blue', 0);
    expect(told.phases).toEqual({ blue: 'stopped', green: 'starting', app: 'stopped', log: 'ready' });
  });

  test('a reload does not wake what gave way', () => {
    const told = given.system(blue, green, given.service('log').wants('blue'));
    told.start('log');
    told.brings('blue', 'log');
    told.start('green');
    told.exits('blue', 0);
    told.brings('green');
    told.redefines(blue, green, given.service('log').wants('blue'));
    expect(told.phases).toMatchObject({ blue: 'stopped', green: 'ready' });
  });

  test('of two that a new definition sets against each other, the one that was asked for last stays', () => {
    const told = given.system(blue, given.service('green'));
    told.start('green');
    told.start('blue');
    told.brings('blue', 'green');
    told.redefines(blue, green);
    expect(told.phases).toEqual({ blue: 'ready', green: 'stopping' });
  });

  test('a plan says what gives way, and that first', () => {
    const told = given.system(blue, green);
    told.start('blue');
    told.brings('blue');
    const order = { action: 'start', services: ['green'], dependencies: 'closure', dependents: 'leave' } as const;
    expect(planChange(told.system, { ...order, completed: 'keep' })).toMatchObject({
      order: ['blue', 'green'],
      waves: [['blue'], ['green']],
      steps: [
        { service: 'blue', action: 'stop', why: 'conflicts with green' },
        { service: 'green', action: 'start', why: 'asked for' },
      ],
    });
  });
});

describe('conflicts that cannot be kept', () => {
  const faults = (...services: readonly Given[]) => {
    const specs = services.map(({ spec }) => spec);
    const compiled = compileGraph(specs);
    if (compiled.type !== 'sound') throw new Error('the graph is sound');
    expect(findGraphFaults(specs).filter(({ code }) => code === 'RSE1206')).toEqual(
      findConflictFaults(specs, compiled.graph),
    );
    return findConflictFaults(specs, compiled.graph).map(({ message, services: names }) => [message, names]);
  };

  test('a service may not require what it conflicts with, by whatever way', () => {
    const app = given.service('app').requires('blue');
    expect(faults(blue, app.with({ conflicts: ['blue'] }))).toEqual([
      ['"app" conflicts with "blue", which it requires', ['app', 'blue']],
    ]);
    const top = given
      .service('top')
      .requires('app')
      .with({ conflicts: ['blue'] });
    expect(faults(blue, app, top)).toEqual([['"top" conflicts with "blue", which it requires', ['top', 'blue']]]);
  });

  test('nobody may require both sides of a conflict', () => {
    const both = given.service('both').requires('blue').requires('green');
    expect(faults(blue, green, both)).toEqual([
      ['"green" conflicts with "blue", and "both" requires both', ['green', 'blue', 'both']],
    ]);
  });

  test('who can do without one side, or comes after it, may name both', () => {
    expect(faults(blue, green, given.service('both').requires('blue').wants('green'))).toEqual([]);
    expect(faults(blue, green.requires('blue', { need: 'order' }))).toEqual([]);
  });

  test('what is only watched cannot give way', () => {
    expect(faults(blue.external(), green)).toEqual([
      ['"green" conflicts with "blue", and "blue" is external: Rouse cannot stop it', ['green', 'blue']],
    ]);
  });
});
