import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { FILE_NAMES, discover } from '../../src/config/discover.ts';
import { RouseError } from '../../src/model/errors.ts';
import { folderWith } from './given.ts';

function refusal(start: string): RouseError {
  try {
    discover(start, {});
  } catch (error) {
    if (error instanceof RouseError) return error;
  }
  throw new Error('it was found');
}

describe('a definition', () => {
  test.for(FILE_NAMES)('is found as %s', (name) => {
    const folder = folderWith({ [name]: '' });
    expect(discover(folder, {})).toEqual({ files: [join(folder, name)] });
  });

  test('is found in the nearest folder upwards', () => {
    const folder = folderWith({ 'rouse.toml': '', 'a/rouse.json': '', 'a/b/c/x': '' });
    expect(discover(join(folder, 'a/b/c'), {}).files).toEqual([join(folder, 'a/rouse.json')]);
  });

  test('is not looked for above a folder with .git', () => {
    const folder = folderWith({ 'rouse.toml': '', 'repo/src/x': '' });
    mkdirSync(join(folder, 'repo/.git'));
    expect(refusal(join(folder, 'repo/src'))).toMatchObject({ code: 'RSE0101' });
    expect(discover(join(folder, 'repo', '..'), {}).files).toEqual([join(folder, 'rouse.toml')]);
  });

  test('is not a folder of that name, nor an overlay', () => {
    const folder = folderWith({ 'rouse.toml/x': '', '.git/x': '', 'rouse.local.toml': '', 'rouse.prod.yaml': '' });
    expect(refusal(folder).code).toBe('RSE0101');
  });

  test('is what ROUSE_FILE names, several parted by colons', () => {
    expect(discover('/srv', { ROUSE_FILE: 'a.toml:/etc/b.yaml:-' }).files).toEqual(['/srv/a.toml', '/etc/b.yaml', '-']);
    const folder = folderWith({ 'rouse.toml': '' });
    expect(discover(folder, { ROUSE_FILE: '' }).files).toHaveLength(1);
  });

  test('cannot be chosen from two in one folder', () => {
    const folder = folderWith({ 'rouse.yaml': '', 'rouse.toml': '' });
    expect(refusal(folder)).toMatchObject({
      code: 'RSE0102',
      message: `cannot choose a definition: "${folder}" holds "rouse.toml" and "rouse.yaml"`,
      hint: 'remove one, or name the one you mean: -f rouse.toml',
    });
  });

  test('that is not there is told with what other tools left', () => {
    const folder = folderWith({ 'compose.yaml': '', Procfile: '', 'package.json': '{}', '.git/x': '' });
    expect(refusal(folder)).toMatchObject({
      code: 'RSE0101',
      message:
        `cannot find a definition: there is no rouse.toml in "${folder}"; found compose.yaml (a Compose file), ` +
        'Procfile (a Procfile), package.json, whose scripts can become services',
      hint: 'write one with "rouse init", or name a file: -f FILE',
    });
  });

  test('that is not there is told with how far it was looked for', () => {
    const folder = folderWith({ 'a/b/x': '', '.git/x': '' });
    expect(refusal(join(folder, 'a/b')).message).toBe(
      `cannot find a definition: there is no rouse.toml in "${join(folder, 'a/b')}" or a folder above it, up to "${folder}"`,
    );
  });
});
