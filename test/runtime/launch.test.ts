import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type LaunchPlace, launchOf } from '../../src/runtime/launch.ts';
import { command } from './given.ts';

let place: LaunchPlace;
beforeAll(() => {
  const directory = mkdtempSync(join(tmpdir(), 'rouse-launch-'));
  for (const name of ['nu', 'tool']) writeFileSync(join(directory, name), '', { mode: 0o755 });
  writeFileSync(join(directory, 'script.nu'), '');
  place = { path: directory, directory, umask: null, nuPath: null, environment: {}, guard: () => null };
});
afterAll(() => rmSync(place.directory, { recursive: true }));

test('a program is executed by its absolute path with its own words', () => {
  expect(launchOf(command('tool', '-a', 'b c'), place)).toEqual({
    type: 'launch',
    file: join(place.directory, 'tool'),
    args: ['-a', 'b c'],
  });
});

test('a shell line is one word of the shell, whatever PATH says', () => {
  expect(launchOf({ ...command('a; b'), via: 'shell' }, place)).toMatchObject({
    file: '/bin/sh',
    args: ['-c', 'a; b'],
  });
});

test('a Nushell script is the first word of Nushell', () => {
  expect(launchOf({ ...command('script.nu', '--stop'), via: 'nushell' }, place)).toMatchObject({
    file: join(place.directory, 'nu'),
    args: ['script.nu', '--stop'],
  });
  expect(launchOf({ ...command('-c', 'print 1'), via: 'nushell' }, place)).toMatchObject({ args: ['-c', 'print 1'] });
});

test('a mask is set by a shell that becomes the program and takes its own variables away again', () => {
  expect(launchOf(command('tool', '$HOME'), { ...place, umask: 0o27, environment: { PWD: '/given' } })).toEqual({
    type: 'launch',
    file: '/bin/sh',
    args: ['-c', 'umask 0027; unset OLDPWD SHLVL _; exec "$@"', 'rouse', join(place.directory, 'tool'), '$HOME'],
  });
});

test('the working directory is looked at before the program', () => {
  expect(launchOf(command('missing'), { ...place, directory: '/nowhere' })).toMatchObject({
    fault: { code: 'bad-directory' },
  });
});
