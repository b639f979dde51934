import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { execFileSync } from 'node:child_process';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { PLANTED_BUGS } from './planted.ts';

const root = fileURLToPath(new URL('../../', import.meta.url));
/** Seeds that a planted bug may take at most; the kept list of a healthy core is far longer. */
const SEEDS = 600;
let folder = '';

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'rouse-planted-'));
  for (const room of ['model', 'core', 'ports', 'engine', 'clock', 'testing']) {
    cpSync(join(root, 'src', room), join(folder, 'src', room), { recursive: true });
  }
  cpSync(join(root, 'test', 'sim', 'run.ts'), join(folder, 'test', 'sim', 'run.ts'));
  writeFileSync(join(folder, 'package.json'), '{ "type": "module" }');
});

afterAll(() => rmSync(folder, { recursive: true, force: true }));

function simulate(seeds: number): { readonly code: number; readonly output: string } {
  const script = join(folder, 'test', 'sim', 'run.ts');
  try {
    const output = execFileSync(
      process.execPath,
      [script, '--from', '1', '--seeds', String(seeds), '--seconds', '60'],
      {
        encoding: 'utf8',
      },
    );
    return { code: 0, output };
  } catch (error) {
    if (!(error instanceof Error) || !('status' in error) || !('stdout' in error)) throw error;
    return { code: Number(error.status), output: String(error.stdout) };
  }
}

describe('the simulator sees what is planted', () => {
  test('there are at least 15 planted bugs, each with a name of its own', () => {
    expect(new Set(PLANTED_BUGS.map((bug) => bug.name)).size).toBeGreaterThanOrEqual(15);
    expect(new Set(PLANTED_BUGS.map((bug) => bug.name)).size).toBe(PLANTED_BUGS.length);
  });

  test('the copy without a bug passes', () => {
    expect(simulate(60)).toMatchObject({ code: 0 });
  });

  test.each(PLANTED_BUGS)('it is caught when $name', ({ file, from, to }) => {
    const path = join(folder, 'src', file);
    const healthy = readFileSync(path, 'utf8');
    expect(healthy.split(from), `the text to replace is once in ${file}`).toHaveLength(2);
    writeFileSync(
      path,
      healthy.replace(from, () => to),
    );
    try {
      const { code, output } = simulate(SEEDS);
      expect(output).toMatch(/^seed \d+ failed$/m);
      expect(code).toBe(1);
    } finally {
      writeFileSync(path, healthy);
    }
  });
});
