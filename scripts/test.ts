// `npm test`: everything that has to hold before a change lands, in one command, in this order. A step that fails does
// not hide the later ones, but for the first: without the programs that the tests need nothing runs.
// The last line counts all: each test of vitest is one, each other step is one.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Step, runStep } from './step.ts';

type Command = readonly [string, ...string[]];

const step = (name: string, ...run: Command): Step => ({ name, run, counts: 'itself', failure: 'go on' });
const tests = (name: string, project: string): Step => ({
  ...step(name, 'vitest', 'run', '--project', project),
  counts: 'its tests',
});

const STEPS: readonly Step[] = [
  { ...step('programs from Debian', 'node', 'scripts/debian-setup.ts'), failure: 'stop' },
  step('format', 'oxfmt', '--check', '.'),
  step('lint', 'oxlint', '--type-aware', '--deny-warnings'),
  step('types and build', 'node', 'scripts/build.ts'),
  step('unused code', 'knip'),
  step('lock', 'node', 'scripts/lock-check.ts'),
  step('installed tree', 'sh', '-c', 'npm ls --all > /dev/null'),
  step('licences', 'node', 'scripts/licence-gate.ts'),
  step('bill of materials', 'node', 'scripts/sbom.ts', '--check'),
  step('package', 'publint', '--strict'),
  step('package, installed and used', 'node', 'scripts/pack-check.ts'),
  tests('unit tests', 'unit'),
  tests('simulator tests', 'sim'),
  step('simulator, every seed that ever failed', 'node', 'test/sim/run.ts', '--kept'),
  step('simulator, 60 s of fresh seeds', 'node', 'test/sim/run.ts', '--seconds', '60'),
  tests('end-to-end tests', 'e2e'),
  tests('attacks', 'security'),
];

/** Runs the steps and returns the exit code. Root may skip nothing; anybody else lacks the rights for some tests. */
async function main(folder: string): Promise<number> {
  const lines: string[] = [];
  const sum = { passed: 0, failed: 0, skipped: 0 };
  for (const [index, each] of STEPS.entries()) {
    process.stdout.write(`\n── ${index + 1}/${STEPS.length} ${each.name}: ${each.run.join(' ')}\n`);
    const startedAt = performance.now();
    const counts = await runStep(each, join(folder, `${index}`));
    const seconds = ((performance.now() - startedAt) / 1000).toFixed(1);
    const verdict = counts.failed === 0 ? 'ok' : 'FAILED';
    sum.passed += counts.passed;
    sum.failed += counts.failed;
    sum.skipped += counts.skipped;
    lines.push(`${verdict.padEnd(6)} ${seconds.padStart(7)} s  ${each.name}`);
    process.stdout.write(`── ${each.name}: ${verdict} after ${seconds} s\n`);
    if (counts.failed > 0 && each.failure === 'stop') break;
  }
  process.stdout.write(`\n${lines.join('\n')}\n\n`);
  process.stdout.write(`${sum.passed} passed, ${sum.failed} failed, ${sum.skipped} skipped\n`);
  const allowed = process.getuid?.() === 0 ? 0 : Number.POSITIVE_INFINITY;
  return sum.failed === 0 && sum.skipped <= allowed ? 0 : 1;
}

const folder = mkdtempSync(join(tmpdir(), 'rouse-test-'));
try {
  process.exitCode = await main(folder);
} finally {
  rmSync(folder, { recursive: true, force: true });
}
