// The lint is trusted with rules that decide about correctness. Here each is shown a fault that it must find.
import { spawnSync } from 'node:child_process';
import { cpSync, globSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';

const ROOT = join(import.meta.dirname, '../..');

const PLANTED = {
  'typescript(no-floating-promises)': 'async function f() {}\nf();\nexport {};\n',
  'typescript(no-misused-promises)': 'declare function on(f: () => void): void;\non(async () => {});\nexport {};\n',
  'typescript(switch-exhaustiveness-check)':
    "export const f = (a: 'x' | 'y') => {\n  switch (a) {\n    case 'x':\n      return 1;\n  }\n  return 2;\n};\n",
  'typescript(no-explicit-any)': 'export const a: any = 1;\n',
  'typescript(no-non-null-assertion)': 'export const f = (a?: { b: 1 }) => a!.b;\n',
  'typescript(consistent-type-imports)': "import { URL } from 'node:url';\nexport let a: URL | undefined;\n",
  'typescript(only-throw-error)': "export const f = () => {\n  throw 'text';\n};\n",
  'typescript(return-await)':
    'export async function f(g: () => Promise<void>) {\n  try {\n    return g();\n  } catch {\n    return undefined;\n  }\n}\n',
  'eslint(max-params)': 'export const f = (a: 1, b: 2, c: 3, d: 4, e: 5) => [a, b, c, d, e];\n',
  'eslint(eqeqeq)': 'export const f = (a: string) => a == "b";\n',
} as const;
const CYCLE = {
  'first.ts': "import type { B } from './second.ts';\nexport type A = B;\n",
  'second.ts': "import type { A } from './first.ts';\nexport type B = A[];\n",
};

interface Report {
  readonly diagnostics: readonly { readonly code: string; readonly filename: string }[];
}

let folder = '';
let report: Report = { diagnostics: [] };

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'rouse-lint-'));
  for (const [index, text] of Object.values(PLANTED).entries())
    writeFileSync(join(folder, `planted-${index}.ts`), text);
  for (const [file, text] of Object.entries(CYCLE)) writeFileSync(join(folder, file), text);
  cpSync(join(ROOT, '.oxlintrc.json'), join(folder, '.oxlintrc.json'));
  writeFileSync(
    join(folder, 'tsconfig.json'),
    JSON.stringify({ extends: join(ROOT, 'test/tsconfig.json'), include: ['*.ts'], references: [] }),
  );
  symlinkSync(join(ROOT, 'node_modules'), join(folder, 'node_modules'));
  const { stdout } = spawnSync('oxlint', ['--type-aware', '-f', 'json', ...globSync('*.ts', { cwd: folder })], {
    cwd: folder,
    encoding: 'utf8',
  });
  report = JSON.parse(stdout);
});
afterAll(() => rmSync(folder, { recursive: true }));

test.for(Object.keys(PLANTED).map((rule, index) => ({ rule, index })))(
  'a planted fault is found: $rule',
  ({ rule, index }) => {
    const found = report.diagnostics
      .filter(({ filename }) => filename.endsWith(`planted-${index}.ts`))
      .map(({ code }) => code);
    expect(found).toContain(rule);
  },
);

test('a cycle of type imports is found', () => {
  expect(
    report.diagnostics.some(({ code, filename }) => code === 'import(no-cycle)' && filename.endsWith('first.ts')),
  ).toBe(true);
});
