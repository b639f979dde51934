import { chmodSync, mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { directoryFault, findProgram, missingFile } from '../../src/runtime/program.ts';

let folder: string;
beforeEach(() => {
  folder = realpathSync(mkdtempSync(join(tmpdir(), 'rouse-program-')));
  for (const name of ['one', 'two']) mkdirSync(join(folder, name));
});
afterEach(() => rmSync(folder, { recursive: true }));

const file = (path: string, mode = 0o755): void => {
  writeFileSync(join(folder, path), '');
  chmodSync(join(folder, path), mode);
};
const search = (word: string): unknown => {
  const found = findProgram(word, { path: `${folder}/one:relative:${folder}/two:${folder}/one`, directory: folder });
  return found.type === 'found' ? found.path.slice(folder.length) : found.fault;
};

test('the first executable of that name on the PATH is the program', () => {
  file('two/tool');
  expect(search('tool')).toBe('/two/tool');
  file('one/tool', 0o644);
  expect(search('tool')).toBe('/two/tool');
  file('one/tool');
  expect(search('tool')).toBe('/one/tool');
});

test('a link is executed by its own name', () => {
  file('two/real');
  symlinkSync(join(folder, 'two/real'), join(folder, 'one/alias'));
  expect(search('alias')).toBe('/one/alias');
});

test('a folder of that name is no program', () => {
  mkdirSync(join(folder, 'one/tool'));
  expect(search('tool')).toMatchObject({ code: 'not-found' });
  expect(search('./one')).toMatchObject({ code: 'not-executable', message: '"./one" is a folder, not a program' });
});

test('a file of that name without permission is named', () => {
  file('one/tool', 0o644);
  expect(search('tool')).toMatchObject({ code: 'not-executable', hint: `chmod +x ${folder}/one/tool` });
});

test('a word with a slash is a path from the working directory on', () => {
  file('two/tool');
  expect(search('two/tool')).toBe('/two/tool');
  expect(search(join(folder, 'two', 'tool'))).toBe('/two/tool');
});

test('a missing program names the absolute folders that were searched, each once', () => {
  expect(search('tool')).toEqual({
    code: 'not-found',
    message: `there is no program "tool" on the PATH (${folder}/one:${folder}/two)`,
    program: 'tool',
    hint: 'install it, write its absolute path, or add its folder to the PATH',
  });
});

test('the nearest name is offered if it can be executed', () => {
  file('one/nodde', 0o644);
  file('two/node');
  expect(search('nodee')).toMatchObject({ hint: `did you mean \`node\` (${folder}/two/node)?` });
});

test('a missing path is answered with the nearest file in its folder', () => {
  file('one/server');
  expect(search('./one/servr')).toEqual({
    code: 'not-found',
    message: `"./one/servr" does not exist in "${folder}"`,
    program: './one/servr',
    hint: `did you mean \`one/server\` (${folder}/one/server)?`,
  });
  expect(missingFile(join(folder, 'one', 'servr'), '/')).toMatchObject({
    message: `"${folder}/one/servr" does not exist`,
    hint: `did you mean \`${folder}/one/server\`?`,
  });
});

test('a link in a circle is not there', () => {
  symlinkSync(join(folder, 'loop'), join(folder, 'loop'));
  expect(search('./loop')).toMatchObject({ code: 'not-found' });
});

test('a working directory is there, is a folder, or has a fault that says which', () => {
  file('plain');
  expect(directoryFault(folder)).toBeNull();
  expect(directoryFault(join(folder, 'gone'))).toMatchObject({ code: 'bad-directory', program: null });
  expect(directoryFault(join(folder, 'plain'))?.message).toBe(
    `the working directory "${folder}/plain" is not a folder`,
  );
  expect(directoryFault(join(folder, 'plain', 'below'))?.message).toContain('does not exist');
});
