import { expect, test } from 'vitest';
import { globalFlags } from '../../src/cli/flags.ts';
import { optionsOf } from '../../src/cli/options.ts';

test('flags before and after the verb add up, and of single values the later wins', () => {
  const before = optionsOf({ file: ['a.toml'], project: 'one', quiet: true, input: false });
  const after = optionsOf({ file: ['b.toml'], project: 'two' });
  expect(globalFlags([before, after], null, {})).toMatchObject({
    files: ['a.toml', 'b.toml'],
    project: 'two',
    quiet: true,
    prompts: 'never',
    color: 'auto',
    progress: 'auto',
    json: null,
  });
});

test('the environment stands in for flags that are absent', () => {
  const env = { ROUSE_FILE: 'a.toml:b.toml', ROUSE_PROJECT: 'shop', ROUSE_OUTPUT: 'json', ROUSE_PROGRESS: 'plain' };
  expect(globalFlags([optionsOf({})], null, env)).toMatchObject({
    files: ['a.toml', 'b.toml'],
    project: 'shop',
    json: { fields: null },
    progress: 'plain',
  });
  expect(globalFlags([optionsOf({ file: ['c.toml'], progress: 'tty' })], { fields: ['name'] }, env)).toMatchObject({
    files: ['c.toml'],
    json: { fields: ['name'] },
    progress: 'tty',
  });
});
