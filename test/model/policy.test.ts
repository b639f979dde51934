import { expect, test } from 'vitest';
import { PLAIN_POLICY, changedRules } from '../../src/model/policy.ts';

test('rules that differ are named as a file names them', () => {
  const commands = [['/usr/bin/true']];
  expect(changedRules(PLAIN_POLICY, PLAIN_POLICY)).toEqual([]);
  expect(changedRules(PLAIN_POLICY, { ...PLAIN_POLICY, commands, user: 'required' })).toEqual([
    'require_user',
    'commands',
  ]);
  expect(changedRules({ ...PLAIN_POLICY, commands }, { ...PLAIN_POLICY, commands: [['/usr/bin/true']] })).toEqual([]);
});
