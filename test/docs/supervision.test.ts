// The page on supervision cannot rot: what it calls a test is one, every rule and every bad situation has one, and every
// regression is on it.
import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { ROOT } from './document.ts';

/** A rule, or a situation, with the tests below it. */
interface Entry {
  readonly name: string;
  readonly proofs: readonly { readonly file: string; readonly title: string }[];
}

const page = readFileSync(join(ROOT, 'docs/reference/supervision.md'), 'utf8');
const entries = page
  .split(/^- \*\*/m)
  .slice(1)
  .map((text): Entry => {
    const proofs = [...text.matchAll(/^ {2}- `(test\/[^`]+)` “([^”]+)”$/gm)];
    return {
      name: text.slice(0, text.indexOf('**')),
      proofs: proofs.map(([, file = '', title = '']) => ({ file, title })),
    };
  });
const sources = new Map<string, string>();

function sourceOf(file: string): string {
  const path = join(ROOT, file);
  const source = sources.get(file) ?? (existsSync(path) ? readFileSync(path, 'utf8') : '');
  sources.set(file, source);
  return source;
}

/** Whether a test, or each of several, is written there under that title. */
const isThere = (file: string, title: string): boolean =>
  ["'", '"', '`'].some((quote) => sourceOf(file).includes(`${quote}${title}${quote}`));

test('every rule of supervision has a name of its own', () => {
  const names = entries.map(({ name }) => name);
  expect(names.length).toBeGreaterThan(130);
  expect(names.filter((name, place) => names.indexOf(name) !== place)).toEqual([]);
});

test('every rule and every bad situation names a test', () => {
  expect(entries.filter(({ proofs }) => proofs.length === 0).map(({ name }) => name)).toEqual([]);
});

test('every line below a rule names a file and a title', () => {
  const lines = page.match(/^ {2}- .*$/gm) ?? [];
  expect(lines.filter((line) => !/^ {2}- `test\/[^`]+\.test\.ts` “[^”]+”$/.test(line))).toEqual([]);
});

test('every test that is named is there, by its title', () => {
  const missing = entries.flatMap(({ name, proofs }) =>
    proofs.filter(({ file, title }) => !isThere(file, title)).map(({ file, title }) => `${name}: ${file} “${title}”`),
  );
  expect(missing).toEqual([]);
});

test('every regression is on the page with what it shows, and no other', () => {
  const told = [...page.matchAll(/^\| `([^`]+)` +\| (.+?) +\|$/gm)].map(([, name, title]) => ({ name, title }));
  const folders = readdirSync(join(ROOT, 'test/regressions'), { withFileTypes: true }).filter((each) =>
    each.isDirectory(),
  );
  expect(new Set(told.map(({ name }) => name))).toEqual(new Set(folders.map(({ name }) => name)));
  const wrong = told.filter(({ name, title = '' }) => !isThere(`test/regressions/${name}/scenario.test.ts`, title));
  expect(wrong).toEqual([]);
});
