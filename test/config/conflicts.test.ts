import { expect, test } from 'vitest';
import { findGraphFaults } from '../../src/core/graph-faults.ts';
import { faultsOf, load } from './given.ts';

const two = (lines: string): string => `[services.a]\ncommand = "x"\n${lines}\n[services.busy]\ncommand = "x"`;
const short = async (text: string): Promise<string[]> =>
  (await faultsOf(text, { check: findGraphFaults })).map((fault) => fault.replace('rouse.toml:', ''));

test('conflicts are names, each replica of one among them', async () => {
  const { definition } = await load({ 'rouse.toml': `${two('conflicts = ["busy"]')}\nreplicas = 2` });
  expect(definition.services[0]?.conflicts).toEqual(['busy@1', 'busy@2']);
});

test('what it starts after is an edge that needs nothing', async () => {
  const { definition } = await load({ 'rouse.toml': two('after = ["busy"]') });
  expect(definition.services[0]?.dependencies).toMatchObject([{ name: 'busy', need: 'order', when: 'ready' }]);
});

test('what it needs anyway is not put in again by its order', async () => {
  const { definition } = await load({ 'rouse.toml': two('after = ["busy"]\ndepends_on = ["busy"]') });
  expect(definition.services[0]?.dependencies).toMatchObject([{ name: 'busy', need: 'required' }]);
});

test.for([
  ['conflicts = ["bussy"]', 'RSE1203 3:14+7 "a" conflicts with "bussy", which does not exist'],
  ['conflicts = ["a"]', 'RSE1202 3:14+3 "a" conflicts with itself'],
  ['conflicts = ["busy", "busy"]', 'RSE1117 3:22+6 "a" names "busy" twice as a conflict'],
  ['after = ["bussy"]', 'RSE1203 3:10+5 "a" starts after "bussy", which does not exist'],
  ['after = ["a"]', 'RSE1202 3:10+1 "a" starts after itself'],
] as const)('is refused: %s', async ([line, fault]) => {
  expect(await short(two(line))).toEqual([fault]);
});
