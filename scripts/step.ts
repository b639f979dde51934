// One step of `npm test`: a program that is run to its end, and what its end counts for.
import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';

const ROOT = join(import.meta.dirname, '..');
const LIMIT_MS = 25 * 60_000;

/** What to run, and how to count it. */
export interface Step {
  readonly name: string;
  /** Program and arguments; programs of node_modules/.bin come first on PATH. */
  readonly run: readonly [string, ...string[]];
  /** The step counts as one, or its tests are counted in its place, as tools/ci-reporter.ts writes them down. */
  readonly counts: 'itself' | 'its tests';
  /** What a failure means for the later steps. */
  readonly failure: 'go on' | 'stop';
}

/** Tests, or steps, by how they ended. */
export interface Counts {
  readonly passed: number;
  readonly failed: number;
  readonly skipped: number;
}

/**
 * Runs a step and counts it. `file` is where vitest's counts go: it must not exist yet.
 * A run that fails in spite of its counts is one failure more, since vitest also fails for reasons that are no test;
 * so is a run that counted nothing, or ended before it could count.
 */
export async function runStep({ run, counts }: Step, file: string): Promise<Counts> {
  const succeeded = await succeeds(run, file);
  if (counts === 'itself') return { passed: succeeded ? 1 : 0, failed: succeeded ? 0 : 1, skipped: 0 };
  const counted = countsOf(file) ?? { passed: 0, failed: 0, skipped: 0 };
  const unexplained = counted.failed === 0 && (!succeeded || counted.passed === 0) ? 1 : 0;
  return { ...counted, failed: counted.failed + unexplained };
}

function succeeds([program, ...args]: readonly [string, ...string[]], countsFile: string): Promise<boolean> {
  const path = [join(ROOT, 'node_modules/.bin'), process.env['PATH']].join(delimiter);
  const env = { ...process.env, PATH: path, ROUSE_TEST_COUNTS: countsFile };
  const child = spawn(program, args, { cwd: ROOT, env, stdio: ['ignore', 'inherit', 'inherit'], detached: true });
  const end = (signal: NodeJS.Signals): void => {
    if (child.pid !== undefined) process.kill(-child.pid, signal);
  };
  const limit = setTimeout(() => {
    process.stdout.write(`   no end after ${LIMIT_MS / 60_000} min, killed\n`);
    end('SIGKILL');
  }, LIMIT_MS);
  const leave = (signal: NodeJS.Signals): void => {
    end(signal);
    process.exit(1);
  };
  process.once('SIGINT', leave).once('SIGTERM', leave);
  return new Promise<boolean>((resolve) => {
    child.once('error', (error) => {
      process.stdout.write(`   ${error.message}\n`);
      resolve(false);
    });
    child.once('exit', (code) => resolve(code === 0));
  }).finally(() => {
    clearTimeout(limit);
    process.off('SIGINT', leave).off('SIGTERM', leave);
  });
}

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
    return ''; // Never written: runStep reports that as a failure.
  }
}
