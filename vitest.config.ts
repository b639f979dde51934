// Four projects: `unit` (no real process, no real clock), `sim` (the simulator's own tests), `e2e` (real processes,
// sockets and Debian programs), `security` (attacks on a daemon that runs as root). Each can be run alone: `npx vitest run --project unit`.
import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitest/config';
import CiReporter from './tools/ci-reporter.ts';

const source = (path: string): string => fileURLToPath(new URL(`src/${path}`, import.meta.url));

const realProcesses = [
  'test/e2e/**/*.test.ts',
  'test/docs/**/*.test.ts',
  'test/examples/**/*.test.ts',
  'test/regressions/**/*.test.ts',
];
const simulator = ['test/sim/**/*.test.ts'];
const attacks = ['test/security/**/*.test.ts'];

export default defineConfig({
  resolve: {
    alias: [
      { find: /^rouse$/, replacement: source('index.ts') },
      { find: /^rouse\/client$/, replacement: source('client/client.ts') },
      { find: /^rouse\/testing$/, replacement: source('testing/index.ts') },
    ],
  },
  test: {
    reporters: ['default', new CiReporter()],
    setupFiles: ['test/setup/own-folders.ts'],
    globalSetup: ['test/setup/no-leftovers.ts'],
    passWithNoTests: false,
    allowOnly: false,
    coverage: { provider: 'v8', include: ['src/**/*.ts'], reporter: ['text-summary', 'html'] },
    projects: [
      {
        extends: true,
        test: {
          name: 'unit',
          include: ['test/**/*.test.ts'],
          exclude: [...realProcesses, ...simulator, ...attacks],
          testTimeout: 10_000,
        },
      },
      { extends: true, test: { name: 'sim', include: simulator, testTimeout: 120_000 } },
      {
        extends: true,
        test: { name: 'e2e', include: realProcesses, testTimeout: 60_000, hookTimeout: 60_000 },
      },
      {
        extends: true,
        test: { name: 'security', include: attacks, testTimeout: 60_000, hookTimeout: 60_000 },
      },
    ],
  },
});
