import { expect, test } from 'vitest';
import { declaredName, meantBy, replicaName, replicaOf, replicasByName } from '../../src/model/replica.ts';

test('a replica has the name of its service and a number from 1', () => {
  expect(replicaOf('web@12')).toEqual({ of: 'web', number: 12 });
  for (const name of ['web', 'web@', 'web@0', 'web@01', '@1', 'web@1000']) expect(replicaOf(name)).toBeNull();
  expect(replicaName('web', 2)).toBe('web@2');
  expect([declaredName('web@2'), declaredName('web')]).toEqual(['web', 'web']);
});

test('a name means the replicas that bear it, else itself', () => {
  const members = replicasByName(['web@1', 'db', 'web@2']);
  expect(meantBy(members, 'web')).toEqual(['web@1', 'web@2']);
  expect(meantBy(members, 'db')).toEqual(['db']);
});
