// The files of this folder are programs of users that must compile, with `@ts-expect-error` above what must not.
// The compiler reads them in `npm test` anyway; this runs it for them alone, and shows that it can fail.
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';

const ROOT = join(import.meta.dirname, '../..');

/** What the compiler says of the files that a pattern names, relative to a folder below the checkout. */
function compile(folder: string, include: string): string {
  const project = join(folder, 'tsconfig.json');
  const base = join(ROOT, 'test/tsconfig.json');
  writeFileSync(
    project,
    JSON.stringify({
      extends: base,
      include: [include],
      references: [],
      compilerOptions: { incremental: false, tsBuildInfoFile: null },
    }),
  );
  return spawnSync(join(ROOT, 'node_modules/.bin/tsc'), ['-p', project], { cwd: ROOT, encoding: 'utf8' }).stdout;
}

function inFolder<T>(use: (folder: string) => T): T {
  mkdirSync(join(ROOT, 'node_modules/.cache'), { recursive: true });
  const folder = mkdtempSync(join(ROOT, 'node_modules/.cache/types-'));
  try {
    return use(folder);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

test('the public types accept what users write, and refuse what they must not', { timeout: 60_000 }, () => {
  expect(inFolder((folder) => compile(folder, join(ROOT, 'test/types/*.ts')))).toBe('');
});

test('an error that is expected and does not come fails the type tests', () => {
  const planted = inFolder((folder) => {
    writeFileSync(
      join(folder, 'planted.ts'),
      '// @ts-expect-error a text is no number\nexport const a: string = "text";\n',
    );
    return compile(folder, 'planted.ts');
  });
  expect(planted).toContain('TS2578');
});
