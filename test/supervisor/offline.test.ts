import { expect, test } from 'vitest';
import { check, graph, plan } from '../../src/supervisor/offline.ts';
import { given } from '../core/given.ts';
import { definition, order } from './given.ts';

const db = given.service('db');
const web = given.service('web').requires('db');

test('a sound set has no faults, a circle has one', () => {
  expect(check([db.spec, web.spec])).toEqual([]);
  expect(check([db.requires('web').spec, web.spec])).toHaveLength(1);
});

test('a plan without a daemon is that of a set in which nothing runs', () => {
  const { order: inOrder, waves } = plan(definition(web, db), order('up', ['web']));
  expect({ inOrder, waves }).toEqual({ inOrder: ['db', 'web'], waves: [['db'], ['web']] });
});

test('the graph names who needs whom', () => {
  expect(graph(definition(db, web)).edges).toMatchObject([{ from: 'web', to: 'db' }]);
});
