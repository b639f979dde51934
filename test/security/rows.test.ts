import { existsSync, globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { ROWS } from './rows.ts';

const ROOT = join(import.meta.dirname, '../..');
const titles = globSync('test/security/*.test.ts', { cwd: ROOT })
  .flatMap((path) => [...readFileSync(join(ROOT, path), 'utf8').matchAll(/['"`]row (\d+): /g)])
  .map(([, number]) => Number(number));

test('every row of the list of attacks has a test, but for those that wait for what is attacked', () => {
  expect(Object.keys(ROWS)).toHaveLength(35);
  const open = Object.entries(ROWS).filter(
    ([number, { elsewhere = [], open: waits }]) =>
      waits === undefined &&
      !titles.includes(Number(number)) &&
      !elsewhere.some((path) => existsSync(join(ROOT, path))),
  );
  expect(open).toEqual([]);
});

test('every attack is named by a row of the list', () => {
  expect(titles.filter((number) => !Object.hasOwn(ROWS, number))).toEqual([]);
});
