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

test('a service that asks for no confinement and no secret has the hash that it had before there were such keys', () => {
  const services = {
    b: { command: 'x' },
    t: { type: 'task', command: 'y', limits: { cpus: 1 } },
    c: { start_command: 'systemctl start c', health_check_endpoint: 'http://localhost:1/' },
  };
  // Written down from the version before: whoever upgrades must not see every service as changed.
  expect(document({ name: 'a', services }).definition.services.map(({ hash }) => hash)).toEqual([
    'b610aa12906109e620b5ddef31d5a44b57600c57f7ff610bbd5439613836d97b',
    '73602af58a2493abefbb6336055df438e2ad0f8397d679ff32552508db3be63f',
    'b217b881035e15d722aa792ebf16c55df68f0facb530b19dd011e54c1b108cb6',
  ]);
});

test('a hash changes with each key of the confinement and with each secret', () => {
  const confinement = spec.confinement;
  const changes = [
    { ...spec, confinement: { ...confinement, user: 'a' } },
    { ...spec, confinement: { ...confinement, group: 'a' } },
    { ...spec, confinement: { ...confinement, sandbox: 'strict' as const } },
    { ...spec, confinement: { ...confinement, network: 'none' as const } },
    { ...spec, confinement: { ...confinement, writable: ['/a'] } },
    { ...spec, confinement: { ...confinement, lowPorts: 'allowed' as const } },
    { ...spec, confinement: { ...confinement, limits: { ...confinement.limits, nice: 1 } } },
    { ...spec, secrets: { A: { file: '/a', as: 'file' as const, origin: null } } },
    { ...spec, secrets: { A: { file: '/a', as: 'env' as const, origin: null } } },
  ];
  expect(new Set([spec, ...changes].map(specHash)).size).toBe(changes.length + 1);
});
