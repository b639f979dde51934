// `npm test`: everything that has to hold before a change lands, in one command, in this order. A step that fails does
// not hide the later ones, but for the first: without the programs that the tests need nothing runs.
// The last line counts all: each test of vitest is one, each other step is one.
import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';

const ROOT = join(import.meta.dirname, '..');
const STEP_LIMIT_MS = 25 * 60_000;

interface Step {
  readonly name: string;
  /** Program and arguments; programs of node_modules/.bin come first on PATH. */
  readonly run: readonly [string, ...string[]];
  /** Vitest's own counts are added up in place of the step. */
  readonly counts: 'itself' | 'its tests';
  /** What a failure means for the rest. */
  readonly failure: 'go on' | 'stop';
}

interface Counts {
  readonly passed: number;
  readonly failed: number;
  readonly skipped: number;
}

const step = (name: string, ...run: readonly [string, ...string[]]): Step => ({
  name,
  run,
  counts: 'itself',
  failure: 'go on',
});
const tests = (name: string, ...run: readonly [string, ...string[]]): Step => ({
  ...step(name, ...run),
  counts: 'its tests',
});

const STEPS: readonly Step[] = [
  { ...step('programs from Debian', 'node', 'scripts/debian-setup.ts'), failure: 'stop' },
  step('format', 'oxfmt', '--check', '.'),
  step('lint', 'oxlint', '--type-aware', '--deny-warnings'),
  step('types and build', 'node', 'scripts/build.ts'),
  step('unused code', 'knip'),
  step('lock', 'node', 'scripts/lock-check.ts'),
  step('installed tree', 'npm', 'ls', '--all', '--silent'),
  step('licences', 'node', 'scripts/licence-gate.ts'),
  step('package', 'publint', '--strict'),
  step('package, installed and used', 'node', 'scripts/pack-check.ts'),
  tests('unit tests', 'vitest', 'run', '--project', 'unit'),
  tests('simulator tests', 'vitest', 'run', '--project', 'sim'),
  step('simulator, kept seeds and 60 s of fresh ones', 'node', 'test/sim/run.ts'),
  tests('end-to-end tests', 'vitest', 'run', '--project', 'e2e'),
];

/** Runs a program to its end. Gives true when it exits with 0; what outlives the limit is killed with its group. */
function succeeds([program, ...args]: readonly [string, ...string[]], countsFile: string): Promise<boolean> {
  const env = {
    ...process.env,
    PATH: [join(ROOT, 'node_modules/.bin'), process.env['PATH']].join(delimiter),
    ROUSE_TEST_COUNTS: countsFile,
  };
  const child = spawn(program, args, { cwd: ROOT, env, stdio: ['ignore', 'inherit', 'inherit'], detached: true });
  const end = (signal: NodeJS.Signals): void => {
    if (child.pid !== undefined) process.kill(-child.pid, signal);
  };
  const limit = setTimeout(() => {
    process.stdout.write(`   no end after ${STEP_LIMIT_MS / 60_000} min, killed\n`);
    end('SIGKILL');
  }, STEP_LIMIT_MS);
  const leave = (signal: NodeJS.Signals): void => {
    end(signal);
    process.exit(1);
  };
  process.once('SIGINT', leave).once('SIGTERM', leave);
  return new Promise((resolve) => {
    const settle = (succeeded: 'yes' | 'no'): void => {
      clearTimeout(limit);
      process.off('SIGINT', leave).off('SIGTERM', leave);
      resolve(succeeded === 'yes');
    };
    child.once('error', (error) => {
      process.stdout.write(`   ${error.message}\n`);
      settle('no');
    });
    child.once('exit', (code) => settle(code === 0 ? 'yes' : 'no'));
  });
}

/** The counts that vitest's reporter left behind; none means that the run died before its end. */
function countsOf(file: string): Counts | undefined {
  const [, passed, failed, skipped] = /(\d+) passed, (\d+) failed, (\d+) skipped\n$/.exec(read(file)) ?? [];
  return passed === undefined
    ? undefined
    : { passed: Number(passed), failed: Number(failed), skipped: Number(skipped) };
}

function read(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return ''; // The reporter never got to write it, which countsOf reports as a failure.
  }
}

/** A run that failed in spite of its counts is one failure more: vitest fails for reasons that are no test. */
async function runStep({ run, counts }: Step, folder: string): Promise<Counts> {
  const file = join(folder, `counts-${process.hrtime.bigint()}`);
  const succeeded = await succeeds(run, file);
  if (counts === 'itself') return { passed: succeeded ? 1 : 0, failed: succeeded ? 0 : 1, skipped: 0 };
  const counted = countsOf(file) ?? { passed: 0, failed: 1, skipped: 0 };
  const unexplained = !succeeded && counted.failed === 0 ? 1 : 0;
  const empty = succeeded && counted.passed + counted.failed === 0 ? 1 : 0;
  return { ...counted, failed: counted.failed + unexplained + empty };
}

/** Runs the steps and returns the exit code. A skipped test counts as not run, and that is not a pass. */
async function main(folder: string): Promise<number> {
  const lines: string[] = [];
  const sum = { passed: 0, failed: 0, skipped: 0 };
  for (const [index, each] of STEPS.entries()) {
    process.stdout.write(`\n── ${index + 1}/${STEPS.length} ${each.name}: ${each.run.join(' ')}\n`);
    const startedAt = performance.now();
    const counts = await runStep(each, folder);
    const seconds = ((performance.now() - startedAt) / 1000).toFixed(1);
    sum.passed += counts.passed;
    sum.failed += counts.failed;
    sum.skipped += counts.skipped;
    lines.push(`${counts.failed === 0 ? 'ok    ' : 'FAILED'} ${seconds.padStart(7)} s  ${each.name}`);
    process.stdout.write(`── ${each.name}: ${counts.failed === 0 ? 'ok' : 'FAILED'} after ${seconds} s\n`);
    if (counts.failed > 0 && each.failure === 'stop') break;
  }
  process.stdout.write(`\n${lines.join('\n')}\n\n${sum.passed} passed, ${sum.failed} failed, ${sum.skipped} skipped\n`);
  return sum.failed === 0 && sum.skipped === 0 ? 0 : 1;
}

const folder = mkdtempSync(join(tmpdir(), 'rouse-test-'));
try {
  process.exitCode = await main(folder);
} finally {
  rmSync(folder, { recursive: true, force: true });
}
