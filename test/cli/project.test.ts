import { mkdtempSync, writeFileSync, mkdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { projectOf, writtenName } from '../../src/cli/project.ts';
import { keptSession } from './session.ts';

describe('the name that a file says is found without loading it, or not guessed', () => {
  test.each([
    ['.toml', 'name = "shop" # mine\n[services.a]\nname = "other"\n', 'shop'],
    ['.toml', "name='shop'\r\n", 'shop'],
    ['.toml', '[services.a]\nname = "other"\n', ''],
    ['.toml', 'name = "${WHO}"\n', null],
    ['.toml', 'include = "other.toml"\n', null],
    ['.toml', '"name" = "shop"\n', null],
    ['.yaml', 'name: shop\nservices:\n  a:\n    name: other\n', 'shop'],
    ['.yaml', 'services:\n  a:\n    name: other\n', ''],
    ['.yaml', 'name: "${WHO}"\n', null],
    ['.yaml', '{name: shop}\n', null],
    ['.json', '{"name":"shop"}', 'shop'],
    ['.json', '{"services":{}}', ''],
    ['.json', '[{"name":"coredns"}]', ''],
    ['.json', '{"name":', null],
    ['.ts', 'export default {}', null],
  ] as const)('%s %j', (ending, text, name) => {
    expect(writtenName(text, ending)).toBe(name);
  });
});

test('a project is named by its file, its base name, its folder, or by hand', async () => {
  const root = mkdtempSync(join(tmpdir(), 'rp-'));
  const folder = join(root, 'deep');
  mkdirSync(folder);
  const service = '[services.a]\ncommand = "true"\n';
  writeFileSync(join(folder, 'rouse.toml'), service);
  writeFileSync(join(folder, 'platform.toml'), service);
  writeFileSync(join(folder, 'named.toml'), `name = "shop"\n${service}`);
  writeFileSync(join(folder, 'Odd One.toml'), service);
  const nameOf = async (flags: Parameters<typeof keptSession>[0]): Promise<string> =>
    (await projectOf({ ...keptSession(flags), cwd: folder, env: { ROUSE_RUNTIME_DIR: '/r', ROUSE_STATE_DIR: '/s' } }))
      .name;
  expect(await nameOf({})).toBe('deep');
  expect(await nameOf({ files: ['platform.toml'] })).toBe('platform');
  expect(await nameOf({ files: ['named.toml'] })).toBe('shop');
  expect(await nameOf({ files: ['Odd One.toml'] })).toBe('odd-one');
  expect(await nameOf({ files: ['nowhere.toml'], project: 'other' })).toBe('other');
});
