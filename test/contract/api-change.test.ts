import { expect, test } from 'vitest';
import { apiChange, changeOrder, serviceOrder, toApiChange, toChangeRequest } from '../../src/contract/api-change.ts';
import { change } from '../api/fake-supervisor.ts';

const BY = { via: 'cli', name: 'jo' } as const;

test('a change counts the tasks that have ended, in whichever way', () => {
  const [task] = change('1').tasks;
  if (task === undefined) throw new Error('the fixture has no task');
  const states = ['waiting', 'doing', 'done', 'failed', 'skipped', 'canceled'] as const;
  const made = toApiChange(change('1', { tasks: states.map((state) => ({ ...task, state })) }));
  expect(made.progress).toEqual({ done: 4, total: 6 });
  expect(apiChange.parse(made)).toEqual(made);
});

test('the last lines are asked for task by task', () => {
  const made = toApiChange(change('1'), ({ service }) => [`${service} said so`]);
  expect(made.tasks.map(({ log }) => log)).toEqual([['web said so']]);
});

test('an order of the person beats the rule of its action', () => {
  const options = { dependents: 'include', completed: 'again', dependencies: 'closure' } as const;
  expect(toChangeRequest({ action: 'stop', services: ['db'], options }, BY)).toEqual({
    action: 'stop',
    services: ['db'],
    ...options,
    by: BY,
  });
});

test.for([
  { action: 'up', service: ['web'] },
  { action: 'up', options: { force: true } },
  { action: 'up', services: 'web' },
  { action: 'up', services: [7] },
  { services: ['web'] },
])('the order %o is no order', (order) => {
  expect(changeOrder.safeParse(order).success).toBe(false);
});

test('the order of one service takes the options themselves', () => {
  expect(serviceOrder.safeParse({ dependents: 'include', dry_run: true }).success).toBe(true);
  expect(serviceOrder.safeParse({ options: {} }).success).toBe(false);
});

test('a stop may be asked for without grace, and an order that takes nobody’s place', () => {
  const order = changeOrder.parse({
    action: 'stop',
    services: ['db'],
    options: { grace: 'none', on_conflict: 'refuse' },
  });
  expect(toChangeRequest(order, BY)).toMatchObject({ grace: 'none', onConflict: 'refuse' });
  expect(changeOrder.safeParse({ action: 'stop', options: { grace: 'some' } }).success).toBe(false);
});
