import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';

const ROOT = join(import.meta.dirname, '../..');
const text = (path: string): string => readFileSync(join(ROOT, path), 'utf8');
const TEST_COMMAND = 'npm ci && npm test';

test('README gives one command line that passes all tests, and CI runs that one and nothing else', () => {
  expect(text('README.md').split('\n')).toContain(TEST_COMMAND);
  const lines = text('.ci/run')
    .split('\n')
    .filter((line) => line !== '' && !line.startsWith('#'));
  expect(lines).toEqual(['set -euo pipefail', 'cd "$(dirname "${BASH_SOURCE[0]}")/.."', TEST_COMMAND]);
});

test('every npm script that a document names exists', () => {
  const { scripts }: { scripts: Record<string, string> } = JSON.parse(text('package.json'));
  const named = ['README.md', 'CONTRIBUTING.md'].flatMap((path) =>
    [...text(path).matchAll(/(?:^|`)npm run ([a-z:-]+)/gm)].map(([, name]) => name),
  );
  expect(named.length).toBeGreaterThan(0);
  for (const name of named) expect(Object.keys(scripts)).toContain(name);
});
