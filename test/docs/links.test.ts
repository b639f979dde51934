// A link inside the repository leads somewhere.
import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { expect, test } from 'vitest';
import { ROOT } from './document.ts';

const below = readdirSync(join(ROOT, 'docs'), { recursive: true, encoding: 'utf8' })
  .filter((name) => name.endsWith('.md'))
  .map((name) => `docs/${name}`);

test.each(['README.md', 'CONTRIBUTING.md', 'CHANGELOG.md', ...below])('%s links only to what is there', (page) => {
  const text = readFileSync(join(ROOT, page), 'utf8').replaceAll(/^```.*?^```$/gms, '');
  const targets = [...text.matchAll(/\]\(([^)#\s]+)(?:#[^)]*)?\)/g)].map(([, target = '']) => target);
  const inside = targets.filter((target) => !/^[a-z]+:/.test(target));
  expect(inside.filter((target) => !existsSync(join(ROOT, dirname(page), target)))).toEqual([]);
});

test('every page of the guide and the reference is in the index', () => {
  const index = readFileSync(join(ROOT, 'docs/README.md'), 'utf8');
  const wanted = below.map((page) => page.slice('docs/'.length)).filter((page) => /^(guide|reference)\//.test(page));
  expect(wanted.filter((page) => !index.includes(`(${page})`))).toEqual([]);
});

test('a decision is dated, is at most 60 lines long, and its number is its own', () => {
  const decisions = readdirSync(join(ROOT, 'docs/adr')).filter((name) => name.endsWith('.md'));
  const numbers = decisions.map((name) => name.slice(0, 4));
  expect(new Set(numbers).size).toBe(numbers.length);
  for (const name of decisions) {
    const lines = readFileSync(join(ROOT, 'docs/adr', name), 'utf8')
      .trimEnd()
      .split('\n');
    expect({ name, long: lines.length > 60, date: lines[2] }).toMatchObject({ name, long: false });
    expect(lines[2]).toMatch(/^\d{4}-\d{2}-\d{2}$/);
    for (const heading of ['## Context', '## Decision', '## Consequences', '## Rejected'])
      expect(lines).toContain(heading);
  }
});
