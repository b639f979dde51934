/** The smallest spec: a process that is ready as soon as it is started. */
import type { Dependency, Spec } from '../../src/model/spec.ts';
import { PLAIN } from '../../src/model/spec.ts';

/** A spec of that name with those needs, without checks and restarts. */
export function trivialSpec(name: string, dependencies: readonly Dependency[]): Spec {
  return {
    name,
    description: '',
    kind: 'service',
    execution: { type: 'process', command: { argv: ['true'], via: 'exec', source: 'true', origin: null } },
    dependencies,
    env: {},
    inheritEnv: [],
    cwd: '/',
    umask: null,
    readiness: { type: 'settle', settleMs: 0 },
    liveness: null,
    startTimeoutMs: 30_000,
    restart: {
      policy: 'no',
      delayMs: 1,
      factor: 1,
      maxDelayMs: 1,
      jitter: 0,
      resetAfterMs: 1,
      limit: 1,
      withinMs: 1,
      atLimit: 'fail',
    },
    stop: { signal: 'SIGTERM', timeoutMs: 1000, command: null, scope: 'tree', drainMs: 0 },
    successCodes: [0],
    noRestartCodes: [],
    autostart: 'yes',
    labels: {},
    logs: { keepBytes: 0, format: 'text' },
    ...PLAIN,
    healthCheckEndpoint: null,
    url: null,
    hash: name,
    origin: null,
  };
}
