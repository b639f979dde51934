import { expect, test } from 'vitest';
import { definitionHash, specHash } from '../../src/config/hash.ts';
import { document } from './given.ts';

const { definition } = document({ name: 'a', services: { b: { command: 'x' }, t: { type: 'task', command: 'y' } } });
const [spec, task] = definition.services;
if (spec === undefined || task === undefined) throw new Error('two services were declared');

test('a hash does not depend on where a service was written', () => {
  const moved = { ...spec, origin: { file: '/x', line: 9, column: 9 } };
  expect(specHash(moved)).toBe(specHash({ ...spec, origin: null }));
});

test('a hash does not depend on the order of keys', () => {
  const turned = Object.fromEntries(Object.entries(spec).toReversed()) as typeof spec;
  expect(Object.keys(turned)).not.toEqual(Object.keys(spec));
  expect(specHash(turned)).toBe(specHash(spec));
});

test('a hash changes with every value, numbers beyond JSON among them', () => {
  const changes = [
    { ...spec, description: 'other' },
    { ...spec, env: { A: '1' } },
    { ...spec, env: { A: '1', B: '2' } },
    { ...spec, startTimeoutMs: Infinity },
    { ...spec, successCodes: [0, 1] },
    { ...spec, successCodes: [1, 0] },
    { ...spec, labels: { origin: 'x' } },
  ];
  expect(new Set([spec, ...changes].map(specHash)).size).toBe(changes.length + 1);
});

test('the hash of a definition changes with its order, its name and its settings', () => {
  const others = [
    { ...definition, name: 'other' },
    { ...definition, services: [task, spec] },
    { ...definition, settings: { ...definition.settings, orchestration: 'disabled' as const } },
  ];
  expect(new Set([definition, ...others].map(definitionHash)).size).toBe(4);
  expect(definitionHash({ ...definition, files: ['/elsewhere'] })).toBe(definition.hash);
});
