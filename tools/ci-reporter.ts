import { appendFileSync } from 'node:fs';
import type { Reporter, TestModule } from 'vitest/node';

/**
 * Ends every vitest run in one line that other programs count: `N passed, N failed, N skipped`.
 * Shapes: a test file that cannot be loaded, and an error outside any test, counts as one failed. With the
 * environment variable `ROUSE_TEST_COUNTS` the line goes to that file instead, for scripts/test.ts to sum up.
 */
export default class CiReporter implements Reporter {
  onTestRunEnd(modules: readonly TestModule[], unhandled: readonly unknown[]): void {
    const counts = { passed: 0, failed: unhandled.length, skipped: 0 };
    for (const module of modules) {
      for (const test of module.children.allTests()) {
        const { state } = test.result();
        counts[state === 'pending' ? 'failed' : state] += 1;
      }
      counts.failed += module.errors().length;
      for (const suite of module.children.allSuites()) counts.failed += suite.errors().length;
    }
    const line = `${counts.passed} passed, ${counts.failed} failed, ${counts.skipped} skipped\n`;
    const file = process.env['ROUSE_TEST_COUNTS'];
    if (file === undefined) process.stdout.write(`\n${line}`);
    else appendFileSync(file, line);
  }
}
