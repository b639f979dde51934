// A service as the domain would say it, for tests of this room.
import type { Command, Spec } from '../../src/model/spec.ts';
import { PLAIN } from '../../src/model/spec.ts';

export const command = (...argv: readonly string[]): Command => ({
  argv,
  via: 'exec',
  source: argv.join(' '),
  origin: null,
});

/** A process that runs `true`, with what the test wants different. */
export const given = (name: string, different: Partial<Spec> = {}): Spec => ({
  name,
  description: '',
  kind: 'service',
  execution: { type: 'process', command: command('true') },
  dependencies: [],
  env: {},
  inheritEnv: [],
  cwd: '/',
  umask: null,
  readiness: { type: 'settle', settleMs: 0 },
  liveness: null,
  startTimeoutMs: 30_000,
  restart: {
    policy: 'no',
    delayMs: 500,
    factor: 2,
    maxDelayMs: 30_000,
    jitter: 0,
    resetAfterMs: 60_000,
    limit: 10,
    withinMs: 300_000,
    atLimit: 'fail',
  },
  stop: { signal: 'SIGTERM', timeoutMs: 10_000, command: null, scope: 'tree', drainMs: 0 },
  successCodes: [0],
  noRestartCodes: [],
  autostart: 'yes',
  labels: {},
  logs: { keepBytes: 1_000_000, format: 'text' },
  ...PLAIN,
  healthCheckEndpoint: null,
  url: null,
  hash: name,
  origin: null,
  ...different,
});
