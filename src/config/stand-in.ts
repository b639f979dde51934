/** A service between merging and building: its table, and the spec that it is when nothing of the table can be used. */
import { PLAIN, type Spec } from '../model/spec.ts';
import { type Span, originOf } from './source.ts';
import type { Table } from './tree.ts';

/** A service as it stands after merging: expanded but for its command texts. `span`: where its name was written. */
export interface MergedService {
  readonly name: string;
  readonly table: Table;
  readonly span: Span | null;
}

/** A spec with nothing but defaults. */
export function standIn({ name, span }: MergedService): Spec {
  return {
    name,
    description: '',
    kind: 'service',
    execution: { type: 'external' },
    dependencies: [],
    env: {},
    inheritEnv: [],
    cwd: '/',
    umask: null,
    readiness: { type: 'settle', settleMs: 0 },
    liveness: null,
    startTimeoutMs: Infinity,
    restart: {
      policy: 'no',
      delayMs: 0,
      factor: 1,
      maxDelayMs: 0,
      jitter: 0,
      resetAfterMs: 0,
      limit: 0,
      withinMs: 0,
      atLimit: 'fail',
    },
    stop: { signal: 'SIGTERM', timeoutMs: 10_000, command: null, scope: 'tree', drainMs: 0 },
    successCodes: [0],
    noRestartCodes: [],
    autostart: 'yes',
    labels: {},
    logs: { keepBytes: 0, format: 'text' },
    ...PLAIN,
    healthCheckEndpoint: null,
    url: null,
    hash: '',
    origin: originOf(span),
  };
}
