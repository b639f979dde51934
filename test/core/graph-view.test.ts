import { expect, test } from 'vitest';
import { graphView } from '../../src/core/graph-view.ts';
import { given } from './given.ts';

test('the graph shows services and edges as declared, its waves and its longest chain', () => {
  const { system } = given.system(
    given.service('web').requires('db', { onLoss: 'restart' }).requires('seed', { when: 'completed' }).wants('mail'),
    given.service('db'),
    given.service('seed').task().requires('db'),
    given.service('mail'),
  );
  expect(graphView(system)).toEqual({
    services: ['web', 'db', 'seed', 'mail'],
    edges: [
      { from: 'web', to: 'db', when: 'ready', need: 'required', onLoss: 'restart' },
      { from: 'web', to: 'seed', when: 'completed', need: 'required', onLoss: 'ignore' },
      { from: 'web', to: 'mail', when: 'ready', need: 'optional', onLoss: 'ignore' },
      { from: 'seed', to: 'db', when: 'ready', need: 'required', onLoss: 'ignore' },
    ],
    waves: [['db', 'mail'], ['seed'], ['web']],
    criticalPath: ['db', 'seed', 'web'],
  });
});
