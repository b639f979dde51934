import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { runStep } from '../../scripts/step.ts';

let folder = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'rouse-step-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

const shell = (script: string, counts: 'itself' | 'its tests') =>
  runStep({ name: 'planted', run: ['sh', '-c', script], counts, failure: 'go on' }, join(folder, 'counts'));

describe('a step of npm test', () => {
  test('counts as one passed when it exits with 0, else as one failed', async () => {
    expect(await shell('exit 0', 'itself')).toEqual({ passed: 1, failed: 0, skipped: 0 });
    expect(await shell('exit 3', 'itself')).toEqual({ passed: 0, failed: 1, skipped: 0 });
    expect(await shell('kill -KILL $$', 'itself')).toEqual({ passed: 0, failed: 1, skipped: 0 });
  });

  test('fails when its program is not there', async () => {
    const step = { name: 'planted', run: ['/nonexistent/program'], counts: 'itself', failure: 'go on' } as const;
    expect(await runStep(step, join(folder, 'counts'))).toEqual({ passed: 0, failed: 1, skipped: 0 });
  });

  test('counts the tests that its reporter wrote down', async () => {
    const counts = await shell('echo "7 passed, 2 failed, 1 skipped" > "$ROUSE_TEST_COUNTS"; exit 1', 'its tests');
    expect(counts).toEqual({ passed: 7, failed: 2, skipped: 1 });
  });

  test('has one failure more when it fails although every test passed', async () => {
    const counts = await shell('echo "7 passed, 0 failed, 0 skipped" > "$ROUSE_TEST_COUNTS"; exit 1', 'its tests');
    expect(counts).toEqual({ passed: 7, failed: 1, skipped: 0 });
  });

  test('fails when it ran no test, or ended before counting', async () => {
    expect(await shell('exit 0', 'its tests')).toEqual({ passed: 0, failed: 1, skipped: 0 });
    const counts = await shell('echo "0 passed, 0 failed, 0 skipped" > "$ROUSE_TEST_COUNTS"', 'its tests');
    expect(counts).toEqual({ passed: 0, failed: 1, skipped: 0 });
  });

  test('finds the Node of this checkout first', async () => {
    const script = 'node -e "process.exit(Number(process.version.split(/[v.]/)[1]) >= 24 ? 0 : 1)"';
    expect(await shell(script, 'itself')).toEqual({ passed: 1, failed: 0, skipped: 0 });
  });
});

test('the reporter counts passed, failed, skipped and unloadable tests', async () => {
  const file = join(folder, 'planted.test.ts');
  const broken = join(folder, 'broken.test.ts');
  writeFileSync(
    file,
    "import { test } from 'vitest';\ntest('a', () => {});\ntest('b', () => { throw 1; });\ntest.skip('c', () => {});\n",
  );
  writeFileSync(broken, "throw new Error('planted');\n");
  const reporter = join(import.meta.dirname, '../../tools/ci-reporter.ts');
  const config = join(folder, 'vitest.config.mts');
  writeFileSync(
    config,
    `import Ci from ${JSON.stringify(reporter)};\nexport default { test: { reporters: [new Ci()] } };\n`,
  );
  const counts = await runStep(
    {
      name: 'planted',
      run: ['vitest', 'run', '--root', folder, '--config', config],
      counts: 'its tests',
      failure: 'go on',
    },
    join(folder, 'counts'),
  );
  expect(counts).toEqual({ passed: 1, failed: 2, skipped: 1 });
});
