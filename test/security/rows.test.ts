import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { ROWS } from './rows.ts';

const ROOT = join(import.meta.dirname, '../..');
const files = globSync('test/security/*.test.ts', { cwd: ROOT }).map((path) => ({
  path,
  text: readFileSync(join(ROOT, path), 'utf8'),
}));
const titles = files.flatMap(({ text }) => [...text.matchAll(/['"`]row (\d+): /g)]).map(([, number]) => Number(number));

test('every row of the list of attacks has a test in this folder', () => {
  expect(Object.keys(ROWS)).toHaveLength(35);
  expect(Object.keys(ROWS).filter((number) => !titles.includes(Number(number)))).toEqual([]);
});

test('no attack is left out when the tests run', () => {
  const off = /\b(?:test|it|describe)\.(?:skip|todo|only|skipIf|runIf|fails)\b/;
  expect(files.filter(({ text }) => off.test(text)).map(({ path }) => path)).toEqual([]);
});

test('every attack is named by a row of the list', () => {
  expect(titles.filter((number) => !Object.hasOwn(ROWS, number))).toEqual([]);
});
